"""Seats in sessions, and the waiting lists for them."""
