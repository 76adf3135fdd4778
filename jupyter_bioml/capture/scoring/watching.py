"""The way to watch functions of libraries, with a back end for each kind of Python.

Python 3.12 and later report starts and returns (``monitored``); for 3.11 two calls are put into the function's code
(``rewritten``). The function object stays the same one: its identity, signature, source, pickle and tracebacks do not
change.
"""

from __future__ import annotations

import sys

from .hooks import Watcher


def new_watcher() -> Watcher:
    """The back end for this Python.

    :raises NoWatcher: when other tools hold every place that Python has for them.
    """
    if sys.version_info >= (3, 12):
        from .monitored import MonitoredCode

        return MonitoredCode()
    from .rewritten import RewrittenCode

    return RewrittenCode()
