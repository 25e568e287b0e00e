"""Leerkring: events and learning communities, from programme to invoice."""

VERSION = "0.1.0"  # the same as in pyproject.toml; a test compares them
