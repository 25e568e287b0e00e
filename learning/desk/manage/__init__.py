"""The desk of an organiser: its rows, its programmes, how it shows itself."""

from learning.desk.doors import bp
from learning.desk.manage import brand, lists, programmes, rows

__all__ = ["bp", "brand", "lists", "programmes", "rows"]
