"""Messages from a reproduction's kernel to its caller: one JSON line each in its work folder.

Written only in reproductions, with the functions as they were before anything stood in for them.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from ...redact import redact_value

#: Our own files in the work folder, and the one that holds the notices.
OWN_FOLDER, NOTICES = ".reproduction", "notices.jsonl"
#: Kinds of notices: a write that was refused, a read by an absolute path into the user's own tree, a generator
#: state that could not be put back, the generators' states before a cell or at the end, and what was held still.
WRITE_REFUSED, READ_OUTSIDE, STATE_FAILED, STATES, PINNED = (
    "write-refused",
    "read-outside",
    "state-failed",
    "states",
    "pinned",
)
#: Notices of one kind that are kept.
LIMIT = 1000

_open, _write, _close = os.open, os.write, os.close
_counts: dict[str, int] = {}


def notice(work: Path | str, kind: str, **fields: Any) -> None:
    """Append one notice; a disk that refuses costs the notice, never the cell."""
    count = _counts[kind] = _counts.get(kind, 0) + 1
    if count > LIMIT:
        return
    line = json.dumps(redact_value({"kind": kind, **fields})) + "\n"
    with contextlib.suppress(OSError):
        file = _open(os.path.join(work, OWN_FOLDER, NOTICES), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            _write(file, line.encode("utf-8", "replace"))
        finally:
            _close(file)


def read_notices(work: Path | str) -> list[dict[str, Any]]:
    """Every notice in order; a torn last line is left out."""
    try:
        lines = Path(work, OWN_FOLDER, NOTICES).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError):
            item = json.loads(line)
            if isinstance(item, dict):
                found.append(item)
    return found
