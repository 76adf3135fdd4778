"""``python -P -m jupyter_bioml.promote.gate_host FOLDER``: ask the gates of other packages, one after the other.

A gate is the user's code: it may end its process, hang, print without end or leave children behind. So it has a
process that is not the promotion's own and holds none of its locks. Each line of standard input is the number of a
request in FOLDER (:mod:`.gate_request`); its answer is a file there. When the caller is gone, standard input ends, and
so do this process and what it started.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path

from ..audit.project import ProjectAudit
from ..errors import NotFound
from ..store.base import Store
from ..store.opening import StoreOpener
from .asking import asked, raised
from .context import Context
from .facts import Facts
from .gate import GateResult, undecided
from .gate_request import (
    END,
    GateRequest,
    GateSubject,
    answer_file,
    ready_file,
    request_file,
    subject_file,
    taken_over,
    write_answer,
)
from .known_gates import GROUP
from .probing import leads, own_input

#: Seconds beyond a gate's limit before it ends itself: its caller may be gone.
_GRACE = 5


def main(arguments: list[str]) -> int:
    """Answer until the caller says that it was all."""
    folder = Path(arguments[0])
    reading = own_input()
    lines = _lines(reading, folder)
    subject: GateSubject = taken_over(subject_file(folder))
    sys.path += [place for place in subject.places if place and place not in sys.path]
    with _facts(subject, folder) as facts:
        ready_file(folder).touch()
        while (line := lines.get()) != END:
            _answer(int(line), folder, facts, reading)
    return 0


def _lines(reading: int, folder: Path) -> queue.SimpleQueue[str]:
    """What the caller asks for, read by a thread, so that its end is seen also while a gate hangs."""
    found: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in os.fdopen(reading, encoding="ascii", closefd=False):
            found.put(line.strip())
            if line.strip() == END:
                return
        shutil.rmtree(folder, ignore_errors=True)
        if leads():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    return found


def _facts(subject: GateSubject, folder: Path) -> Facts:
    opener = StoreOpener(subject.target)

    def open_store() -> Store:
        store = opener()
        if store is None:
            raise NotFound("MLflow's database is not there (any more).", next="Register a run first.")
        return store

    return Facts(
        subject.project, open_store, subject.version, subject.alias, holder=subject.holder, actor=subject.actor,
        now=subject.now, read_events=ProjectAudit(subject.project, opener).sound_events, scratch=folder,
    )  # fmt: skip


def _answer(number: int, folder: Path, facts: Facts, reading: int) -> None:
    request: GateRequest = taken_over(request_file(folder, number))
    facts.learn(request.known)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(request.seconds) + _GRACE)
    own = os.getpid()
    answer = _judged(request, facts)
    if os.getpid() != own:  # a copy that the gate forked, and that came back from it as well
        os._exit(0)
    try:
        os.fstat(reading)
    except OSError:  # the gate closed it: no further one could be asked here
        os._exit(1)
    signal.alarm(0)
    _flush()
    try:
        write_answer(answer_file(folder, number), answer)
    except Exception as error:  # evidence that nothing can write, of whatever class
        said = f"The gate's answer cannot be kept: {type(error).__name__}."
        write_answer(answer_file(folder, number), undecided(said, "Fix the gate: its evidence must be plain values."))


def _judged(request: GateRequest, facts: Facts) -> GateResult:
    def judge(context: Context) -> GateResult:
        result: GateResult = EntryPoint(request.name, request.place, GROUP).load()(context)
        return result

    try:
        return asked(judge, Context(facts, request.options, request.seconds))
    except BaseException as error:  # sys.exit() and its like end a gate, not the process that asks it
        return raised(error)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the gate may have put anything there
            stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
