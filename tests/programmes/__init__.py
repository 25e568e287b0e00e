"""The desk: editing, placing, releasing."""
