"""Leerkring: events and learning communities, from programme to invoice."""
