"""How our processes are started: detached, or forked from one that has already imported what they need."""
