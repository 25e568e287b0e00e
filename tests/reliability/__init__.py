"""What must hold when many come at once, and when the power goes."""
