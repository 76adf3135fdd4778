"""The switch that loads the extension in every kernel: one marked block in an IPython configuration file.

``user`` is the default profile of the user's IPython, ``env`` the Python environment this runs in. The block
is appended, so that it comes after the file's own settings, and removed byte for byte.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Refused

FILE_NAME = "ipython_kernel_config.py"
#: The newline in front belongs to the block: it stands apart even from a last line that has no newline.
#: Kernels of other environments read the user's file too; there the package may be missing.
BLOCK = b"""
# >>> jupyter-bioml >>> made by "jupyter bioml enable"; "jupyter bioml disable" takes it away
import importlib.util
if importlib.util.find_spec("jupyter_bioml") is not None:
    c.InteractiveShellApp.extensions.append("jupyter_bioml")
# <<< jupyter-bioml <<<
"""
_WHOLE = re.compile(
    rb"\n# >>> jupyter-bioml >>>[^\n]*\n(?:(?!# [<>]{3} jupyter-bioml)[^\n]*\n)*# <<< jupyter-bioml <<<\n"
)
_MARK = re.compile(rb"^# (?:>>>|<<<) jupyter-bioml ", re.MULTILINE)


@dataclass(frozen=True)
class Switched:
    """The result of :func:`switch_on` or :func:`switch_off`."""

    scope: str
    """``user`` or ``env``."""
    file: Path
    on: bool
    changed: bool
    """False: nothing had to change."""
    still_on: Path | None = None
    """After switching off: the other scope's file, where that switches it on."""

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml enable --json`` and ``bioml disable --json``."""
        return {
            "scope": self.scope,
            "file": str(self.file),
            "on": self.on,
            "changed": self.changed,
            "still_on": str(self.still_on) if self.still_on else None,
        }


def config_file(scope: str) -> Path:
    """The file of a scope."""
    if scope == "env":
        return Path(sys.prefix) / "etc" / "ipython" / FILE_NAME
    home = os.environ.get("IPYTHONDIR") or os.path.join(os.path.expanduser("~"), ".ipython")
    return Path(home).expanduser() / "profile_default" / FILE_NAME


def is_on(scope: str) -> bool:
    """Whether the block is in the scope's file."""
    try:
        return _WHOLE.search(config_file(scope).read_bytes()) is not None
    except OSError:
        return False


def switch_on(scope: str) -> Switched:
    """Load the extension in every kernel of the scope; doing so twice changes nothing.

    :raises Refused: when the file cannot be written, or the block in it was altered; nothing is changed.
    """
    file = config_file(scope)
    text = _read(file)
    present = _intact(file, text)
    if present:
        return Switched(scope, file, True, False)
    _write(file, text + BLOCK)
    return Switched(scope, file, True, True)


def switch_off(scope: str) -> Switched:
    """Remove the block; a file that holds nothing else is deleted.

    :raises Refused: as :func:`switch_on`.
    """
    file = config_file(scope)
    text = _read(file)
    changed = _intact(file, text)
    if changed:
        _write(file, _WHOLE.sub(b"", text))
    other = "env" if scope == "user" else "user"
    return Switched(scope, file, False, changed, config_file(other) if is_on(other) else None)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _refused(file, error) from None


def _intact(file: Path, text: bytes) -> bool:
    """Whether the whole block is there; False when nothing of it is."""
    if not _MARK.search(text):
        return False
    if _MARK.search(_WHOLE.sub(b"", text)):
        raise Refused(
            f"The jupyter-bioml block in {file} was altered; the file was left as it is.",
            next="Delete the lines from '# >>> jupyter-bioml' to '# <<< jupyter-bioml' by hand, then try again.",
        )
    return True


def _write(file: Path, text: bytes) -> None:
    """Replace the file's content in one step, keeping its mode; a link stays a link; empty means deleted."""
    target = file.resolve()
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        if not text and not file.is_symlink():
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(text)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _refused(file, error) from None


def _refused(file: Path, error: OSError) -> Refused:
    return Refused(
        f"{file} cannot be changed ({error.strerror or error}); nothing was changed.",
        next="Load it in the notebook instead: %load_ext jupyter_bioml",
    )
