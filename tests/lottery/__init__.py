"""The fair draw as plain values."""
