"""The desk of an organiser: making, editing, placing and releasing programmes."""

from learning.programmes.manage import (
    brand,
    bringing,
    grid,
    handing,
    importing,
    lists,
    merging,
    network,
    printing,
    releases,
    starting,
    suggesting,
    things,
)
from learning.programmes.manage.doors import bp

__all__ = [
    "bp", "brand", "bringing", "grid", "handing", "importing", "lists", "merging", "network", "printing", "releases",
    "starting", "suggesting", "things",
]  # fmt: skip
