"""Tools that know nothing of learning or events."""
