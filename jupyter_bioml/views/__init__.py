"""The server's answers: wire types, and how they are made."""
