"""Record the inputs and results of a cell run: the recorder, and one file per kind of observation."""
