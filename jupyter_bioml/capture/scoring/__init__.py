"""Which scoring functions the user's code calls, what they return, and of which model."""
