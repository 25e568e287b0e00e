"""One file for each kind of row that the desk edits."""
