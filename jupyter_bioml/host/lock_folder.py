"""The user's folder of locks that processes of several projects share: in the temporary folder, outside all of them."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from ..errors import Refused


def lock_folder() -> Path:
    """The folder, which nobody else can write.

    :raises Refused: somebody else made it.
    """
    folder = Path(tempfile.gettempdir()) / f"bioml-locks-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Refused(f"{folder} is not this user's folder; nothing was done.", next="Delete it, or set TMPDIR.")
    return folder
