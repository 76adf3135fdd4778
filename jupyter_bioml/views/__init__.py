"""What the server answers: wire types, and how they are made."""
