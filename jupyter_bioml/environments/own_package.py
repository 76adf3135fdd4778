"""Our own package in a built environment: a link to the running installation, never a download by name.

A ``.pth`` file names a folder that holds nothing but a link to our package and a copy of its metadata, by which
entry points are found. No other package of the running installation can be imported through it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from importlib import metadata
from pathlib import Path

from ..canonical import digest
from .lock import OWN

PACKAGE = __name__.partition(".")[0]
_PTH = "jupyter_bioml_running.pth"


def link(environment: Path, library: Path) -> str | None:
    """Make our package importable in an environment; doing so twice changes nothing.

    :param library: the folder that its installer puts distributions in.
    :returns: the version that is linked; None where the running one has no metadata.
    :raises OSError: when it cannot be written.
    """
    package = Path(__file__).resolve().parent.parent
    described = _metadata()
    stamp = [] if described is None else [(path.name, path.stat().st_mtime_ns) for path in sorted(described.iterdir())]
    folder = environment / "bioml" / digest([str(package), str(described), stamp])[:16]
    if not folder.is_dir():
        temporary = folder.with_name(f"{folder.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
        temporary.mkdir(parents=True)
        (temporary / PACKAGE).symlink_to(package, target_is_directory=True)
        if described is not None:
            shutil.copytree(described, temporary / described.name)
        try:
            os.rename(temporary, folder)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            if not folder.is_dir():
                raise
    _point(library / _PTH, folder)
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(OWN)
    return None


def _metadata() -> Path | None:
    """The running installation's ``dist-info`` folder."""
    try:
        found = getattr(metadata.distribution(OWN), "_path", None)
    except metadata.PackageNotFoundError:
        return None
    return found if isinstance(found, Path) and found.is_dir() else None


def _point(file: Path, folder: Path) -> None:
    text = f"{folder}\n".encode()
    with contextlib.suppress(OSError):
        if file.read_bytes() == text:
            return
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    temporary.write_bytes(text)
    os.replace(temporary, file)
