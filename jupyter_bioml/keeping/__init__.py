"""Living with runs: annotate, delete, export, collect."""
