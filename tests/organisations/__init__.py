"""Tests of organisers and organisations."""
