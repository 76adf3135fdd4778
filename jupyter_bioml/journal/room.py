"""Whether there is room for a project's runs now, in words."""

from __future__ import annotations

import contextlib
import errno

from ..config import Project, kept_folder
from .disk import in_words, refusal
from .liveness import HELPER_SUFFIX
from .log import is_locked


def trouble(project: Project) -> str | None:
    """What a person has to know of the project's disk now; None: all is well, or that is not known."""
    number = refusal(project.home) if project.home.is_dir() else None
    folder, copies = kept_folder(project.root), False
    with contextlib.suppress(OSError):
        copies = any(path.is_file() for path in folder.iterdir())
    tracked = number is not None and _tracked(project)
    if number is None or (number == errno.EROFS and not tracked):
        was = f"The project's disk was full: some runs are in {folder}; they come back by themselves."
        return was if copies else None
    if not tracked:
        return f"{in_words(project.root, number)}: runs cannot be kept; free some space."
    kept = f"in {folder} until there is room" if copies else "in memory only; free some space before the kernel ends"
    return f"{in_words(project.root, number)}: what runs now is kept {kept}."


def _tracked(project: Project) -> bool:
    """Whether a process beside a kernel lives: it holds what the disk refuses, also after its kernel's end."""
    with contextlib.suppress(OSError):
        return any(is_locked(path) for path in project.journal.iterdir() if path.suffix == HELPER_SUFFIX)
    return False
