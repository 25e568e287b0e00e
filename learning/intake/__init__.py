"""Programmes made elsewhere: reading, looking, bringing in."""
