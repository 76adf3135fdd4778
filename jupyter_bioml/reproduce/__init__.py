"""Reproduce a run, and judge the result."""
