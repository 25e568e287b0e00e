"""Releases and what they differ in."""
