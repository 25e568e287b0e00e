"""Organisers, the organisations that take part, and who is partner of whose network."""
