"""The network at the desk: organisations, partners, contacts."""
