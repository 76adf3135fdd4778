"""A run's repository: its state, uncommitted changes, objects."""
