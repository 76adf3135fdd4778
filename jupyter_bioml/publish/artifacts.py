"""The files of a run: everything a reader needs without this package, laid out under ``bioml/``."""

from __future__ import annotations

import errno
import hashlib
import json
import posixpath
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..canonical import jsonable
from ..errors import BiomlError
from ..host.environment import requirements_lock
from ..journal.blobs import Blobs
from ..notebooks.slices import cell_source, slice_notebook
from ..records.run import CaptureGap, Output, Report, RunRecord
from ..records.wire import to_dict
from ..store.base import FOLDER, RECORD_FILE
from ..store.shared import record_text

_EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg", "text/html": "html",
    "text/plain": "txt", "text/markdown": "md", "text/latex": "tex", "application/json": "json",
    "application/pdf": "pdf",
}  # fmt: skip
_EXTENSION_OF = {"parquet": "parquet", "csv": "csv"}


class Staging:
    """A folder that is filled with one record's files, then copied into its run.

    :param folder: an empty folder; becomes the root of the run's artifacts.
    :param within: where our files go: ``bioml``, or ``bioml/parts/<record id>`` for a part.
    """

    def __init__(self, folder: Path, blobs: Blobs, within: str = FOLDER) -> None:
        self.gaps: list[CaptureGap] = []
        self._folder = folder
        self._blobs = blobs
        self._within = within

    def fill(self, record: RunRecord, shown: RunRecord) -> None:
        """Everything but ``record.json``, which is written last because it holds the gaps found here.

        :param shown: whose cell and session prefix are shown: the parent's for a child run.
        """
        self._text("cell.py", cell_source(shown))
        self._text("slice.ipynb", slice_notebook(shown))
        if record.values:
            self._text("values.json", json.dumps(jsonable(record.values), indent=1, sort_keys=True) + "\n")
        self._environment(record)
        if record.git is not None:
            self._blob("patch", "changes.patch", record.git.patch_blob)
        for module in record.modules:
            self._blob("module", f"modules/{safe_path(module.path)}", module.blob)
        for library, blob in record.states.items():
            self._blob("state", f"states/{safe_path(library)}.pickle", blob)
        for table in record.predictions:
            extension = _EXTENSION_OF.get(table.format, "bin")
            self._blob("predictions", f"predictions/{safe_path(table.name)}.{extension}", table.blob)
        self._outputs(record)
        self.reports(record.reports)
        for artifact in record.artifacts:
            self._put("artifact", self._folder / self._free(safe_path(artifact.path)), artifact.blob)

    def reports(self, reports: Iterable[Report]) -> None:
        """The reports on the run, as JSON, with the files of each report beside it."""
        for report in reports:
            name = report_folder(report.kind)
            self._text(f"{name}.json", json.dumps(to_dict(report), indent=1, sort_keys=True) + "\n")
            for file, kept in report.blobs.items():
                self._blob("report", f"{name}/{safe_path(file)}", kept.blob)

    def write_record(self, record: RunRecord) -> None:
        """``record.json``."""
        self._text(posixpath.basename(RECORD_FILE), record_text(to_dict(record)).decode())

    def _environment(self, record: RunRecord) -> None:
        if record.environment is None:
            return
        copied = self._blob("environment", "environment.json", record.environment.blob)
        if copied is None:
            return
        try:
            self._text("requirements.lock", requirements_lock(json.loads(copied.read_bytes())))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.gaps.append(CaptureGap("environment", f"no lock could be made of it: {type(error).__name__}: {error}"))

    def _outputs(self, record: RunRecord) -> None:
        for stream in ("stdout", "stderr"):
            if parts := [item for item in record.outputs if item.kind == stream]:
                self._text(f"outputs/{stream}.txt", self._joined(parts))
        displays = [item for item in record.outputs if item.kind not in ("stdout", "stderr")]
        for number, item in enumerate(displays):
            name = output_name(item, number)
            if item.text is not None:
                self._text(name, item.text)
            else:
                self._blob("output", name, item.blob)
        if record.failure is not None:
            self._text("outputs/traceback.txt", record.failure.traceback)

    def _joined(self, parts: Iterable[Output]) -> str:
        texts = []
        for item in parts:
            if item.text is None and item.blob is not None:
                try:
                    texts.append(self._blobs.get(item.blob).decode("utf-8", "replace"))
                except BiomlError as error:
                    self.gaps.append(CaptureGap("output", f"{item.kind}: {error.message}"))
            else:
                texts.append(item.text or "")
        return "".join(texts)

    def _free(self, path: str) -> str:
        """User's artifacts keep their path, except that ``bioml/`` is ours."""
        return f"user/{path}" if path.split("/", 1)[0] == FOLDER else path

    def _blob(self, part: str, name: str, digest: str | None) -> Path | None:
        return None if digest is None else self._put(part, self._folder / self._within / name, digest)

    def _put(self, part: str, target: Path, digest: str) -> Path | None:
        """Copy one blob, whatever its size, and check it; None, and a gap, when it is not there or altered."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(self._blobs.path(digest), target)
            with open(target, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            self.gaps.append(CaptureGap(part, f"{target.name}: its stored content is missing ({error.strerror})"))
            return None
        if found != digest:
            target.unlink()
            self.gaps.append(CaptureGap(part, f"{target.name}: its stored content was altered"))
            return None
        return target

    def _text(self, name: str, text: str) -> None:
        target = self._folder / self._within / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


def report_folder(kind: str) -> str:
    """The folder of a report's files, below our folder; its JSON lies beside it."""
    return f"reports/{safe_path(kind.replace('/', '_'))}"


def output_name(item: Output, number: int) -> str:
    """The file of a display, below our folder; ``number`` counts the displays of the run from 0."""
    return f"outputs/{safe_path(item.kind)}_{number:02d}.{_EXTENSIONS.get(item.mime or 'text/plain', 'bin')}"


def safe_path(path: str) -> str:
    """A relative path that stays inside the run: no root, no ``..``, no character that a file system refuses or
    that MLflow's addresses of artifacts give a meaning (``?``, ``#``, ``%``)."""
    refused = {"?", "#", "%", "\x7f"}
    clean = "".join("_" if c in refused or ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF else c for c in path)
    parts = [part for part in clean.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(part[:200] for part in parts) or "_"
