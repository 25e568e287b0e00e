"""A person's own timetable, as a page and as a calendar."""
