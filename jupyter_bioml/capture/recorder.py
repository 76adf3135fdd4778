"""The recorder: one per kernel, from cell start to cell end, into the journal.

It waits for nothing: no hash of a file, no network, no disk sync, no subprocess. What fails becomes a
``CaptureGap``; nothing here may change the cell's result, its outputs, its exception or a random state.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..config import Destination, Project, Settings, kept_folder
from ..git.state import GitState
from ..journal.blobs import Blobs
from ..journal.liveness import kernel_segment
from ..journal.log import Segment, framed
from ..journal.shelter import Shelters
from ..processes.launch import start_detached
from ..records.facts import BEFORE_TRACKING, BEGUN, CaptureGap, DataUse
from ..redact import redact
from ..text.experiment_line import split
from . import callees, cellcode, options, session, states
from .active import ActiveRun, CellRequest, ModelRuns, OpenCell, Ownership
from .asked import InputWatch
from .files.observer import FileObserver
from .findings import Memory
from .imports import ImportWatch
from .joining import joined
from .model_files import ModelFiles
from .models_before import models_before
from .modules import ModuleObserver
from .options import RunOptions
from .outputs import OutputBuffer, OutputTee
from .rerun.chosen import confinement_of, probes_of
from .results.session import SessionScores
from .untracked import Untracked
from .usage import used
from .user_runs import point_to_project

if TYPE_CHECKING:
    from ..records.signs import CellRuns
    from .inner_code import InnerCode

#: The recorder of this process, once the extension is loaded.
active: Recorder | None = None


#: Line magics that set something and run nothing, as IPython has transformed them: most first cells have some.
_SETTING = re.compile(
    r"run_line_magic\([\'\"](?:load_ext|reload_ext|unload_ext|autoreload|matplotlib|config|bioml)[\'\"],"
)
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
        path = kernel_segment(project.journal, self.session)
        self.shelters = Shelters(path, kept_folder(project.root) if project.work is None else None)
        self.blobs = Blobs(project.blobs, self.shelters.blobs)
        self.segment = Segment(path, self.shelters.lines, retries=True)
        self.notebook, self.path_source = session.notebook_at_start(project)
        self._reproduces, self._proof = os.environ.get("BIOML_REPRODUCES") or None, _proof_tag()
        self._said: str | None = None
        """The absolute path of the notebook that the front end said last."""
        self.memory = Memory()
        self.owners = Ownership()
        self.probes = probes_of(project)
        self.files = FileObserver(project, confinement_of(project, destination) or self.probes)
        self.modules = ModuleObserver(project, self.blobs)
        self.states = states.StateObserver(self.blobs)
        self.git = GitState(project.root)
        self.tee = OutputTee(shell, self._buffer)
        self.asked = InputWatch(shell)
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
        self.latest: dict[tuple[str | None, str | None], dict[str, float]] = {}
        """Which run it is (:attr:`ActiveRun.same`) → the metrics of the last one that had some."""
        self.read_before: dict[str, DataUse] = {}
        """Path (of a value: name) → data that cells of this session have read, for the card."""
        self.unseen_before: dict[CaptureGap, None] = {}
        """What cells of this session read unseen, in order, for the card."""
        self.models = ModelRuns()
        """Which run made a model."""
        self.model_files = ModelFiles(self.models)
        self.scores = SessionScores(self.segment, self.models, self.tee.heard, self._owner)
        self.cells: CellRuns | None = None
        """The cell runs of this session, once one has ended."""
        self.untracked = Untracked(shell, self.segment, project, self.memory)
        """Cells of this kernel that ran while tracking was off."""
        self._late = False
        """Tracking starts: libraries that are told of now were imported long ago."""
        self.states_due = False
        """Nobody saw what was drawn so far: the next cell's start says which states the generators are in."""
        self.later: list[Callable[[], None]] = []
        """Work that waits until the reply is sent: serialising a model that was not requested."""

    # -- life ------------------------------------------------------------------------------------

    def start(self, *, fresh: bool = True) -> None:
        """Write the header, install the observers, start the sampler.

        :param fresh: no code ran in this kernel yet: the generators are in the states that a new kernel gets.
        """
        header = session.header(self.session, self.project, self.destination, self.settings)
        # of those imported later: right after their import
        header["states"] = self.states.read() if fresh else {}
        self.states_due = self._late = not fresh
        self.segment.append(header)
        self.resume()
        self._late = False
        os.register_at_fork(after_in_child=self._forked)
        try:
            shared = self.shelters.descriptors
            start_detached("jupyter_bioml.sampler.loop", [str(self.segment.path), *map(str, shared)], share=shared)
        except OSError as error:
            self.session_gap("sampler", f"the helper process could not be started: {error.strerror or error}")

    def pause(self) -> None:
        """Take every observer off; the session stays open."""
        self.run_later()
        self.untracked.stops()
        self.imports.uninstall()
        self.scores.uninstall()
        self.tee.uninstall()
        self.asked.uninstall()
        self.files.uninstall()
        if self.probes is not None:
            self.probes.uninstall()

    def resume(self) -> None:
        """Put the observers back."""
        if self.probes is not None:
            self.probes.install()
        self.files.install()
        self.tee.install()
        self.asked.install()
        self.imports.install()
        self.scores.install()

    def stop(self) -> None:
        """End the session in order and give everything back."""
        self.pause()
        self.segment.append({"t": "closed", "at": time.time()})
        self.segment.close()

    def unsaved(self) -> str | None:
        """A sentence if the disk refuses and what ended last is not wholly on it."""
        if not self.segment.flush():
            return self.segment.trouble
        if self.shelters.blobs.waiting:
            where = f"The disk of {self.project.root} takes no more"
            return f"{where}: outputs, models or files of this session are kept in memory only; free some space."
        return None

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
        """Right after its first import: seed the generator if the run asks for that, and keep its state, which a
        reproduction puts back at the same moment."""

        def imported(_: ModuleType) -> None:
            run = self.owners.cell
            if run is not None and run.options.seed is not None:
                self.memory.seeds.update(states.seed_all(run.options.seed, (library,)))
            found = self.states.read()
            if library in found and not self._late:
                self.segment.append({"t": "states", "at": time.time(), "states": {library: found[library]}})

        return imported

    def _owner(self) -> str | None:
        run = self.owners.current()
        return None if run is None else run.record_id

    def _buffer(self) -> OutputBuffer | None:
        run = self.owners.current()
        return None if run is None else run.buffer

    # -- a cell starts ----------------------------------------------------------------------------

    def cell_started(self, request: CellRequest, *, unseen: bool = False) -> None:
        """Append ``started`` before the cell's code runs.

        :param unseen: a part of it ran before tracking started, and may have read something.
        """
        self.run_later()
        self.segment.heal()
        if request.notebook:
            self._notebook_said(request.notebook)
        magic, body = split(request.source)
        chosen = options.parse(magic) if magic else RunOptions()
        mark = self._mark(magic, request)
        namespace = self.shell.user_ns
        python = request.transformed if request.transformed is not None else body
        inner = _inner_code(python, namespace)
        tree = cellcode.parse_cell(python if inner is None else inner.flat.text)
        statements = [] if tree is None else tree.body
        code = cellcode.analyse(statements, namespace, self.memory.clocks, request.source)
        part_of, gaps = joined(chosen, mark, code, namespace, self.ended, self.models)
        run = self._new_run(mark, chosen, part_of)
        run.cell_id, run.place = request.cell_id, request.place
        if mark != "cell" and chosen.seed is not None:
            self.memory.seeds.update(states.seed_all(chosen.seed))
        kept: dict[str, str] = {}
        if mark != "cell":
            self._attach_buffer(run)
            self.untracked.journal()
        if unseen:
            gaps.append(CaptureGap(BEFORE_TRACKING, BEGUN))
        elif mark != "cell" or self.states_due:
            kept, more = self._read_states()
            gaps += more
            self.states_due = False
        started = self._started(run, request, magic, body, kept)
        if unseen:
            started["unseen"] = True
            self.untracked.begun.add(run.seq)
        line, written = framed(started)
        self.segment.append_line(line)
        given = self.memory.in_force(code, body, namespace) if mark != "cell" else {}
        digests = self._digests(chosen, namespace) if mark != "cell" else {}
        text = written["code"]["source"]
        self.open = OpenCell(
            run, request, text, chosen, statements, code, given, digests, *used(), 0.0, gaps, inner=inner
        )
        if mark != "cell":
            with contextlib.suppress(Exception):
                self.open.before = models_before(code, callees.callees(code, namespace), namespace)
        self.files.start()
        if self.probes is not None:
            self.probes.start()
        self.tee.install()
        self.owners.cell_started(run if mark != "cell" else None)
        self.scores.start(namespace, run.record_id, is_run=mark != "cell", inner=inner)
        self.open.clock = time.perf_counter()

    def _mark(self, magic: str | None, request: CellRequest) -> str:
        if magic:
            return "magic"
        if options.TAG in request.tags:
            return "tag"
        return "auto" if self.auto else "cell"

    def _new_run(self, mark: str, chosen: RunOptions, part_of: str | None) -> ActiveRun:
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
        )

    def _attach_buffer(self, run: ActiveRun) -> None:
        if run.options.outputs and self.settings.outputs:
            limit, display = self.settings.output_limit_kb << 10, self.settings.display_limit_kb << 10
            run.buffer = OutputBuffer(run.output, self.blobs, limit, display)

    def _started(
        self, run: ActiveRun, request: CellRequest, magic: str | None, body: str, kept: dict[str, str]
    ) -> dict[str, Any]:
        """The entry; secrets are masked when it becomes a line."""
        chosen = run.options
        entry: dict[str, Any] = {
            "t": "started",
            "run": run.record_id,
            "at": run.started,
            "seq": run.seq,
            "mark": run.mark,
            "code": {
                "source": body,
                "cell_id": request.cell_id,
                "notebook": self.notebook,
                "path_source": self.path_source,
                "tags": list(request.tags),
            },
        }
        if run.mark == "cell":
            return {**entry, "states": kept} if kept else entry
        if run.place is not None:
            entry["code"]["place"] = run.place
        if magic:
            entry["code"]["magic"] = magic
        entry.update(
            name=chosen.name or None,
            note=chosen.note or None,
            tags=dict(chosen.tags) | self._proof,
            git=self.git.read(),
            part_of=run.part_of,
            reproduces=self._reproduces,
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
        if said == self._said:
            return
        self._said = said if os.path.isabs(said) else None
        notebook = self.project.relative(Path.cwd() / said)
        source = "engine" if os.environ.get("BIOML_ENGINE") else "front-end"
        if (notebook, source) == (self.notebook, self.path_source):
            return
        self.notebook, self.path_source = notebook, source
        self.segment.append({"t": "renamed", "at": time.time(), "notebook": notebook, "path_source": source})

    # -- after the reply ---------------------------------------------------------------------------

    def run_later(self) -> None:
        """Do what was left for after the reply; at the latest before the next cell's code."""
        while self.later:
            work = self.later.pop(0)
            with contextlib.suppress(Exception):
                work()


def _inner_code(python: str, namespace: dict[str, Any]) -> InnerCode | None:
    """The code in the cell's magics; what reads it is imported once a cell has some."""
    if python.count("_magic(") == len(_SETTING.findall(python)):
        return None
    from .inner_code import inner_code

    try:
        return inner_code(python, namespace)
    except Exception:  # the magics are IPython's; without what they run the cell is read as any other
        return None


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
