"""What stands in programmes and needs no more."""
