"""Widgets for notebooks without the lab extension."""
