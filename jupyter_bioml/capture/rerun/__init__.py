"""Only in kernels that reproduce a run or prove a cause: writes refused, random states restored, clocks held."""
