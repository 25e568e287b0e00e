"""Programmes with all they hold, and their releases."""
