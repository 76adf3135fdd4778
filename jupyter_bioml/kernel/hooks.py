"""The extension's hooks in IPython: they turn its events into calls of the recorder, and never raise."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..capture import front_ends, options
from ..capture import recorder as recording
from ..capture.active import CellRequest
from ..capture.recorder import Recorder
from ..capture.untracked import PORTION
from ..config import destination, find_project, load_settings
from ..errors import BiomlError, UsageError
from ..records.facts import CaptureGap
from ..redact import redact
from ..text.experiment_line import MAGIC, split
from .begun import Begun, cell_that_runs

if TYPE_CHECKING:
    from ..capture.finish import Ended
    from ..capture.outcome import Outcome

#: Seconds after a cell's end at which left work is done: the reply is out by then.
AFTER_REPLY = 0.02
#: Of the cell that tracking started in.
_ABOVE = "what the lines above the one that started tracking printed and logged, and their time, are not in the record"
_hooks: Hooks | None = None


class Hooks:
    """The callbacks of one shell, registered and unregistered together."""

    def __init__(self, shell: Any, recorder: Recorder) -> None:
        self.shell = shell
        self.recorder = recorder
        self.on = False
        self.broken: str | None = None
        self._outer: Any = None
        """The ``ExecutionInfo`` of the front end's cell; magics like ``%%capture`` run cells within it."""
        self._request: str | None = None
        self._left: Any = None
        """The ``ExecutionInfo`` of the cell that switched tracking off: for us it has ended."""

    def register(self) -> None:
        """Start tracking."""
        self._outer = None
        self.shell.input_transformers_cleanup.append(options.take_magic_away)
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)
        self.on = True
        self._after_reply(self._tee_between_cells)

    def unregister(self) -> None:
        """Stop tracking; the shell is as before. For us, the cell that asks for it ends here."""
        cell = self.recorder.open
        if cell is not None:
            cell.gaps.append(CaptureGap("end", "tracking was switched off in this cell"))
            with contextlib.suppress(Exception):
                from ..capture.outcome import Outcome

                self._end(Outcome(execution_count=_count_now(self.shell)))
        with contextlib.suppress(ValueError):
            self.shell.input_transformers_cleanup.remove(options.take_magic_away)
        for event, callback in (("pre_run_cell", self.pre_run_cell), ("post_run_cell", self.post_run_cell)):
            with contextlib.suppress(ValueError):
                self.shell.events.unregister(event, callback)
        self.on = False
        self._left = self._outer
        self._after_reply(self._tee_between_cells)

    def begin(self, begun: Begun | None) -> None:
        """The cell that started tracking is a cell of the session, from the line on that did so."""
        if self.recorder.untracked.pending:
            self._after_reply(self._journal_untracked)
        if begun is None or begun.info is self._left or begun.is_ours:
            return
        self._outer, self._request = begun.info, _request_id(self.shell)
        try:
            self.recorder.cell_started(_request(begun.info, self.shell.user_ns), unseen=not begun.quiet)
            if begun.above and self.recorder.open is not None:
                self.recorder.open.gaps.append(CaptureGap("start", _ABOVE))
        except Exception as error:
            self._failed("start", error)

    def _journal_untracked(self) -> None:
        """Some of the cells that ran before, while nobody waits."""
        untracked = self.recorder.untracked
        if self.on and untracked.pending:
            with contextlib.suppress(Exception):
                untracked.journal(PORTION)
            self._after_reply(self._journal_untracked)

    def _tee_between_cells(self) -> None:
        """Between two cells, where IPython's own tee is off: put ours underneath, or take it out."""
        tee = self.recorder.tee
        if self.on:
            tee.install()
            from ..capture import finish, tainting  # noqa: F401  (while nobody waits: the first cell's end needs these)
            from ..capture.results import collect, keys  # noqa: F401
            from ..scores import loops  # noqa: F401
            from . import card  # noqa: F401
        else:
            tee.uninstall()

    def pre_run_cell(self, info: Any) -> None:
        """A cell starts; one that runs within another (``%%capture``, ``%%time``, a subshell) is part of it."""
        request = _request_id(self.shell)
        within = request == self._request or threading.current_thread() is not threading.main_thread()
        if self._outer is not None and within:
            self._ran_within(info)
            return
        self._outer, self._request = info, request
        try:
            self._says_none(info.raw_cell or "")
            self.recorder.cell_started(_request(info, self.shell.user_ns))
        except KeyboardInterrupt:
            _interrupt_again()
        except UsageError as error:  # the magic itself says so, and the cell does not run
            self.recorder.session_gap("cell start", error.message)
        except BaseException as error:
            self._failed("start", error)

    def post_run_cell(self, result: Any) -> None:
        """A cell has ended; ``result`` is None when an awaiting cell was cancelled."""
        if not self._is_end(result):
            self._ended_within(result)
            return
        self._outer = None
        try:
            ended = None if self.recorder.open is None else self._end(_outcome(self.shell, result))
            if ended is not None:
                self._show(ended)
            if self.recorder.later:
                self._after_reply(self.recorder.run_later)
        except KeyboardInterrupt:
            return
        except BaseException as error:
            self._failed("end", error)

    def _end(self, outcome: Outcome) -> Ended | None:
        from ..capture.finish import cell_ended  # not for the cell that only loads us

        return cell_ended(self.recorder, outcome)

    def _is_end(self, result: Any) -> bool:
        """True at the end of the front end's cell. After an interrupt IPython makes a new ``ExecutionInfo``."""
        if self._outer is None or result is None or result.info is self._outer:
            return True
        return bool(result.info is not None and result.info.raw_cell == self._outer.raw_cell)

    def _ran_within(self, info: Any) -> None:
        """A cell that a magic runs; a run of its own it is not, also where it says so."""
        with contextlib.suppress(Exception):
            if split(info.raw_cell or "")[0] is not None and not options.makes_none(self._outer.raw_cell or ""):
                print(options.NO_RUN, file=sys.stderr)  # noqa: T201

    def _says_none(self, source: str) -> None:
        if MAGIC in source and options.makes_none(source):
            print(options.NO_RUN, file=sys.stderr)  # noqa: T201

    def _ended_within(self, result: Any) -> None:
        cell = self.recorder.open
        with contextlib.suppress(Exception):
            if cell is not None and cell.inner is not None and result.info is not None:
                cell.inner.inner_ended(result.info.raw_cell, result.error_before_exec or result.error_in_exec)

    def _show(self, ended: Ended) -> None:
        from .card import show_card

        if ended.run.mark != "auto" or ended.results.metrics or ended.findings.model or ended.run.logged:
            show_card(self.shell, self.recorder, ended)

    def _after_reply(self, work: Callable[[], None]) -> None:
        """In a terminal there is no loop: then it is done before the next cell, or at the end."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().call_later(AFTER_REPLY, work)

    def _failed(self, part: str, error: BaseException) -> None:
        """Our own failure: the cell goes on as if we were not there; the gap says what is missing."""
        with contextlib.suppress(BaseException):
            cell = self.recorder.open
            reason = redact(f"{type(error).__name__}: {error}")
            if cell is not None and part == "end":
                cell.run.gap("end", reason)
            else:
                self.recorder.session_gap(f"cell {part}", reason)
            if self.broken is None:
                self.broken = reason
                print(f"bioml: this cell could not be tracked ({reason})", file=sys.stderr)  # noqa: T201


def _request(info: Any, namespace: dict[str, Any]) -> CellRequest:
    meta = getattr(info, "cell_meta", None)
    meta = meta if isinstance(meta, dict) else {}
    if not meta.get("cellId"):
        meta = front_ends.announced(info.raw_cell or "") or meta
    said = getattr(info, "cell_id", None) or meta.get("cellId")
    return CellRequest(
        source=info.raw_cell or "",
        transformed=getattr(info, "transformed_cell", None),
        cell_id=front_ends.cell_of(said),
        tags=_texts(meta.get("tags")) or (),
        notebook=front_ends.notebook_of(meta.get("bioml.notebook"), said, namespace),
        cells=_texts(meta.get("bioml.cells")),
        deleted=_texts(meta.get("deletedCells")) or (),
    )


def _texts(value: Any) -> tuple[str, ...] | None:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else None


def _request_id(shell: Any) -> str | None:
    """The id of the execute request that is being served; None in a terminal."""
    try:
        return str(shell.get_parent()["header"]["msg_id"])
    except (AttributeError, KeyError, TypeError):
        return None


def _outcome(shell: Any, result: Any) -> Outcome:
    from ..capture.outcome import Outcome

    if result is None:
        return Outcome(interrupted=True, execution_count=shell.execution_count - 1)
    error = result.error_before_exec or result.error_in_exec
    return Outcome(
        error=error,
        interrupted=isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)),
        execution_count=result.execution_count,
    )


def _count_now(shell: Any) -> int | None:
    """The execution count of the cell that runs."""
    count: int | None = getattr(getattr(shell.displayhook, "exec_result", None), "execution_count", None)
    return count


def _interrupt_again() -> None:
    """The user pressed interrupt while we prepared: deliver it once the cell's own code runs."""
    import _thread

    timer = threading.Timer(0.05, _thread.interrupt_main)
    timer.daemon = True
    timer.start()


def load(shell: Any) -> Hooks | None:
    """Start tracking ``shell``; None (and one line) if that is not possible. Loading twice is silent."""
    global _hooks
    if _hooks is not None and _hooks.shell is shell:
        return _hooks
    try:
        project = find_project(Path.cwd())
        settings = load_settings(project.root)
        recorder = Recorder(shell, project, destination(project), settings)
        begun = cell_that_runs(shell, project)
        before = recorder.untracked.starts(1, begun.count if begun is not None else None)
        recorder.start(fresh=not before and (begun is None or begun.quiet))
    except (BiomlError, OSError) as error:
        print(redact(f"bioml: tracking is off: {error}"), file=sys.stderr)  # noqa: T201
        return None
    if project.fallback:
        print(f"bioml: {project.fallback}; the journal goes to {project.home}", file=sys.stderr)  # noqa: T201
    hooks = Hooks(shell, recorder)
    hooks.register()
    _hooks = hooks
    recording.active = recorder
    atexit.register(_stop)
    hooks.begin(begun)
    return hooks


def unload(shell: Any) -> None:
    """Unload, leaving nothing behind."""
    if _hooks is not None and _hooks.shell is shell:
        _hooks.unregister()
        _stop()
        atexit.unregister(_stop)


def pause(shell: Any) -> None:
    """``%bioml off``: no hook, no observer; the session stays open."""
    if _hooks is not None and _hooks.on:
        _hooks.unregister()
        _hooks.recorder.pause()
        recording.active = None


def resume(shell: Any) -> None:
    """``%bioml on``."""
    if _hooks is None:
        load(shell)
    elif not _hooks.on:
        recorder = recording.active = _hooks.recorder
        recorder.resume()
        _hooks.register()
        begun = cell_that_runs(shell, recorder.project)
        if recorder.untracked.starts(recorder.seq + 1, begun.count if begun is not None else None):
            recorder.states_due = True
        _hooks.begin(begun)


def tracking() -> Hooks | None:
    """The hooks of this process, if the extension is loaded."""
    return _hooks


def session_facts() -> dict[str, str] | None:
    """Where this kernel's session is journaled and published, for the engine that started it."""
    if _hooks is None:
        return None
    recorder = _hooks.recorder
    return {
        "session": recorder.session,
        "project": str(recorder.project.root),
        "home": str(recorder.project.home),
        "destination_key": recorder.destination.key,
    }


def _stop() -> None:
    global _hooks
    if _hooks is not None:
        with contextlib.suppress(Exception):
            _hooks.recorder.stop()
    _hooks = None
    recording.active = None
