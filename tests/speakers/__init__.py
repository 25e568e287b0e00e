"""What speakers hand in."""
