"""``python -P -m jupyter_bioml.promote.data_probe JOB ANSWER SECONDS``: look for the recorded content of a run's data.

A data file may lie on a mount that hangs, and DVC may wait for its remote without end, so this has a process of its
own. It prints the name of each input before it looks for it: the last one is what it waits for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config import Project
from ..records.run import DataUse, Git
from ..reproduce.setup.inputs import WORKING_TREE, Inputs, Provided
from ..reproduce.setup.workfolder import Input, WorkFolder
from ..text.present import printable
from .gate_request import taken_over
from .model_digest import files_below
from .probing import end_with_caller

#: Seconds beyond its limit before it ends itself: its caller may be gone.
_GRACE = 5


@dataclass(frozen=True)
class DataJob:
    """What is looked for."""

    project: Project
    git: Git | None
    uses: Sequence[DataUse]
    """Files and folders of the run."""
    folder: Path
    """Where they are fetched to."""


def main(arguments: list[str]) -> int:
    """Write what was found to the file ANSWER: ``inputs`` and ``notes``."""
    job_file, answer, seconds = arguments
    end_with_caller()
    signal.alarm(int(float(seconds)) + _GRACE)
    job: DataJob = taken_over(Path(job_file))
    finder = Inputs(job.project, job.git, lambda _: None)
    work = WorkFolder(job.folder, job.project.root, job.project.root)
    found = [
        {
            "name": item.name,
            "digest": item.recorded,
            "found": (item.found or WORKING_TREE) if item.is_recorded else None,
            "here": _here(item),
        }
        for item in finder.provide(work, _told(job.uses), job.uses)
    ]
    Path(answer).write_text(json.dumps({"inputs": found, "notes": finder.notes}), encoding="utf-8")
    return 0


def _here(item: Provided) -> list[str] | None:
    """The files of an input that is there as it was read, and their folders; None: it is not, or has another name."""
    if not item.is_recorded or item.found not in (WORKING_TREE, None) or not os.path.exists(item.path):
        return None
    return list(files_below(Path(item.path))) if os.path.isdir(item.path) else [item.path]


def _told(uses: Sequence[DataUse]) -> Iterator[Input]:
    seen: set[str] = set()
    for use in uses:
        path = str(use.path)
        if path not in seen:
            seen.add(path)
            sys.stdout.write(f"{printable(use.name)}\n")
            sys.stdout.flush()
            yield Input(path, False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
