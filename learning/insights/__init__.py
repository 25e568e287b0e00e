"""The organiser's figures: how full, how many, what is still to do."""
