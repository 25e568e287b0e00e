"""Tests of signing in and persons."""
