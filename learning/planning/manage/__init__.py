"""Planning at the desk: the grid, proposals, and releases."""

from learning.planning.manage import grid, releases, suggestions
from learning.planning.manage.door import bp

__all__ = ["bp", "grid", "releases", "suggestions"]
