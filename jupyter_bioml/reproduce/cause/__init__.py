"""Why a run differs or could not run: observations, then the table of causes."""
