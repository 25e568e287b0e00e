"""Tests of the tools."""
"""The tools that know nothing of learning or events."""
