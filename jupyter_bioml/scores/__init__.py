"""Scores as people write them: the words for them, what is printed, and the syntax of the cells that show them."""
