"""Running one notebook without a person: papermill's engine, worker processes, forked kernels."""
