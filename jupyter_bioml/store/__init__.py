"""Where runs and models are kept: the interface, MLflow behind it, limits and names."""
