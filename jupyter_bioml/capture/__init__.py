"""What a cell run used and made, as a record: the recorder, one file per kind of thing that is observed."""
