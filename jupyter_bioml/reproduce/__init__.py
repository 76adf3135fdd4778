"""Making a run again, and judging what came of it."""
