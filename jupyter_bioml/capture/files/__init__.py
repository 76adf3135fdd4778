"""Files that the user's code reads and writes: stand-ins in front of the functions that open them."""
