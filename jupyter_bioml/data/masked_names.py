"""Files whose names hold a secret: a record has them masked, and the file itself is found again in its folder."""

from __future__ import annotations

import os
from pathlib import Path

from ..redact import redact

#: In the place of a secret.
MASK = "[secret:"


def named_again(path: str, inode: int | None) -> str:
    """The path of the file that a record calls ``path``: where a part of it is masked, the one that is masked so.

    :param inode: of the file, where it is known: it tells apart files that are masked alike.
    :returns: ``path`` itself where nothing is masked, or no such file is there any more.
    """
    if MASK not in path:
        return path
    found = [Path(path).anchor or "."]
    for part in Path(path).relative_to(Path(path).anchor).parts:
        found = [below for above in found for below in _alike(above, part)]
    there = [one for one in found if os.path.exists(one)]
    exact = [one for one in there if inode is None or os.stat(one).st_ino == inode]
    return (exact or there or [path])[0]


def _alike(folder: str, part: str) -> list[str]:
    """The paths in ``folder`` that a record calls ``part``."""
    if MASK not in part:
        return [os.path.join(folder, part)]
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name == part or redact(name) == part]
