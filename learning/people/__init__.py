"""Accounts that sign in, persons as an organiser knows them, staff and contacts."""
