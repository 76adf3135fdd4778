"""Everything a batch's notebook asked of the world besides opening files: enough to know that nothing has changed.

Only in kernels that ``bioml run --only-changed`` starts (``BIOML_PROBES``). While a cell runs, the paths that it asks
about (``os.stat``, ``os.access``, an ``open`` that finds nothing), the folders that it lists, the environment variables
that it reads, the modules of its own and calls of the network are noted *by name*; no value is. Other
processes and code in C cannot be seen: that some were there is noted instead. Every stand-in notes and then does what
the original does.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from ...config import Project
from ..files.data_files import DataFiles
from ..files.stand_ins import Call
from ..modules import OURS

#: Names kept of one session; with more the notebook cannot be skipped.
LIMIT = 50_000
#: Variables that belong to a start of a kernel, not to what a notebook is given.
_OF_THE_START = ("BIOML_", "JPY_", "PYTEST_")
_TERMINAL = frozenset(("_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM"))
#: Every variable: the whole environment was read or handed on.
ALL = "*"
#: Functions of ``os`` → whether they list a folder.
_FUNCTIONS = {"stat": False, "lstat": False, "access": False, "listdir": True, "scandir": True}
_fsdecode, _getcwd = os.fsdecode, os.getcwd
_set_traceback = BaseException.with_traceback


class ProbeObserver:
    """The probes of one kernel. It is asked before each call, as a reproduction's confinement is (:mod:`.files`)."""

    def __init__(self, project: Project) -> None:
        self._rules = DataFiles(project)
        self._on = False
        self._asked: dict[str, None] = {}
        self._listed: dict[str, None] = {}
        self._variables: dict[str, None] = {}
        self._hidden: dict[str, None] = {}
        self._modules: dict[str, None] = {}
        self._imported = 0
        self._told = -1
        self._children = 0
        self._environ: list[tuple[str, Any]] = []
        self._sockets: list[tuple[Any, str, Any]] = []

    # -- life ------------------------------------------------------------------------------------

    def install(self) -> None:
        """Put the stand-ins of environment and network in place; those of files are :mod:`.files`'s."""
        kind: Any = type(os.environ)
        for name in ("__getitem__", "__iter__"):
            self._environ.append((name, getattr(kind, name)))
            setattr(kind, name, self._reading(getattr(kind, name), every=name == "__iter__"))
        for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo")):
            original = getattr(owner, name)
            self._sockets.append((owner, name, original if name in vars(owner) else None))
            setattr(owner, name, self._calling(original))

    def uninstall(self) -> None:
        """Put the originals back."""
        for name, original in self._environ:
            setattr(type(os.environ), name, original)
        for owner, name, own in self._sockets:
            if own is None:
                delattr(owner, name)
            else:
                setattr(owner, name, own)
        self._environ, self._sockets = [], []

    def start(self) -> None:
        """A cell starts."""
        self._children = _ended_children()
        self._on = True

    def finish(self) -> dict[str, Any] | None:
        """The cell has ended: the ``probes`` entry of what was not told yet; None when there is nothing new."""
        self._on = False
        if _ended_children() != self._children or _has_children():
            self._hidden["it started other processes"] = None
        if len(sys.modules) != self._imported:
            self._imported = len(sys.modules)
            self._look_at_modules()
        parts = {
            "asked": self._asked,
            "listed": self._listed,
            "variables": self._variables,
            "modules": self._modules,
            "hidden": self._hidden,
        }
        count = sum(len(part) for part in parts.values())
        if count == self._told:
            return None
        self._told = count
        return {"t": "probes", "at": time.time(), **{name: list(part) for name, part in parts.items()}}

    def _look_at_modules(self) -> None:
        """Files of modules that are the user's, and the files that would stand in for others if they were there."""
        self._modules.update(dict.fromkeys(own_modules()))
        folder = _getcwd()
        for root in {name.partition(".")[0] for name in sys.modules}:
            self._asked[f"{folder}/{root}"] = self._asked[f"{folder}/{root}.py"] = None

    # -- before each call, as :class:`~.confine.Confinement` is asked ----------------------------------

    def opening(self, call: Call) -> Call:
        """Before ``open``, ``io.open`` and ``io.FileIO``."""
        args, kwargs = call
        self._path(self._asked, args[0] if args else kwargs.get("file", kwargs.get("name")))
        return call

    def opening_descriptor(self, call: Call) -> Call:
        """Before ``os.open``."""
        args, kwargs = call
        if kwargs.get("dir_fd") is None:
            self._path(self._asked, args[0] if args else kwargs.get("path"))
        return call

    def connecting(self, call: Call) -> Call:
        """Before ``sqlite3.connect``: the database is a file like others, and is seen as one."""
        return call

    def changes(self) -> Iterator[tuple[str, Callable[[Call], Call]]]:
        """Name of a function of ``os`` → what is asked before it is called."""
        for name, lists in _FUNCTIONS.items():
            yield name, self._asking(self._listed if lists else self._asked)

    def _asking(self, kept: dict[str, None]) -> Callable[[Call], Call]:
        def asked(call: Call) -> Call:
            args, kwargs = call
            if kwargs.get("dir_fd") is None:
                self._path(kept, args[0] if args else kwargs.get("path", "."))
            return call

        return asked

    def _path(self, kept: dict[str, None], name: Any) -> None:
        """Note a path; the text of a path object is asked for without running the user's code."""
        if not self._on or isinstance(name, int):
            return
        try:
            path = name if name.__class__ is str else _fsdecode(name)
            if path[:1] != "/":
                path = os.path.normpath(f"{_getcwd()}/{path}")
            if path in kept or not self._rules.keeps(f"{path}/" if kept is self._listed else path):
                return
            if len(kept) >= LIMIT:
                self._hidden[f"it asked for more than {LIMIT:,} paths"] = None
            else:
                kept[path] = None
        except Exception:
            self._hidden["a path that it asked for could not be noted"] = None

    # -- environment and network -----------------------------------------------------------------------

    def _reading(self, original: Callable[..., Any], *, every: bool) -> Callable[..., Any]:
        def read(environ: Any, *name: Any) -> Any:
            if self._on and environ is os.environ:
                self._variable(ALL if every else name[0])
            try:
                return original(environ, *name)
            except BaseException as error:
                trace = error.__traceback__
                _set_traceback(error, trace.tb_next if trace is not None else None)
                raise

        return read

    def _variable(self, name: Any) -> None:
        if isinstance(name, str) and not at_start(name):
            self._variables[name] = None

    def _calling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._on:
                self._hidden["it uses the network"] = None
            try:
                return original(*args, **kwargs)
            except BaseException as error:
                trace = error.__traceback__
                _set_traceback(error, trace.tb_next if trace is not None else None)
                raise

        return call


def at_start(variable: str) -> bool:
    """True for a variable that belongs to a start of a kernel."""
    return variable in _TERMINAL or variable.startswith(_OF_THE_START)


def _ended_children() -> int:
    """Grows with every child process that has ended and was waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_minflt + usage.ru_majflt


def _has_children() -> bool:
    """Whether this process has children now (Linux; elsewhere only ended ones are seen)."""
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children", encoding="ascii") as file:
                if file.read().strip():
                    return True
    except OSError:
        return False
    return False


def own_modules() -> Iterator[str]:
    """Files of imported modules that are neither installed, nor Python's own, nor ours."""
    prefixes = (sys.prefix, sys.base_prefix)
    installed = tuple(f"{prefix}{os.sep}lib" for prefix in {*prefixes, *(os.path.realpath(path) for path in prefixes)})
    for name, module in list(sys.modules.items()):
        path = vars(module).get("__file__") if type(module) is type(sys) else None
        if not isinstance(path, str) or not path.endswith(".py") or name.partition(".")[0] == OURS:
            continue
        if not path.startswith(installed) and "site-packages" not in path and "dist-packages" not in path:
            yield path
