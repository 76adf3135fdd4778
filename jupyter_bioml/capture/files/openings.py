"""What a cell opened, as it is noted call by call; in a forked child also told to the kernel."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from .data_files import DEVICES
from .forked import DATABASE, FAILED, FILE, FOLDER, OVER_LIMIT, PROGRAM, ChildLine, ForkedChildren
from .programs import Programs, told_program
from .uses import Version, merged, version, version_of

#: Files kept of one cell; more are a gap.
LIMIT = 20_000

# The originals, whatever the user's code does to the modules later.
_fstat, _getcwd, _fsdecode = os.fstat, os.getcwd, os.fsdecode


class Openings:
    """The files that the cell which runs now opened so far, in the order of the first opening."""

    def __init__(self, children: ForkedChildren, programs: Programs) -> None:
        self.on = False
        """A cell runs, or this is a forked child."""
        self.children = children
        self._programs = programs
        self.forget()

    def forget(self) -> None:
        """Another cell starts."""
        self.seen: dict[str, int] = {}
        """Path → what was done with it."""
        self.versions: dict[str, Version] = {}
        """Path → its file at the first opening."""
        self.databases: dict[str, Version | None] = {}
        self.folders: dict[str, int] = {}
        self._over_limit = self._failed = 0
        self._over_limit_in_child = False

    def gaps(self) -> list[str]:
        """Openings that were not noted."""
        found = []
        if self._over_limit:
            found.append(f"{self._over_limit:,} more openings not kept (limit {LIMIT:,} files)")
        if self._over_limit_in_child:
            found.append(f"forked processes opened more files than are kept (limit {LIMIT:,} each)")
        if self._failed:
            found.append(f"{self._failed:,} openings could not be noted")
        return found

    # -- one opening --------------------------------------------------------------------------------

    def note(self, name: Any, bits: int, descriptor: int) -> None:
        """A file was opened as ``name``."""
        path = name if name.__class__ is str else _fsdecode(name)
        if path[:1] != "/":
            path = f"{_getcwd()}/{path}"
        if self.children.forked:
            self.catch_up()
        before = self.seen.get(path)
        if before is not None:
            if merged(before, bits) != before:
                self._keep(path, bits, self.versions[path])
            return
        if path.startswith(DEVICES):
            return
        found = version(_fstat(descriptor))
        if found is not None:
            self._keep(path, bits, found)

    def note_database(self, path: str) -> None:
        """A connection to a database was made."""
        path = path if path[0] == "/" else f"{_getcwd()}/{path}"
        if self.children.forked:
            self.catch_up()
        if path not in self.databases:
            self.databases[path] = before = version_of(path)
            if self.children.in_child:
                self.children.tell(DATABASE, path, version=before)

    def note_path(self, path: str, bits: int) -> None:
        """A library was given a file or a folder to open by itself."""
        path = os.path.join(_getcwd(), os.path.expanduser(path))
        if self.children.forked:
            self.catch_up()
        found = version_of(path)
        if found is not None:
            self._keep(path, bits, found)
        elif os.path.isdir(path):
            self._keep_folder(path, bits)

    def failed(self) -> None:
        """An opening could not be noted."""
        self._failed += 1
        if self.children.in_child and self._failed == 1:
            self.children.tell(FAILED)

    def _keep(self, path: str, bits: int, found: Version) -> None:
        before = self.seen.get(path)
        if before is not None:
            bits = merged(before, bits)
        elif len(self.seen) >= LIMIT:
            self._over_limit += 1
            if self.children.in_child and self._over_limit == 1:
                self.children.tell(OVER_LIMIT)
            return
        self.versions.setdefault(path, found)  # first: another thread may be ending the cell
        self.seen[path] = bits
        if self.children.in_child:
            self.children.tell(FILE, path, bits, found)

    def _keep_folder(self, path: str, bits: int) -> None:
        self.folders[path] = self.folders.get(path, 0) | bits
        if self.children.in_child:
            self.children.tell(FOLDER, path, bits)

    # -- forked children ------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Once there are children: the kernel takes what they told so far, a child looks which cell runs."""
        if not self.children.in_child:
            for told in self.children.told():
                self._take(told)
        elif self.children.another_cell():
            self.forget()

    def after_fork(self) -> None:
        """In a child: note what it opens, and tell it."""
        self.on = False
        with suppress(Exception):
            self.forget()
            self.on = self.children.after_fork()

    def _take(self, told: ChildLine) -> None:
        if told.kind == FILE and told.version is not None:
            self._keep(told.path, told.bits, told.version)
        elif told.kind == DATABASE:
            self.databases.setdefault(told.path, told.version)
        elif told.kind == FOLDER:
            self._keep_folder(told.path, told.bits)
        elif told.kind == PROGRAM:
            self._programs.add(told_program(told.more))
        elif told.kind == OVER_LIMIT:
            self._over_limit_in_child = True
        elif told.kind == FAILED:
            self._failed += 1
