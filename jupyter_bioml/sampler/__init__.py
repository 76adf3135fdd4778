"""The process beside a kernel: readings, slow observations, the journal's sync, the kernel's death."""
