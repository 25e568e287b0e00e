"""The main walks in a real browser."""
