"""A task on a machine that has neither the project nor the store: run there, results brought home.

The far end runs the notebook in a process of its own with a journal of its own, and packs the journal's segments,
blobs and the output notebook into a *parcel*. The near end unpacks it into the project, where the publisher finds it
like any other session.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..config import Project, destination, find_project
from ..headless.process import Worker
from ..headless.results import BROKEN, NotebookJob, NotebookResult
from ..journal.blobs import Blobs
from ..journal.lines import parse
from ..journal.liveness import HELPER_SUFFIX, KERNEL_SUFFIX
from ..journal.log import frame, is_locked
from ..records.wire import from_dict
from .tasks import Task

#: Bytes of blobs that one parcel may hold; larger ones are left out, and said.
PARCEL_LIMIT = 512 << 20
#: Seconds that the kernel's helper gets to write down the environment after the notebook's end.
HELPER_PATIENCE = 30.0
_SEGMENT = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}\.(log|helper)")


@dataclass(frozen=True)
class Parcel:
    """An attempt's results, in transit."""

    result: dict[str, Any]
    segments: dict[str, bytes] = field(default_factory=dict)
    """Name of the file in the journal → its content."""
    blobs: tuple[bytes, ...] = ()
    output: bytes | None = None
    """The output notebook."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """The order sent to the far end. ``root``: the project there, if it is there at all."""

    job: dict[str, Any]
    document: bytes
    root: str

    @classmethod
    def of(cls, task: Task) -> Order:
        """The order of a task.

        :raises OSError: the notebook cannot be read.
        """
        path = Path(task.job.path)
        return cls(jsonable(asdict(task.job)), path.read_bytes(), str(find_project(path.parent, create=False).root))


# -- the far end -----------------------------------------------------------------------------------


class RemoteAttempt:
    """One attempt at the far end. One thread calls :meth:`run`; :meth:`interrupt` and :meth:`journal` are for others.

    :param folder: where it may make its folder.
    """

    def __init__(self, order: Order, folder: str | None = None) -> None:
        self._order = order
        self._folder = Path(tempfile.mkdtemp(prefix="bioml-task-", dir=folder))
        self._worker = Worker()

    def run(self, on_cell: Callable[[int, int], None]) -> Parcel:
        """Run the notebook and pack what it made; the result tells of any failure."""
        job, notes = self._job()
        missing = sorted(variable for variable in job.secrets.values() if variable not in os.environ)
        if missing:
            result = NotebookResult(
                job.path, BROKEN, reason=f"{missing[0]!r} is not set on the machine that was to run it"
            )
            return Parcel(result.as_json(), notes=notes)
        with self._worker as worker:
            result = worker.run(job, on_cell)
        self._settle()
        return self._packed(job, result, notes)

    def interrupt(self) -> None:
        """End the notebook, keeping what it made until now."""
        self._worker.interrupt()

    def clean(self) -> None:
        """Remove its folder."""
        self._worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def journal(self) -> dict[str, bytes]:
        """The segments as they are now."""
        found = {}
        for path in self._segments():
            try:
                found[path.name] = path.read_bytes()
            except OSError:
                continue
        return found

    def _segments(self) -> list[Path]:
        try:
            return [path for path in (self._folder / "home" / "journal").iterdir() if _SEGMENT.fullmatch(path.name)]
        except OSError:
            return []

    def _job(self) -> tuple[NotebookJob, tuple[str, ...]]:
        """The job as it can be run here, and what is different from home."""
        job = from_dict(NotebookJob, self._order.job)
        path = self._folder / "in" / "notebook.ipynb"
        path.parent.mkdir()
        path.write_bytes(self._order.document)
        cwd = job.cwd
        notes: tuple[str, ...] = ()
        if not os.path.isdir(cwd):
            cwd, notes = str(path.parent), (f"{job.cwd} is not on {os.uname().nodename}: it ran in an empty folder.",)
        env = {
            **job.env,
            "BIOML_PROJECT": self._order.root,
            "BIOML_HOME": str(self._folder / "home"),
            "BIOML_PUBLISH": "off",
        }
        output = self._folder / "out" / "notebook.ipynb"
        here = replace(job, path=str(path), output=str(output), cwd=cwd, env=env, notebook=job.notebook or job.path)
        return here, notes

    def _settle(self) -> None:
        until = time.monotonic() + HELPER_PATIENCE
        helpers = [path.with_suffix(HELPER_SUFFIX) for path in self._segments() if path.suffix == KERNEL_SUFFIX]
        while time.monotonic() < until and any(is_locked(path) for path in helpers):
            time.sleep(0.1)

    def _packed(self, job: NotebookJob, result: NotebookResult, notes: tuple[str, ...]) -> Parcel:
        blobs, left = [], PARCEL_LIMIT
        too_large = 0
        files = [path for path in (self._folder / "home" / "blobs").glob("??/*") if path.is_file()]
        for path in sorted(files, key=lambda path: path.stat().st_size):
            left -= path.stat().st_size
            if left < 0:
                too_large += 1
            else:
                blobs.append(path.read_bytes())
        if too_large:
            notes = (*notes, f"{too_large} stored contents were too large to send home and are lost.")
        output = Path(job.output).read_bytes() if os.path.isfile(job.output) else None
        return Parcel(result.as_json(), self.journal(), tuple(blobs), output, notes)


# -- the near end ----------------------------------------------------------------------------------


def unpacked(parcel: Parcel, task: Task) -> NotebookResult:
    """Put what an attempt made into the task's project and return its result, as if it had run here.

    :raises OSError: the disk refuses; nothing of the session is seen then.
    """
    project = find_project(Path(task.job.path).parent)
    sessions = adopt(project, parcel.segments, parcel.blobs, task.attempt)
    if parcel.output is not None:
        _write(Path(task.job.output), parcel.output)
    found = from_dict(NotebookResult, parcel.result)
    session = found.session if found.session in sessions else None
    return replace(
        found,
        notebook=task.job.path,
        output=task.job.output if parcel.output is not None else None,
        notices=(*found.notices, *parcel.notes),
        session=session,
        project=str(project.root) if session else None,
        home=str(project.home) if session else None,
        destination_key=destination(project).key if session else None,
    )


def adopt(project: Project, segments: Mapping[str, bytes], blobs: tuple[bytes, ...], attempt: int) -> list[str]:
    """Put segments and blobs into a project's journal; returns the sessions that are there now.

    The kernel's segment comes last, so that nobody reads a session whose contents are missing. A session that is
    there already stays as it is.
    """
    store = Blobs(project.blobs)
    for data in blobs:
        store.put(data)
    found = []
    for name in sorted(segments, key=lambda name: name.endswith(KERNEL_SUFFIX)):
        if not _SEGMENT.fullmatch(name):
            continue
        target = project.journal / name
        if target.suffix == KERNEL_SUFFIX:
            found.append(target.stem)
        if not target.exists():
            _write(target, _at_home(segments[name], project, attempt))
    return found


def _at_home(data: bytes, project: Project, attempt: int) -> bytes:
    """A segment whose session belongs to this project and its destination."""
    target = destination(project)
    lines = []
    for line in data.splitlines(keepends=True):
        entry = parse(line) if line.endswith(b"\n") else None
        if entry is None:
            continue
        if entry.get("t") == "session":
            home = {"project": str(project.root), "home": str(project.home), "attempt": attempt}
            entry = {**entry, **home, "destination": target.uri, "destination_key": target.key}
            line = frame(entry)
        lines.append(line)
    return b"".join(lines)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.incoming")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
