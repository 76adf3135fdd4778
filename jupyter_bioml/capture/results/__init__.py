"""The results of a cell: its scores with their names and their runs, and the values that are not scores."""
