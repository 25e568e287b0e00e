"""Formats templates: no line over 140 characters, and not a blank more or less where a reader would see it.

`python -m tools.markup` writes them; with `--check` it names those that are not formatted and ends with 1.
"""
