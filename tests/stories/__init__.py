"""Walks through the house, told from a person's side."""
