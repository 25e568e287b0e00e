"""Organisations that send rotating people to the meetings of a programme."""
