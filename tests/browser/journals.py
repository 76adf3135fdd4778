"""Journals as kernels leave them, written past the kernel: for what takes too long, or cannot be typed into a cell."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.liveness import boot_id, kernel_segment, process_started
from jupyter_bioml.journal.log import Segment


def write_session(root: Path, notebook: str, runs: list[dict[str, Any]], ended: float | None = None) -> list[str]:
    """One ended session of a project with these runs, a second each, the last of them ``ended`` or just now.

    A run is its ``name`` and, as the journal has them, ``tags``, ``note``, ``source``, ``params``, ``metrics``,
    ``values``, ``scores`` (a list; they are told when all cells have run), ``failure``, ``output`` (a list), ``mark``,
    ``parent`` and ``record`` (its id). Returns the record ids.
    """
    project = find_project(root)
    target = destination(project)
    at = (ended or time.time()) - len(runs)
    session = f"20261121T120000-{os.urandom(4).hex()}"
    segment = Segment(kernel_segment(project.journal, session))
    segment.append(
        {
            "t": "session", "at": at, "schema": 1, "session": session, "started": at, "pid": os.getpid(),
            "process_started": process_started(os.getpid()), "host": os.uname().nodename, "boot": boot_id(),
            "python": "3.11.7", "executable": "python", "user": "ada", "project": str(project.root),
            "home": str(project.home), "cwd": str(project.root), "notebook": notebook, "path_source": "front-end",
            "destination": target.uri, "destination_key": target.key,
        }
    )  # fmt: skip
    records = []
    for seq, run in enumerate(runs, 1):
        record = run.get("record") or os.urandom(16).hex()
        records.append(record)
        code = {"source": run.get("source", "x = 1"), "notebook": notebook, "cell_id": f"cell-{seq}"}
        started = {"t": "started", "at": at + seq - 1, "run": record, "seq": seq, "mark": run.get("mark", "magic")}
        about = {key: run[key] for key in ("name", "note", "parent") if key in run}
        segment.append({**started, **about, "code": code, "tags": run.get("tags", {})})
        if "output" in run:
            segment.append({"t": "output", "at": at + seq - 0.6, "run": record, "o": run["output"]})
        segment.append(
            {
                "t": "finished", "at": at + seq - 0.5, "run": record, "duration": 0.5, "execution_count": seq,
                "status": "FAILED" if "failure" in run else "FINISHED", "failure": run.get("failure"),
                "params": run.get("params", {}), "metrics": run.get("metrics", {}), "values": run.get("values", {}),
            }
        )  # fmt: skip
    for record, run in zip(records, runs, strict=True):
        for score in run.get("scores", ()):
            segment.append({"t": "score", "at": at + len(runs), "run": record, **score})
    segment.append({"t": "closed", "at": at + len(runs)})
    segment.close()
    return records
