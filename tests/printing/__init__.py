"""Documents that an organiser prints."""
