"""The machine: its distributions, environment and readings."""
