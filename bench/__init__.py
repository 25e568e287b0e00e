"""How fast and how many: figures as ratios against bare apps in the same run.

Run by hand, never a timed test.
"""
