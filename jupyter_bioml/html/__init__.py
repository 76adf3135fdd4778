"""What pages that are files (reports, tables) are laid out with."""
