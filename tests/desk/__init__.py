"""The desk: rows, lists, placing, how an organiser shows itself."""
