"""Speakers: what they hand in by their own link, photos, slides, absences."""
