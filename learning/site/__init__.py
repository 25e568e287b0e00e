"""The public pages, read from releases."""
