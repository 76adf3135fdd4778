"""A cell and its run while it runs: what was asked, the run's identity, and the fast path of ``log()``."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import threading
import time
import weakref
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..canonical import jsonable
from ..journal.log import Segment, frame
from ..records.facts import CaptureGap
from ..redact import redact, redact_value
from .cellcode import CellCode, real_scalar
from .models_before import Before
from .options import RunOptions
from .outputs import OutputBuffer

if TYPE_CHECKING:
    from .inner_code import InnerCode

_CRC = zlib.crc32
_NOW = time.time_ns
#: Metric → its name in JSON with the colon: the same few names are logged again and again.
_KEYS: dict[str, str] = {}


def masked(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Named values as the journal keeps them: JSON holds them, and secrets are masked, also those that only the name
    gives away."""
    plain: dict[str, Any] = redact_value(jsonable(dict(values)))
    return plain


def _quoted(key: str) -> str:
    text = json.dumps(redact(key)) + ":"
    if len(_KEYS) < 10_000:
        _KEYS[key] = text
    return text


@dataclass(eq=False, repr=False)
class ActiveRun:
    """One open run. ``log`` and its relatives may be called from any thread, also after its end."""

    record_id: str
    segment: Segment
    mark: str
    name: str | None
    options: RunOptions
    started: float
    seq: int
    parent: str | None = None
    part_of: str | None = None
    cell_id: str | None = None
    place: int | None = None
    """Of the cell among the notebook's code cells, from 1."""
    buffer: OutputBuffer | None = None
    ended: bool = False
    opened_user_run: bool = False
    """The user's own code opened an MLflow run in this cell."""
    logged: dict[str, float] = field(default_factory=dict)
    """Last logged value of each metric: for the card, and so that ours does not repeat it."""
    logged_params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    """All metrics at the end, for the card of the next run of this name."""

    @property
    def same(self) -> tuple[str | None, str | None]:
        """What runs of one name have in common; of runs without one, those of one cell."""
        return (self.name, None) if self.name is not None else (None, self.cell_id)

    def __post_init__(self) -> None:
        self._append_line = self.segment.append_line
        self._head = f'{{"t":"log","run":"{self.record_id}","at":'

    def log(self, metrics: dict[str, Any], step: int | None) -> None:
        """Append metrics: one line, one ``write``; anything but plain finite numbers takes the slow path."""
        body = ""
        for key, value in metrics.items():
            kind = type(value)
            if not (kind is float and value - value == 0.0) and kind is not int:
                return self._log_slowly(metrics, step)
            said = f"{_KEYS.get(key) or _quoted(key)}{value!r}"
            body = f"{body},{said}" if body else said
        if self.ended or not body or (step is not None and type(step) is not int):
            return self._log_slowly(metrics, step)
        tail = "}}" if step is None else f'}},"step":{step}}}'
        now = str(_NOW() // 1000)  # microseconds, cut in two: that takes half as long as to format a float
        payload = f'{self._head}{now[:-6]}.{now[-6:]},"m":{{{body}{tail}'.encode("ascii")
        self._append_line(b"%08x %s\n" % (_CRC(payload), payload))
        self.logged.update(metrics)
        return None

    def _log_slowly(self, metrics: dict[str, Any], step: int | None) -> None:
        plain = {}
        for key, value in metrics.items():
            number = real_scalar(value)
            plain[str(key)] = redact_value(jsonable(value)) if number is None else jsonable(number)
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                self.logged[str(key)] = float(number)
        entry: dict[str, Any] = {"t": "log", "run": self.record_id, "at": time.time(), "m": plain}
        if step is not None:
            entry["step"] = int(step)
        self.append(entry)

    def log_params(self, params: dict[str, Any]) -> None:
        """Append parameters that the user's code names itself."""
        plain = masked(params)
        self.logged_params.update(plain)
        self.append({"t": "params", "run": self.record_id, "at": time.time(), "p": plain})

    def tag(self, tags: dict[str, Any]) -> None:
        """Append tags; names that we own get ``user.`` in front, as MLflow shows them."""
        try:
            named = {str(key): redact(str(value)) for key, value in tags.items()}
        except Exception as error:  # an object of the user's that has no text
            self.gap("tags", f"{type(error).__name__}: {error}")
            return
        plain = {f"user.{key}" if key.startswith("bioml.") else key: value for key, value in named.items()}
        self.append({"t": "tags", "run": self.record_id, "at": time.time(), "tags": plain})

    def append_all(self, entries: list[dict[str, Any]]) -> None:
        """Append entries of this run, which has not ended yet, at once."""
        self.segment.append_all(entries)

    def append(self, entry: dict[str, Any]) -> None:
        """Append an entry of this run; marked ``after_end`` when the run has ended."""
        if self.ended and entry["t"] not in ("finished", "model"):
            entry["after_end"] = True
        self.segment.append_line(frame(entry))

    def gap(self, part: str, reason: str) -> None:
        """Name something that could not be captured."""
        self.append(
            {"t": "gap", "run": self.record_id, "at": time.time(), "part": part, "reason": redact(reason)[:500]}
        )

    def output(self, items: list[dict[str, Any]]) -> None:
        """Append captured outputs."""
        self.append({"t": "output", "run": self.record_id, "at": time.time(), "o": items})


@dataclass(eq=False, repr=False)
class CellRequest:
    """A cell as the front end asked for it."""

    source: str
    transformed: str | None = None
    cell_id: str | None = None
    tags: tuple[str, ...] = ()
    notebook: str | None = None
    """Path said by the front end with this very request."""
    cells: tuple[str, ...] | None = None
    """Ids of the notebook's code cells from top to bottom; None: the front end did not say."""
    deleted: tuple[str, ...] = ()
    """Ids of cells that were deleted since the last request."""

    @property
    def place(self) -> int | None:
        """Of the cell among the notebook's code cells, from 1; None: the front end did not say."""
        if self.cell_id is None or self.cells is None or self.cell_id not in self.cells:
            return None
        return self.cells.index(self.cell_id) + 1


@dataclass(eq=False, repr=False)
class OpenCell:
    """What is kept between the start and the end of a cell."""

    run: ActiveRun
    request: CellRequest
    source: str
    """The cell's text as it was journaled."""
    options: RunOptions
    body: list[ast.stmt]
    code: CellCode
    given: dict[str, Any]
    digests: dict[str, Any]
    """Named values: name → digest at the start (``ValueDigest`` or None)."""
    cpu: float
    maxrss: int
    clock: float
    gaps: list[CaptureGap] = field(default_factory=list)
    before: Before | None = None
    """The models that were there when it started."""
    inner: InnerCode | None = None
    """The code in its magics; None: it has none."""
    kept_by_children: bool = False
    """A child run in it kept a model."""


class ModelRuns:
    """Which run made a model, for as long as the model lives. Nothing is kept alive here.

    A value that takes no weak reference (a list, a dictionary) is not remembered: its id alone would name the wrong run
    once another value gets it.
    """

    def __init__(self) -> None:
        self._runs: dict[int, tuple[weakref.ref[Any], str]] = {}

    def __bool__(self) -> bool:
        """Is there a model of a run?"""
        return bool(self._runs)

    def alive(self) -> list[tuple[Any, str]]:
        """(model, record id of the run that made it) of those that still live."""
        return [(model, run) for reference, run in list(self._runs.values()) if (model := reference()) is not None]

    def forget(self, model: Any) -> None:
        """``model`` was fitted again outside of every run."""
        self._runs.pop(id(model), None)

    def made(self, model: Any, record_id: str) -> None:
        """``model`` was made by that run."""
        key = id(model)
        with contextlib.suppress(TypeError):
            self._runs[key] = (weakref.ref(model, lambda _: self._runs.pop(key, None)), record_id)

    def run_of(self, value: Any) -> str | None:
        """The record id of the run that made ``value``; None: none did."""
        reference, record_id = self._runs.get(id(value), (None, None))
        return record_id if reference is not None and reference() is value else None


class Ownership:
    """Which run a piece of running code belongs to.

    A task follows its context. A thread belongs to the cell that started it: one not seen before was
    started by the cell that runs now, and :meth:`cell_ended` remembers those that outlive it.
    """

    def __init__(self) -> None:
        self.cell: ActiveRun | None = None
        """The run of the cell that runs now."""
        self._context: ContextVar[ActiveRun | None] = ContextVar("bioml_run", default=None)
        self._threads: weakref.WeakKeyDictionary[threading.Thread, ActiveRun | None] = weakref.WeakKeyDictionary()
        self._main = threading.main_thread().ident
        self._pid = os.getpid()

    def enter(self, run: ActiveRun | None) -> None:
        """``run`` (a cell's, or a child of it) is current in this context from now on."""
        self._context.set(run)

    def current(self) -> ActiveRun | None:
        """The run of the calling code; None outside every run and in forked children."""
        run = self._context.get()
        if run is not None:
            return run
        if threading.get_ident() == self._main or os.getpid() != self._pid:
            return None
        return self._threads.get(threading.current_thread(), self.cell)

    def cell_ended(self) -> None:
        """Remember the threads that the ended cell leaves behind."""
        if threading.active_count() > len(self._threads):
            for thread in threading.enumerate():
                self._threads.setdefault(thread, self.cell)
        self.cell = None

    def cell_started(self, run: ActiveRun | None) -> None:
        """Threads of before (the kernel's own at the first call) belong to no cell of now."""
        if threading.active_count() > len(self._threads):
            for thread in threading.enumerate():
                self._threads.setdefault(thread, None)
        self.cell = run
        self.enter(run)
