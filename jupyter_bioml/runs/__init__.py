"""The project's runs as one list, of the journal's and MLflow's."""
