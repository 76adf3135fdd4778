"""The project's files for cells whose reads nobody saw: any of them may be needed.

They are put into the work folder as they are now: copied, as a cell may write to them too. What is too much to be
copied becomes a link where nothing in those cells looks as if it wrote a file: Python's own writes make a copy of a
link first (:mod:`jupyter_bioml.capture.rerun.confine`), those of libraries in C do not.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from ...text.present import counted, format_bytes
from .recorded import Recorded
from .workfolder import WorkFolder

#: Files provided, and bytes copied.
COUNT_LIMIT, COPY_LIMIT = 20_000, 256 << 20
_FOLDERS_LEFT_OUT = frozenset({"__pycache__", "node_modules", "mlruns", "mlartifacts", "site-packages"})
_CODE = (".py", ".pyc", ".ipynb", ".so")
_NAMES = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_MAY_WRITE = re.compile(
    r"to_\w+\s*\(|write|save|dump|sink|export|h5py|HDFStore|duckdb|zarr|memmap|[\"'][rwax]b?\+|^\s*[!%]", re.MULTILINE
)


def provide_all(work: WorkFolder, recorded: Recorded) -> list[str]:
    """Put what is not there yet into the work folder; files that a tracked cell wrote first are made again by it.

    :returns: notes for the user.
    """
    record = recorded.record
    written = {use.path for use in recorded.uses if use.path is not None and use.role == "written"}
    links = not any(_MAY_WRITE.search(source) for source in (record.code.source, *(c.source for c in record.before)))
    left = copied = 0
    files = chain(_named(recorded, written), _files(recorded.project.root, {str(recorded.project.home), *written}))
    for number, file in enumerate(files):
        if number >= COUNT_LIMIT:
            return [f"The project has more than {COUNT_LIMIT:,} files: only so many were put into the work folder."]
        target = work.place(file)
        if target is None or os.path.lexists(target):
            continue
        size = file.stat().st_size
        target.parent.mkdir(parents=True, exist_ok=True)
        if copied + size <= COPY_LIMIT:
            copied += size
            shutil.copy2(file, target)
        elif links:
            target.symlink_to(file.resolve())
        else:
            left += 1
    if not left:
        return []
    return [
        f"{counted(left, 'file')} of the project could not be put into the work folder for the cells that ran while "
        f"tracking was off: at most {format_bytes(COPY_LIMIT)} are copied, and a cell may write through links."
    ]


def _named(recorded: Recorded, left_out: Collection[str]) -> Iterator[Path]:
    """The files that the code names: they come first, before what is too much."""
    record, root = recorded.record, recorded.project.root
    for source in (record.code.source, *(cell.source for cell in record.before)):
        for name in _NAMES.findall(source):
            path = Path(os.path.normpath(recorded.cwd / name))
            if path.is_relative_to(root) and str(path) not in left_out and path.is_file() and path.suffix not in _CODE:
                yield path


def _files(root: Path, left_out: Collection[str]) -> Iterator[Path]:
    """The project's files that may be data, by name."""
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_theirs(os.path.join(parent, name), name, left_out))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if not name.endswith(_CODE) and path not in left_out and os.path.isfile(path):
                yield Path(path)


def _is_theirs(path: str, name: str, left_out: Collection[str]) -> bool:
    hidden = name.startswith(".") or name in _FOLDERS_LEFT_OUT or path in left_out
    return not hidden and not os.path.exists(os.path.join(path, "pyvenv.cfg"))
