"""Tests of the tools."""

"""The tools that know nothing of learning or events."""
"""Tests of the tools that know nothing of learning."""
