"""The files that a batch's report is written to."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from ..errors import BiomlError, UsageError
from .batch import BatchReport
from .html_report import html_report
from .junit import junit_xml


def check_places(*files: Path | None) -> None:
    """Check, before anything runs, that the reports can be written.

    :raises UsageError: naming the file.
    """
    for file in files:
        if file is None:
            continue
        folder = next(path for path in (file.absolute().parent, *file.absolute().parents) if path.exists())
        if file.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageError(f"The report {str(file)!r} cannot be written there.")


def write_reports(report: BatchReport, junit: Path | None, html: Path | None) -> None:
    """Write the requested reports, each completely or not at all.

    :raises BiomlError: a disk refuses one; the notebooks and their runs are kept.
    """
    if junit is not None:
        write_report(junit, junit_xml(report))
    if html is not None:
        write_report(html, html_report(report, time.time()))


def write_report(file: Path, text: str) -> None:
    """Write one report, completely or not at all.

    :raises BiomlError: the disk refuses it; what ran is kept.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(temporary, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise BiomlError(
            f"The report {str(file)!r} could not be written ({error.strerror or error}); the notebooks ran, and their "
            "output notebooks and runs are kept.",
        ) from None
