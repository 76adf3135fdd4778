"""Append-only, crash-safe local log of records: the truth until published."""
