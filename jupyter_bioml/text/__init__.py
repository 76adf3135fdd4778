"""How a value, a time, a table is written."""
