"""Grid, warnings, timetable and the page of releases."""
