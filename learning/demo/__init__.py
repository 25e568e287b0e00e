"""The demo: the real programmes of five documents, moved to the coming season, with invented people."""
