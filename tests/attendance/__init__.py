"""Tests of registering and being expected."""
