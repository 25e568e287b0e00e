"""Prices and codes."""
