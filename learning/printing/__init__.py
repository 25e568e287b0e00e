"""Booklet, signs and lists as documents."""
