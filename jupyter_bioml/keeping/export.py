"""A run as one zip file that needs neither this package nor a server: from MLflow, else from the journal."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..config import Project
from ..errors import BiomlError, NotFound, StoreUnavailable
from ..journal.blobs import Blobs
from ..publish.artifacts import Staging, safe_path
from ..records.run import Metric
from ..runs.catalog import Found
from ..store.base import FOLDER, RECORD_FILE, SHARED_FILE, Store
from ..store.shared import RunFiles
from ..text.csv_table import csv_table
from ..text.present import format_bytes, format_duration, format_time, printable

#: File in the zip → description; the README lists the files present.
WHAT = {
    "record.json": "the whole record: parameters, metrics and their origins, values, data, environment, outputs, gaps",
    "cell.py": "the cell",
    "slice.ipynb": "every cell that led to it, in execution order; runs headlessly on its own",
    "requirements.lock": "the installed distributions, installable with pip",
    "environment.json": "Python, system, CPU, memory, GPUs, distributions, threads",
    "changes.patch": "uncommitted changes",
    "metrics.csv": "every value of every metric: key, step, time (seconds since 1970), value",
    "values.json": "what the cell computed beside its metrics: numbers that are not scores, clock readings, NaN",
    "outputs/": "what the cell printed and displayed, in order",
    "modules/": "the project's imported modules, as they were",
    "states/": "states of the random generators at the start (pickles: they run code when loaded)",
    "predictions/": "hold-out predictions",
    "reports/": "reports on the run: one JSON file each, with its files beside it",
    "parts/": "the same files of every later cell that joined the run",
    "shared/": "files that its child runs share",
    "artifacts/": "files that your own code logged",
}
_NAME_LENGTH = 60


def export(project: Project, store: Store | None, found: Found, target: Path) -> Path:
    """Write the run's zip; returns its path.

    :param target: the file, written whole or not at all, over one of that name; or a folder, where it gets the run's
        name.
    :raises StoreUnavailable: it is only in MLflow, which does not answer.
    :raises BiomlError: when the file cannot be written.
    """
    target = target / f"{file_name(found)}.zip" if target.is_dir() else target
    temporary = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}.tmp")
    try:
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as archive:
            _Packer(archive, found).pack(project, store)
        os.replace(temporary, target)
    except OSError as error:
        raise BiomlError(
            f"{printable(str(target))} cannot be written ({error.strerror or error}); the run is unchanged.",
            next="Choose a file in a writable folder with free space.",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return target


def file_name(found: Found) -> str:
    """The run's name and the beginning of its id, as a file may be called."""
    name = "".join(c if c.isalnum() or c in "._-" else "_" for c in found.name).strip("._")
    while len(name.encode()) > _NAME_LENGTH:
        name = name[:-1]
    return f"{name or 'run'}-{found.row.record_id[:8]}"


class _Packer:
    """Fills one archive."""

    def __init__(self, archive: zipfile.ZipFile, found: Found) -> None:
        self._archive = archive
        self._found = found
        self._sizes: dict[str, int] = {}
        self._missing: list[str] = []

    def pack(self, project: Project, store: Store | None) -> None:
        source = self._from_store(store) or self._from_journal(project)
        self._add("metrics.csv", _series(self._metrics(store)).encode())
        self._add("README.txt", "\n".join(self._readme(source)).encode())

    def _from_store(self, store: Store | None) -> str | None:
        """Every file that MLflow has; None where it has no record of the run, or does not answer."""
        found = self._found
        if store is None or found.stored is None:
            return None
        files = RunFiles(store, found.stored.run_id)
        try:
            names = [name for name, _ in files.sizes()]
        except StoreUnavailable:
            if found.local is None:
                raise
            return None
        if RECORD_FILE not in names:
            return None
        for name in names:
            if name == SHARED_FILE:
                continue  # every file that it names is in the archive
            try:
                self._add(_place(name), files.read(name))
            except BiomlError as error:
                self._missing.append(f"{printable(name)}: {printable(error.message)}")
        return f"MLflow, {store.uri}"

    def _from_journal(self, project: Project) -> str:
        found = self._found
        if found.local is None:
            raise NotFound("MLflow has no record of this run, and its journal is not here; nothing was exported.")
        record, fold = found.record, found.local.log.fold
        shown = fold.record(record.parent, dead=found.local.dead) if record.parent in fold.order else record
        with tempfile.TemporaryDirectory(prefix="bioml-export-") as folder:
            staging = Staging(Path(folder), Blobs(project.blobs))
            staging.fill(record, shown)
            staging.write_record(dataclasses.replace(record, gaps=(*record.gaps, *staging.gaps)))
            self._missing += [f"{printable(gap.part)}: {printable(gap.reason)}" for gap in staging.gaps]
            for path in sorted(_files(Path(folder))):
                self._add(_place(path.relative_to(folder).as_posix()), path.read_bytes())
        return "the journal of this project"

    def _metrics(self, store: Store | None) -> Iterable[Metric]:
        """Every value: MLflow's, which has the user's own too, else the record's."""
        stored = self._found.stored
        if store is not None and stored is not None and stored.metrics:
            with contextlib.suppress(StoreUnavailable):
                return [metric for key in sorted(stored.metrics) for metric in store.history(stored.run_id, key)]
        return self._found.record.metrics

    def _add(self, name: str, data: bytes) -> None:
        stem, dot, extension = name.rpartition(".")
        number = 1
        while name in self._sizes:
            number += 1
            name = f"{stem}_{number}{dot}{extension}" if dot else f"{extension}_{number}"
        self._sizes[name] = len(data)
        self._archive.writestr(name, data)

    def _readme(self, source: str) -> Iterator[str]:
        found, row = self._found, self._found.row
        facts = {
            "run": row.record_id,
            "MLflow run": found.run_id or "not in MLflow",
            "state": row.state + (f": {row.error}" if row.error else ""),
            "notebook": row.notebook or "not known",
            "started": format_time(row.started),
            "took": format_duration(row.duration),
            "note": row.note or "",
            "written from": source,
        }
        yield f"The run {printable(row.name)}"
        yield ""
        yield from (f"{key.ljust(12)}  {printable(value)}" for key, value in facts.items() if value)
        yield ""
        yield "Contents of this archive:"
        for name, meaning in WHAT.items():
            folder = name.endswith("/")
            sizes = [n for path, n in self._sizes.items() if (path.startswith(name) if folder else path == name)]
            if sizes:
                count = f"{len(sizes)} file{'s' * (len(sizes) > 1)}, " if folder else ""
                yield f"  {name.ljust(18)}  {meaning} ({count}{format_bytes(sum(sizes))})"
        if self._missing:
            yield ""
            yield "What could not be included:"
            yield from (f"  {line}" for line in self._missing)
        if row.has_model:
            yield ""
            yield "The model is not included: download it from MLflow with mlflow artifacts download."
        yield ""


def _place(name: str) -> str:
    """Where a file of a run goes in the archive: ours at the top, the user's own below ``artifacts/``."""
    clean = "".join("_" if c in '<>:"|*' or unicodedata.category(c) == "Cf" else c for c in safe_path(name))
    ours, _, rest = clean.partition("/")
    return rest if ours == FOLDER and rest else f"artifacts/{clean}"


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def _series(metrics: Iterable[Metric]) -> str:
    rows = ((metric.key, metric.step, metric.at, metric.value) for metric in metrics)
    return csv_table([("key", "step", "time", "value"), *rows])
