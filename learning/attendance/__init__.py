"""Who takes part in which programme, and who is expected at which meeting."""
