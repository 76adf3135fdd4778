"""Recorded environments: their lock, built again, compared, tried with newer versions."""
