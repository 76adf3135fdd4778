"""What a repository says of a run: its state, uncommitted changes, objects."""
