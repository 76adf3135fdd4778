"""The digest of a model's files for those who only look: hashed again only when one of them changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from ..journal.stamps import GRAIN, stamp_of
from .facts import Facts, folder_digest
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


def is_as_hashed(facts: Facts) -> bool:
    """Whether no file of the model changed since its gates began to be asked: what was loaded is what was hashed."""
    place = facts.model_place
    begun = int(facts.now * 1e9) - GRAIN
    return place is None or all(max(stamp_of(path)[1:3]) < begun for path in files_below(place))


def files_below(folder: Path) -> Iterator[str]:
    """A folder, and all folders and files below it."""
    for base, _, names in os.walk(folder):
        yield base
        yield from (os.path.join(base, name) for name in names)
