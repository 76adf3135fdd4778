"""Work of a promotion that may wait without end: a mount that hangs, a server that never answers, a pipe for a file.

A promotion holds the lock of its alias meanwhile. So such work has a thread of its own, and a limit: what takes longer
is left to itself, and the promotion goes on without it. Where the work may leave more behind than a thread (DVC's own
threads, programs of the user), it has a process instead (:mod:`.probing`).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from ..errors import BiomlError

T = TypeVar("T")


class TookTooLong(BiomlError):
    """It was still at work when its time was over."""

    code = "took-too-long"


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns, or raises.

    :param seconds: its time limit.
    :raises TookTooLong: it took longer. It may still end later; nobody hears of it.
    """
    ended: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def begin() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:  # also sys.exit() in code that it loads: the caller judges it
            ended.put((None, error))

    threading.Thread(target=begin, name="bioml-limited", daemon=True).start()
    try:
        found, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise TookTooLong(f"It took longer than {seconds:g} s.") from None
    if error is not None:
        raise error
    return found  # type: ignore[return-value]
