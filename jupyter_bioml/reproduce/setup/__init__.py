"""What is needed to start: the recorded session, its code and data, a fresh folder."""
