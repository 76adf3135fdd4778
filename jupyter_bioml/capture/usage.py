"""What the kernel has used so far: processor time and memory."""

from __future__ import annotations

import resource
import sys

#: Bytes of ``ru_maxrss``'s unit.
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def used() -> tuple[float, int]:
    """CPU time of this process and its ended children, in seconds, and the most memory that it had (``ru_maxrss``)."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, own.ru_maxrss
