"""Organisations, partners and contacts at the desk: merging, importing, comparing."""
