"""Formatting of values, times and tables."""
