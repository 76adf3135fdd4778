"""Stand-ins of the calls that start another program: ``subprocess``, ``os.system``, ``posix_spawn`` and, in forked
children, ``exec``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .forked import PROGRAM
from .holders import FORK_EXEC, Places
from .openings import Openings
from .programs import Programs, line_of
from .stand_ins import Call, Watched, nothing, silent


class Starters:
    """What the kernel and its forked children start, noted by :class:`.programs.Programs`."""

    def __init__(self, programs: Programs, openings: Openings) -> None:
        self._programs = programs
        self._openings = openings

    def stand_ins(self) -> Iterator[tuple[Places, Any, Watched]]:
        """(places, original, stand-in) of each."""
        fork_exec = getattr(sys.modules.get("_posixsubprocess"), "fork_exec", None)
        if fork_exec is not None:
            yield FORK_EXEC, fork_exec, Watched(fork_exec, "_posixsubprocess:fork_exec", self._fork_exec)
        yield (("os", "system"),), os.system, Watched(os.system, "os:system", self._system)
        for name in ("posix_spawn", "posix_spawnp"):
            if (spawn := getattr(os, name, None)) is not None:
                yield (("os", name),), spawn, Watched(spawn, f"os:{name}", self._spawn)
        for name in ("execv", "execve"):
            become = getattr(os, name)
            yield (("os", name),), become, Watched(become, f"os:{name}", nothing, guard=self._exec)

    def _fork_exec(self, args: tuple[Any, ...], kwargs: dict[str, Any], pid: int) -> None:
        self._note(lambda: (args[0], args[4]), pid)

    def _system(self, args: tuple[Any, ...], kwargs: dict[str, Any], status: int) -> None:
        self._note(lambda: (["sh", "-c", args[0] if args else kwargs["command"]], None))

    def _spawn(self, args: tuple[Any, ...], kwargs: dict[str, Any], pid: int) -> None:
        self._note(lambda: (args[1], None), pid)

    def _exec(self, call: Call) -> Call:
        """A child becomes another program; the kernel itself that does so is gone."""
        if self._openings.children.in_child:
            self._note(lambda: (call[0][1], None))
        return call

    def _note(self, arguments: Callable[[], tuple[Any, Any]], pid: int | None = None) -> None:
        openings = self._openings
        try:
            words, folder = arguments()
            found = self._programs.started(words, folder)
            if found is None or not (openings.on or found.worker):
                return
            if not openings.children.in_child:
                self._programs.add(found, pid)
            elif openings.on:
                openings.children.tell(PROGRAM, more=line_of(found))
        except Exception:
            openings.failed()
        except BaseException as interrupt:
            silent(interrupt)
            raise
