"""``--only-changed``: skip a notebook that passed while none of its dependencies has changed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..canonical import digest, jsonable
from ..config import Project, find_project
from ..data.hash_cache import HashCache
from ..headless.results import PASSED, UNCHANGED, NotebookResult
from ..host.environment import THREAD_VARIABLES, describe, environment_digest
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..records.wire import from_dict
from ..redact import redact, redact_value
from .read_set import Incomplete, ReadSet, World, first_change, taken
from .tasks import Task

#: Wants probes of a kernel (:mod:`jupyter_bioml.capture.rerun.probes`).
PROBES_VARIABLE = "BIOML_PROBES"
SCHEMA = 1


class Unchanged:
    """What is known about a batch's notebooks. If it cannot be read, they are run; a failed write is reported."""

    def __init__(self) -> None:
        self._environment: str | None = None
        self._caches: dict[Path, HashCache] = {}
        self._keys: dict[Path, bytes] = {}

    def close(self) -> None:
        """Close the hash caches, so that what they learned is kept."""
        for cache in self._caches.values():
            cache.close()

    def probing(self, task: Task) -> Task:
        """The task whose kernel notes what it depends on."""
        return replace(task, job=replace(task.job, env={**task.job.env, PROBES_VARIABLE: "1"}, warm=None))

    def look(self, task: Task) -> tuple[NotebookResult | None, str]:
        """(the earlier result when nothing has changed, why it is run or not)."""
        project = find_project(Path(task.job.path).parent)
        try:
            document = json.loads(self._file(project, task).read_text(encoding="utf-8"))
            if document["schema"] != SCHEMA:
                raise ValueError("written by another version")
            earlier = NotebookResult.from_json(document["result"])
            why = document["incomplete"]
            known = None if why else from_dict(ReadSet, document["read_set"])
        except FileNotFoundError:
            return None, "no passed run with this code, these parameters and this environment is known"
        except (OSError, ValueError, KeyError, TypeError) as error:
            return None, f"the record of its last run cannot be read ({error})"
        if known is None:
            return None, f"it cannot be skipped: {why}"
        change = first_change(known, self._world(project, task), project.root)
        if change is not None:
            return None, change
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(document["at"]))
        reason = f"no dependency has changed since {since}"
        return replace(earlier, status=UNCHANGED, duration=0.0, reason=reason, task=task.id), reason

    def keep(self, task: Task, result: NotebookResult) -> str | None:
        """Remember what a notebook that passed depended on; returns why it cannot be skipped next time."""
        if result.status != PASSED or result.session is None or result.home is None:
            return None
        project = find_project(Path(task.job.path).parent)
        log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
        log.refresh()
        why, known = None, ReadSet()
        try:
            if log.fold.session is None or log.fold.session.executable != sys.executable:
                raise Incomplete("its kernel runs a different Python")
            known = taken(log, self._world(project, task))
        except Incomplete as reason:
            why = str(reason)
        named = [*known.files, *known.outputs, *known.folders, *known.asked]
        if any(redact(path) != path for path in named):
            why, known = why or "there is a secret in the name of a file that it read, which is not kept", ReadSet()
        document = {"schema": SCHEMA, "at": time.time(), "incomplete": why, "read_set": asdict(known)}
        try:
            _write(self._file(project, task), {**document, "result": redact_value(result.as_json())})
        except OSError as error:
            return f"its dependencies could not be recorded ({error.strerror or error})"
        return why

    # -- what identifies a task --------------------------------------------------------------------

    def _file(self, project: Project, task: Task) -> Path:
        return project.home / "state" / "batch" / f"{self._fingerprint(project, task)[:32]}.json"

    def _fingerprint(self, project: Project, task: Task) -> str:
        job, world = task.job, self._world(project, task)
        if self._environment is None:
            threads = {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}
            self._environment = environment_digest(describe(threads, project.home / "state"))
        return digest(
            {
                "notebook": project.relative(job.path),
                "cells": _cells(Path(job.path)),
                "parameters": jsonable(job.parameters),
                "secrets": {name: world.variable(variable) for name, variable in job.secrets.items()},
                "chosen": list(job.cells),
                "environment": self._environment,
                "version": version("jupyter-bioml"),
            }
        )

    def _world(self, project: Project, task: Task) -> World:
        if project.home not in self._caches:
            self._caches[project.home] = HashCache(project.home / "state" / "hashes.db")
            self._keys[project.home] = _key(project.home / "state" / "batch.key")
        environment: Mapping[str, str] = {**os.environ, **task.job.env}
        return World(environment, self._keys[project.home], self._caches[project.home])


def _cells(notebook: Path) -> list[Any]:
    """Code and tags of its code cells, and its kernel; what is shown in it does not count."""
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
        cells = [[_text(cell["source"]), cell.get("metadata", {}).get("tags", [])] for cell in code]
        return [document["metadata"].get("kernelspec", {}).get("name"), *cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [os.urandom(16).hex()]  # it is run, and says what is wrong with it


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _key(file: Path) -> bytes:
    """The project's own key, made at first use; a key for this batch alone if it cannot be stored."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with open(descriptor, "wb") as new:
                new.write(os.urandom(32))
        key = file.read_bytes()
        if len(key) == 32:
            return key
    return os.urandom(32)


def _write(file: Path, document: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps(document), encoding="utf-8")
        os.replace(temporary, file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
