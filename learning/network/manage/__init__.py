"""The network at the desk: merging, importing, partners and contacts."""

from learning.network.manage import contacts, importing, merging, partners
from learning.network.manage.door import bp

__all__ = ["bp", "contacts", "importing", "merging", "partners"]
