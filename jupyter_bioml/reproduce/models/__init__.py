"""What fitted models learned: read in a process of its own, compared array by array."""
