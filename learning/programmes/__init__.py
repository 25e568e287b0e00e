"""The rows of a programme, and no more."""
