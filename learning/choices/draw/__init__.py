"""The draw of seats: wishes, runs, results, publishing."""
