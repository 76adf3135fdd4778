"""Which files an installer put beside the modules: they belong to a distribution, which is recorded by its version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

# The originals: the stand-ins of a batch's probes ask here.
_open, _listdir = open, os.listdir
_FOLDERS = ("/site-packages/", "/dist-packages/")


def site_of(path: str) -> str | None:
    """The folder of installed packages that ``path`` lies in, with ``/`` at its end."""
    for name in _FOLDERS:
        at = path.rfind(name)
        if at >= 0:
            return path[: at + len(name)]
    return None


class Distributions:
    """The lists of files (``RECORD``) that installers leave, read when one is asked for."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], list[bytes]] = {}
        """(folder, topmost name in it) → the lists that name something of it; complete once a file was not found."""
        self._complete: set[tuple[str, str]] = set()

    def lists(self, site: str, below: str) -> bool | None:
        """Whether an installer put the file ``site`` + ``below`` there.

        False: its package is listed, and the file is not: it came later, a download for example. None: no list names
        the package.
        """
        top, slash, _ = below.partition("/")
        if not slash:
            return None
        key = (site, top)
        found = self._records.setdefault(key, [])
        if any(_names(record, below) for record in found):
            return True
        if key not in self._complete:
            beginning = os.fsencode(f"{top}/")
            for file in _likeliest_first(site, top):
                with suppress(OSError), _open(file, "rb") as opened:
                    record = b"\n" + opened.read()
                    if b"\n" + beginning in record and record not in found:
                        found.append(record)
                        if _names(record, below):
                            return True
            self._complete.add(key)
        return False if found else None


def _names(record: bytes, below: str) -> bool:
    name = os.fsencode(below)
    return b"\n" + name + b"," in record or b'\n"' + name + b'",' in record


def _likeliest_first(site: str, top: str) -> Iterator[str]:
    """The lists in ``site``, first those of distributions whose names are like the package's: scikit-learn, sklearn."""
    plain = top.lower().replace("-", "_")
    try:
        names = [name for name in _listdir(site) if name.endswith(".dist-info")]
    except OSError:
        return
    names.sort(key=lambda name: -_alike(name.partition("-")[0].lower().replace(".", "_"), plain))
    yield from (f"{site}{name}/RECORD" for name in names)


def _alike(left: str, right: str) -> int:
    """How many letters two names share at the beginning or at the end; equal names share most."""
    if left == right:
        return 1_000
    return max(_shared(left, right), _shared(left[::-1], right[::-1]))


def _shared(left: str, right: str) -> int:
    different = (place for place, (one, other) in enumerate(zip(left, right, strict=False)) if one != other)
    return next(different, min(len(left), len(right)))
