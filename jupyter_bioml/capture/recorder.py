"""The recorder: one per kernel, from cell start to cell end, into the journal.

It waits for nothing: no hash of a file, no network, no disk sync, no subprocess. What fails becomes a
``CaptureGap``; nothing here may change the cell's result, its outputs, its exception or a random state.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..config import Destination, Project, Settings
from ..git.state import GitState
from ..journal.blobs import Blobs
from ..journal.launch import start_detached
from ..journal.liveness import kernel_segment
from ..journal.log import Segment
from ..records.facts import CaptureGap, DataUse
from ..redact import redact
from . import cellcode, options, session, states
from .active import ActiveRun, CellRequest, ModelRuns, OpenCell, Ownership
from .files.observer import FileObserver
from .findings import Memory
from .imports import ImportWatch
from .modules import ModuleObserver
from .options import RunOptions
from .outputs import OutputBuffer, OutputTee
from .user_runs import point_to_project

if TYPE_CHECKING:
    from ..records.signs import CellRuns
    from .rerun.confine import Confinement
    from .rerun.probes import ProbeObserver

#: The recorder of this process, once the extension is loaded.
active: Recorder | None = None


#: On a run that a reproduction made to prove a cause: the cause.
PROOF_TAG = "bioml.proof"


class Recorder:
    """Journals the cell runs of one shell.

    :param shell: the ``InteractiveShell``; only its namespace and display objects are used.
    """

    def __init__(self, shell: Any, project: Project, destination: Destination, settings: Settings) -> None:
        self.shell = shell
        self.project = project
        self.destination = destination
        self.settings = settings
        self.auto = settings.auto
        self.pid = os.getpid()
        self.session = session.new_session_id()
        self.blobs = Blobs(project.blobs)
        self.segment = Segment(kernel_segment(project.journal, self.session))
        self.notebook, self.path_source = session.notebook_at_start(project)
        self.memory = Memory()
        self.owners = Ownership()
        self.probes = _probes(project)
        self.files = FileObserver(project, _confinement(project, destination) or self.probes)
        self.modules = ModuleObserver(project, self.blobs)
        self.states = states.StateObserver(self.blobs)
        self.git = GitState(project.root)
        self.tee = OutputTee(shell, self._buffer)
        self.imports = ImportWatch(
            {
                "numpy.random": self._generator_imported("numpy"),
                "torch": self._generator_imported("torch"),
                "mlflow": lambda module: point_to_project(module, destination),
            }
        )
        self.open: OpenCell | None = None
        self.seq = 0
        self.ended: list[ActiveRun] = []
        """Runs of this session that have ended, oldest first (for ``--join`` and the card)."""
        self.read_before: dict[str, DataUse] = {}
        """Path (of a value: name) → data that cells of this session have read, for the card."""
        self.models = ModelRuns()
        """Which run made a model (auto mode joins a cell that reads it)."""
        self.cells: CellRuns | None = None
        """The cell runs of this session, once one has ended."""
        self.later: list[Callable[[], None]] = []
        """Work that waits until the reply is sent: serialising a model that was not requested."""

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Write the header, install the observers, start the sampler."""
        header = session.header(self.session, self.project, self.destination, self.settings)
        header["states"] = self.states.read()  # of those imported later: right after their import
        self.segment.append(header)
        self.resume()
        os.register_at_fork(after_in_child=self._forked)
        try:
            start_detached("jupyter_bioml.sampler.loop", [str(self.segment.path)])
        except OSError as error:
            self.session_gap("sampler", f"the helper process could not be started: {error.strerror or error}")

    def pause(self) -> None:
        """Take every observer off; the session stays open."""
        self.run_later()
        self.imports.uninstall()
        self.tee.uninstall()
        self.files.uninstall()
        if self.probes is not None:
            self.probes.uninstall()

    def resume(self) -> None:
        """Put the observers back."""
        if self.probes is not None:
            self.probes.install()
        self.files.install()
        self.tee.install()
        self.imports.install()

    def stop(self) -> None:
        """End the session in order and give everything back."""
        self.pause()
        self.segment.append({"t": "closed", "at": time.time()})
        self.segment.close()

    def _forked(self) -> None:
        """A forked child is nobody's kernel: it must not write here nor hold the lock."""
        self.segment.abandon_in_child()
        self.open = None
        self.owners.cell_started(None)
        self.tee.uninstall()

    def session_gap(self, part: str, reason: str) -> None:
        """Something of the session, not of one run, could not be captured."""
        self.segment.append({"t": "gap", "run": None, "at": time.time(), "part": part, "reason": redact(reason)})

    def _generator_imported(self, library: str) -> Callable[[ModuleType], None]:
        """Right after its first import: keep the generator's state; seed it if the run asks for that."""

        def imported(_: ModuleType) -> None:
            found = self.states.read()
            if library in found:
                self.segment.append({"t": "states", "at": time.time(), "states": {library: found[library]}})
            run = self.owners.cell
            if run is not None and run.options.seed is not None:
                self.memory.seeds.update(states.seed_all(run.options.seed))

        return imported

    def _buffer(self) -> OutputBuffer | None:
        run = self.owners.current()
        return None if run is None else run.buffer

    # -- a cell starts ----------------------------------------------------------------------------

    def cell_started(self, request: CellRequest) -> None:
        """Append ``started`` before the cell's code runs."""
        self.run_later()
        self.segment.heal()
        if request.notebook:
            self._notebook_said(request.notebook)
        magic, body = options.split(request.source)
        chosen = options.parse(magic) if magic else RunOptions()
        mark = self._mark(magic, request)
        namespace = self.shell.user_ns
        tree = cellcode.parse_cell(request.transformed if request.transformed is not None else body)
        statements = [] if tree is None else tree.body
        code = cellcode.analyse(statements, namespace, self.memory.clocks, request.source)
        part_of, gaps = self._joined(chosen, mark, code, namespace)
        run = self._new_run(mark, chosen, code, part_of)
        if mark != "cell" and chosen.seed is not None:
            self.memory.seeds.update(states.seed_all(chosen.seed))
        kept: dict[str, str] = {}
        if mark != "cell":
            self._attach_buffer(run)
            kept, more = self._read_states()
            gaps += more
        started = self._started(run, request, magic, body, kept)
        self.segment.append(started)
        given = self.memory.in_force(code, body, namespace) if mark != "cell" else {}
        digests = self._digests(chosen, namespace) if mark != "cell" else {}
        maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        text = started["code"]["source"]
        self.open = OpenCell(
            run, request, text, chosen, statements, code, given, digests, cpu_seconds(), maxrss, 0.0, gaps
        )
        self.files.start()
        if self.probes is not None:
            self.probes.start()
        self.tee.install()
        self.owners.cell_started(run if mark != "cell" else None)
        self.open.clock = time.perf_counter()

    def _mark(self, magic: str | None, request: CellRequest) -> str:
        if magic:
            return "magic"
        if options.TAG in request.tags:
            return "tag"
        return "auto" if self.auto else "cell"

    def _new_run(self, mark: str, chosen: RunOptions, code: cellcode.CellCode, part_of: str | None) -> ActiveRun:
        self.seq += 1
        return ActiveRun(
            record_id=os.urandom(16).hex(),
            segment=self.segment,
            mark=mark,
            name=chosen.name,
            options=chosen,
            started=time.time(),
            seq=self.seq,
            part_of=part_of,
            code=code,
        )

    def _attach_buffer(self, run: ActiveRun) -> None:
        if run.options.outputs and self.settings.outputs:
            limit, display = self.settings.output_limit_kb << 10, self.settings.display_limit_kb << 10
            run.buffer = OutputBuffer(run.output, self.blobs, limit, display)

    def _started(
        self, run: ActiveRun, request: CellRequest, magic: str | None, body: str, kept: dict[str, str]
    ) -> dict[str, Any]:
        chosen = run.options
        entry: dict[str, Any] = {
            "t": "started",
            "run": run.record_id,
            "at": run.started,
            "seq": run.seq,
            "mark": run.mark,
            "code": {
                "source": redact(body),
                "cell_id": request.cell_id,
                "notebook": self.notebook,
                "path_source": self.path_source,
                "tags": list(request.tags),
            },
        }
        if run.mark == "cell":
            return entry
        if magic:
            entry["code"]["magic"] = redact(magic)
        entry.update(
            name=redact(chosen.name) if chosen.name else None,
            note=redact(chosen.note) if chosen.note else None,
            tags={key: redact(value) for key, value in chosen.tags} | _proof_tag(),
            git=self.git.read(),
            part_of=run.part_of,
            reproduces=os.environ.get("BIOML_REPRODUCES") or None,
            compared=None if chosen.metrics is None else list(chosen.metrics),
            states=kept,
            resources=chosen.resources and self.settings.resources,
        )
        return entry

    def _read_states(self) -> tuple[dict[str, str], list[CaptureGap]]:
        try:
            return self.states.read(), []
        except Exception as error:
            return {}, [CaptureGap("states", f"{type(error).__name__}: {error}")]

    def _digests(self, chosen: RunOptions, namespace: dict[str, Any]) -> dict[str, Any]:
        """Digests of the values named by ``--data``; paths are left to the end."""
        if not chosen.data:
            return {}
        from .values.digest import value_digest

        return {name: value_digest(namespace[name]) for name in chosen.data if name in namespace}

    def _notebook_said(self, said: str) -> None:
        notebook = self.project.relative(Path.cwd() / said)
        source = "engine" if os.environ.get("BIOML_ENGINE") else "front-end"
        if (notebook, source) == (self.notebook, self.path_source):
            return
        self.notebook, self.path_source = notebook, source
        self.segment.append({"t": "renamed", "at": time.time(), "notebook": notebook, "path_source": source})

    # -- belonging together ------------------------------------------------------------------------

    def _joined(
        self, chosen: RunOptions, mark: str, code: cellcode.CellCode, namespace: dict[str, Any]
    ) -> tuple[str | None, list[CaptureGap]]:
        """The run that this cell becomes part of, as asked by ``--join`` or found in auto mode."""
        if chosen.join is not None:
            target = self.find_run(chosen.join)
            if target is None:
                wanted = f"no finished run {chosen.join!r} in this session" if chosen.join else "no finished run yet"
                return None, [CaptureGap("join", f"{wanted}: this cell became a run of its own")]
            return target, []
        if mark == "auto" and not code.fits and not code.trains:
            for name in code.reads:
                record = self.models.run_of(namespace.get(name))
                if record is not None:
                    return record, []
        return None, []

    def find_run(self, wanted: str) -> str | None:
        """The record id of an ended run of this session by name or id prefix; empty: the last one."""
        for run in reversed(self.ended):
            if run.part_of or run.parent:
                continue
            if not wanted or run.name == wanted or run.record_id.startswith(wanted):
                return run.record_id
        return None

    # -- after the reply ---------------------------------------------------------------------------

    def run_later(self) -> None:
        """Do what was left for after the reply; at the latest before the next cell's code."""
        while self.later:
            work = self.later.pop(0)
            with contextlib.suppress(Exception):
                work()


def _confinement(project: Project, destination: Destination) -> Confinement | None:
    """What the kernel of a reproduction may write; None in every other kernel."""
    if project.work is None:
        return None
    from .rerun.confine import Confinement

    return Confinement(project, destination)


def _probes(project: Project) -> ProbeObserver | None:
    """In the kernels of a batch that skips what is unchanged; None in every other one."""
    if not os.environ.get("BIOML_PROBES"):
        return None
    from .rerun.probes import ProbeObserver

    return ProbeObserver(project)


def _proof_tag() -> dict[str, str]:
    """Says of a run that it was made to prove a cause, and which."""
    factor = os.environ.get("BIOML_PROOF")
    return {PROOF_TAG: factor} if factor else {}


def current_record_id() -> str | None:
    """The record id of the run that the calling code belongs to (for MLflow's run context)."""
    run = None if active is None else active.owners.current()
    return None if run is None else run.record_id


def note_user_run() -> None:
    """MLflow's run context says that the user's code opens a run in the current cell."""
    run = None if active is None else active.owners.current()
    if run is not None:
        run.opened_user_run = True


def cpu_seconds() -> float:
    """CPU time of this process and its ended children (those in clock ticks), in seconds."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
