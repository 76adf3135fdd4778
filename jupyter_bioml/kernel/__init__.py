"""Hooks of a kernel, and the card below a cell."""
