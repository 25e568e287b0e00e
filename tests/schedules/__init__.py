"""Tests of timetables and calendars."""
