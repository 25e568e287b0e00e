"""Programmes made elsewhere."""
