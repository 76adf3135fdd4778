"""`%bioml` and `%%experiment`."""
