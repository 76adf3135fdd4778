"""Digests of values in memory, by their content."""
