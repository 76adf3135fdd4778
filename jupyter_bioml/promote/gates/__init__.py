"""The gates, one kind a file."""
