"""Only in kernels that make a run again or prove a cause: writes held back, generators put back, clocks held still."""
