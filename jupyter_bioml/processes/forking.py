"""Whether this process can be forked soundly: a fork copies one thread only, and no connection outlives it."""

from __future__ import annotations

import os
import sys

#: While libraries are imported: one thread only (OpenBLAS and Arrow's allocator start theirs at import).
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


def unfit() -> str | None:
    """Why a fork of this process would not be a sound one; None when it would."""
    try:
        threads = [_name_of(thread) for thread in os.listdir("/proc/self/task") if int(thread) != os.getpid()]
    except OSError:
        return "this system does not tell the threads of a process"
    if threads:
        return f"it has {len(threads)} threads more than one: {', '.join(sorted(set(threads)))}"
    zmq = sys.modules.get("zmq")
    if zmq is not None and zmq.Context._instance is not None:
        return "it has a context of zmq"
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return "CUDA is initialised"
    return None


def _name_of(thread: str) -> str:
    try:
        with open(f"/proc/self/task/{thread}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "unknown"
