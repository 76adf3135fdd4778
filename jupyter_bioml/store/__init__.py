"""Storage of runs and models: the interface, MLflow behind it, limits and names."""
