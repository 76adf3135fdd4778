"""Notebooks as documents: their cells, parameters, the notebook of one run."""
