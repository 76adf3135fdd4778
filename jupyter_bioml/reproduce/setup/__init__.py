"""Prepare a reproduction: the recorded session, its code and data, a fresh folder."""
