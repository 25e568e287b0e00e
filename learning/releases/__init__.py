"""The border of the house: pictures, what changed between
two of them, and the offered rows on which people act.
"""
