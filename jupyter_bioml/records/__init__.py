"""The immutable description of one cell run, and how journal entries become one."""
