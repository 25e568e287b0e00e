"""Planning: warnings, timetable, proposals."""
