"""The digest of a model's files for those who only look: hashed again only when one of them changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from .facts import folder_digest
from .kept import KeptAnswers


def known_digest(kept: KeptAnswers, folder: Path) -> str:
    """As :func:`~.facts.folder_digest`, from what was kept while every file and folder is as it was.

    :raises OSError: when a file cannot be read.
    """
    began = time.time_ns()
    found = kept.find("model", str(folder))
    if found is not None:
        return str(found.value["digest"])
    digest = folder_digest(folder)
    kept.keep("model", str(folder), {"digest": digest}, files_below(folder), began)
    return digest


def files_below(folder: Path) -> Iterator[str]:
    """A folder, and all folders and files below it."""
    for base, _, names in os.walk(folder):
        yield base
        yield from (os.path.join(base, name) for name in names)
