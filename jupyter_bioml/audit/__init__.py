"""The audit log: who did what to which model or run, in a file that shows when it was changed afterwards."""
