"""What a disk that refuses says, in words, and whether one refuses now."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

#: Refusals that pass: full, over quota, failing, remounted read-only, over the limit for files (``ulimit -f``).
REFUSALS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})
#: Bytes that a disk with room takes.
_PROBE = b"\0" * 4096


def in_words(folder: Path, number: int) -> str:
    """Why ``folder`` takes nothing, as the beginning of a sentence."""
    if number == errno.ENOSPC:
        return f"The disk of {folder} is full"
    if number == errno.EDQUOT:
        return f"Your quota on the disk of {folder} is used up"
    if number == errno.EROFS:
        return f"The disk of {folder} is read-only"
    if number == errno.EFBIG:
        return f"A limit on the size of files (ulimit -f) holds for {folder}"
    return f"The disk of {folder} refuses what is written ({os.strerror(number)})"


def refusal(folder: Path) -> int | None:
    """The error number if the disk of ``folder`` refuses a small file now; None: it takes it, or that is not known."""
    probe = folder / f".probe-{os.getpid()}-{os.urandom(4).hex()}"
    fd = -1
    try:
        fd = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        written = os.write(fd, _PROBE)
        return None if written == len(_PROBE) else errno.ENOSPC
    except OSError as error:
        return error.errno if error.errno in REFUSALS else None
    finally:
        if fd >= 0:
            os.close(fd)
            with contextlib.suppress(OSError):
                os.unlink(probe)
