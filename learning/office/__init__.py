"""The installation itself: its first start, its owners, the state of the machine, backups."""
