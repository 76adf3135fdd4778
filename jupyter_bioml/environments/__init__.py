"""Recorded environments: lock, rebuild, compare, try with newer versions."""
