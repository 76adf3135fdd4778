"""Several notebooks, one after another, each in a kernel of its own, tracked."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..config import find_project
from ..errors import UsageError
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from .drain import drain
from .process import Worker
from .results import INTERRUPTED, NOT_RUN, NotebookJob, NotebookResult

#: Seconds between two progress lines of one notebook.
PROGRESS_PERIOD = 10.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class BatchReport:
    """What came of a batch. ``duration``: seconds."""

    results: tuple[NotebookResult, ...]
    output_dir: str
    duration: float
    interrupted: bool = False
    waiting: tuple[str, ...] = ()
    """What is not in MLflow yet, and how to send it."""

    @property
    def passed(self) -> bool:
        """True when every notebook passed."""
        return all(result.passed for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 a notebook did not."""
        return 0 if self.passed else 1

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "interrupted": self.interrupted,
            "duration": self.duration,
            "output_dir": self.output_dir,
            "waiting": list(self.waiting),
            "notebooks": [result.as_json() for result in self.results],
        }


def run_notebooks(
    paths: Sequence[Path],
    *,
    tag: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    output_dir: Path | None = None,
    progress: Say | None = None,
) -> BatchReport:
    """Run notebooks, and all notebooks below folders.

    :param tag: only those whose metadata ``bioml.tags`` hold it.
    :param parameters: injected into each, as papermill does.
    :param output_dir: where the output notebooks go; None: ``.bioml/outputs/<time>`` of the first one's project.
    :param progress: takes lines that say what goes on.
    :raises UsageError: when nothing is selected, a path does not exist, or an output would overwrite its input.
    """
    started = time.monotonic()
    say = progress or (lambda _: None)
    chosen = select_notebooks(paths, tag, output_dir)
    folder = output_dir.absolute() if output_dir is not None else _default_folder(chosen[0])
    jobs = plan_jobs(chosen, folder, dict(parameters or {}))
    results: list[NotebookResult] = []
    with Worker() as worker:
        for number, job in enumerate(jobs, 1):
            result = _run_one(worker, job, f"[{number}/{len(jobs)}] {_short(job.path)}", say)
            results.append(with_records(result))
            if result.status == INTERRUPTED:
                break
    interrupted = len(results) < len(jobs) or results[-1].status == INTERRUPTED
    for job in jobs[len(results) :]:
        results.append(NotebookResult(job.path, NOT_RUN, reason="interrupted before its turn"))
    waiting = () if interrupted else tuple(drain_all(results, say))
    return BatchReport(tuple(results), str(folder), time.monotonic() - started, interrupted, waiting)


def _run_one(worker: Worker, job: NotebookJob, label: str, say: Say) -> NotebookResult:
    say(label)
    said = time.monotonic()

    def on_cell(index: int, count: int) -> None:
        nonlocal said
        if time.monotonic() - said >= PROGRESS_PERIOD:
            said = time.monotonic()
            say(f"{label}: cell {index + 1} of {count}")

    result = worker.run(job, on_cell)
    for notice in result.notices:
        say(f"{label}: {notice}")
    say(f"{label}: {result.status}, {result.duration:.1f} s")
    return result


def _short(path: str) -> str:
    try:
        return os.path.relpath(path) if os.path.relpath(path).count("..") < 2 else path
    except OSError:
        return path


# -- which notebooks -------------------------------------------------------------------------------


def select_notebooks(paths: Iterable[Path], tag: str | None, output_dir: Path | None = None) -> list[Path]:
    """Absolute paths of the notebooks meant by ``paths``, in order, each once.

    A file that is no readable notebook stays in the list when its tags cannot be told: running it says why.

    :raises UsageError: when a path does not exist or is no notebook, or nothing is selected.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for notebook in _notebooks_at(path, output_dir):
            found.setdefault(os.path.realpath(notebook), notebook.absolute())
    if not found:
        raise UsageError("There is no notebook there.", next="Give notebooks (.ipynb) or folders that hold some.")
    chosen = [path for path in found.values() if tag is None or _has_tag(path, tag)]
    if not chosen:
        raise UsageError(
            f"None of {len(found)} notebooks has the tag {tag!r}.",
            next='Tags are read from the notebook\'s metadata: {"bioml": {"tags": ["nightly"]}}.',
        )
    return chosen


def _notebooks_at(path: Path, output_dir: Path | None) -> Iterator[Path]:
    if path.is_file():
        if path.suffix != ".ipynb":
            raise UsageError(f"{str(path)!r} is no notebook (.ipynb).")
        yield path
        return
    if not path.is_dir():
        raise UsageError(f"There is no {str(path)!r}.")
    outputs = None if output_dir is None else output_dir.resolve()
    for folder, subfolders, files in os.walk(path):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".") and (outputs is None or Path(folder, name).resolve() != outputs)
        )
        yield from (Path(folder, name) for name in sorted(files) if _is_notebook_name(name))


def _is_notebook_name(name: str) -> bool:
    return name.endswith(".ipynb") and not name.startswith(".")


def _has_tag(path: Path, tag: str) -> bool:
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, KeyError, TypeError):
        return True
    ours = metadata.get("bioml") if isinstance(metadata, dict) else None
    tags = ours.get("tags") if isinstance(ours, dict) else None
    return isinstance(tags, list) and tag in tags


# -- where their outputs go --------------------------------------------------------------------------


def _default_folder(first: Path) -> Path:
    outputs = find_project(first.parent).home / "outputs"
    name = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    folder, number = outputs / name, 1
    while True:
        try:
            folder.mkdir(parents=True)
            return folder
        except OSError as error:
            if not folder.exists():
                raise UsageError(
                    f"{outputs} cannot be written ({error.strerror or error}).", next="Give an --output-dir."
                ) from None
            number += 1
            folder = outputs / f"{name}-{number}"


def plan_jobs(notebooks: Sequence[Path], folder: Path, parameters: dict[str, Any]) -> list[NotebookJob]:
    """One job a notebook; below ``folder`` the outputs lie as the notebooks lie below their common folder.

    :raises UsageError: when an output would overwrite its notebook.
    """
    common = os.path.commonpath([path.parent for path in notebooks])
    jobs = []
    for path in notebooks:
        output = folder / os.path.relpath(path, common)
        if output.resolve() == path.resolve():
            raise UsageError(
                f"The output of {path.name!r} would overwrite the notebook itself.", next="Give another --output-dir."
            )
        jobs.append(NotebookJob(str(path), str(output), str(path.parent), parameters=parameters))
    return jobs


# -- afterwards --------------------------------------------------------------------------------------


def with_records(result: NotebookResult) -> NotebookResult:
    """``result`` with the record ids of the runs its session made, read from the journal."""
    if result.session is None or result.home is None:
        return result
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    runs = [identity for identity in log.fold.order if log.fold.brief(identity, dead=True).mark != "cell"]
    return replace(result, records=tuple(runs))


def drain_all(results: Iterable[NotebookResult], say: Say) -> Iterator[str]:
    """Publish what the notebooks left, destination by destination; yields what still waits."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        if result.session and result.project and result.home and result.destination_key:
            places.setdefault((result.project, result.home, result.destination_key), []).append(result.session)
    for place, sessions in places.items():
        say("publishing")
        if line := drain(*place, say, session=sessions[0] if len(sessions) == 1 else None):
            yield line
