"""How rows are edited at the desk: lists, forms, saving with
a mark of what was shown, taking away and bringing back.
"""
