"""Many notebooks in one go: what is asked, tasks, executors, sweeps, reports."""
