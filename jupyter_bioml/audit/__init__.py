"""The audit log: who did what to which model or run, in a tamper-evident file."""
