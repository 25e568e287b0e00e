"""Tests of choosing sessions."""
