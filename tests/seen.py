"""What a user sees of a cell, without what differs from one kernel to the next."""

from __future__ import annotations

import re

from kernels import CellResult

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def plain(text: str) -> str:
    """A text without colours, addresses, counters and the kernel's own file names."""
    text = ANSI.sub("", text)
    text = re.sub(r"0x[0-9a-f]+", "0x…", text)
    text = re.sub(r"In\s?\[\d+\]", "In[n]", text)
    text = re.sub(r"\d+\.py", "cell.py", text)
    return re.sub(r"ipykernel_\d+/", "ipykernel/", text)


def seen(result: CellResult) -> tuple[object, ...]:
    """What a user sees, our card left out."""
    displays = [data for data in result.displays if "application/vnd.bioml.run+json" not in data]
    order = [kind for kind in result.order if kind != "display"]
    return (
        result.status,
        plain(result.stdout),
        plain(result.stderr),
        [data.get("text/plain") for data in displays],
        result.result,
        None if result.error is None else plain(result.error),
        [plain(line) for line in result.traceback],
        list(dict.fromkeys(order)),
    )
