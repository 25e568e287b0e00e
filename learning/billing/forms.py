"""Buttons of the invoice pages."""

from learning.kit.forms import Form


class GoForm(Form):
    """A button and nothing else."""
