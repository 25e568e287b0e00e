"""Tariffs, codes and agreed prices."""
