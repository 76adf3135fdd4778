"""Two runs' outputs, level by level."""
