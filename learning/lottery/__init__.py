"""The fair draw as plain values; knows nothing of the rest."""
