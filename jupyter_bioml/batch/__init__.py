"""Many notebooks at once: requests, tasks, executors, sweeps, reports."""
