"""The draw of seats."""
