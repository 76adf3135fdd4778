"""A reproduction's kernel writes only in its work folder, the temporary folder and caches.

The stand-ins of ``open`` and its like (:mod:`.files`) ask here before each call, and further ones of functions that
change folders do nothing else. What is refused raises :class:`OutsideWorkFolder`, which names the path, and is
noticed, because the user's code may catch it. Code in C, C++ and other processes is not held back.

Writing through a link of the work folder would change the user's original: the link becomes a copy first. A database
elsewhere is opened for reading only. Reading by an absolute path into the user's own tree is let pass and noticed:
it works here, and nowhere else.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...config import Destination, Project
from ..files.data_files import DEVICES, private_folders
from ..files.stand_ins import Call
from ..files.uses import WRITE, bits_of_flags, bits_of_mode, path_of_uri
from .notices import READ_OUTSIDE, WRITE_REFUSED, notice

#: Variables that name folders of caches.
_CACHES = (
    "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "TORCH_HOME", "NUMBA_CACHE_DIR",
    "SCIKIT_LEARN_DATA", "NLTK_DATA", "KERAS_HOME", "JOBLIB_TEMP_FOLDER", "TMPDIR", "TRITON_CACHE_DIR", "PIP_CACHE_DIR",
)  # fmt: skip
#: Folders of caches in the user's home that do not begin with a dot.
_HOME_CACHES = ("scikit_learn_data", "nltk_data", "tensorflow_datasets")
_TEMPORARY = (tempfile.gettempdir(), "/tmp", "/var/tmp")
_CODE = (".py", ".pyc", ".pyi", ".so")
#: Functions of ``os`` that change a folder → the places of the paths that they change, and their names.
_CHANGES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "mkdir": ((0, "path", "dir_fd"),),
    "remove": ((0, "path", "dir_fd"),),
    "unlink": ((0, "path", "dir_fd"),),
    "rmdir": ((0, "path", "dir_fd"),),
    "rename": ((0, "src", "src_dir_fd"), (1, "dst", "dst_dir_fd")),
    "replace": ((0, "src", "src_dir_fd"), (1, "dst", "dst_dir_fd")),
    "link": ((1, "dst", "dst_dir_fd"),),
    "symlink": ((1, "dst", "dir_fd"),),
    "truncate": ((0, "path", ""),),
}
_fsdecode, _getcwd, _readlink, _unlink, _rename = os.fsdecode, os.getcwd, os.readlink, os.unlink, os.rename


class OutsideWorkFolder(PermissionError):
    """A reproduction may write only in its own folder, the temporary folder and caches."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EACCES, "a reproduction may not write outside its work folder", path)


class Confinement:
    """The rules for one kernel of a reproduction."""

    def __init__(self, project: Project, destination: Destination) -> None:
        assert project.work is not None
        self._told: set[tuple[str, str]] = set()
        self._work = _folder(os.path.realpath(project.work))
        self._roots = tuple({_folder(str(project.root)), _folder(os.path.realpath(project.root))})
        ours = {str(project.home), os.path.realpath(project.home)}
        if destination.database is not None:
            ours.add(str(destination.database.parent / "mlruns"))
            ours.add(str(destination.database.parent / "mlartifacts"))
        self._database = None if destination.database is None else os.path.realpath(destination.database)
        self._ours = tuple(_folder(path) for path in ours)
        self._caches = tuple({_folder(os.path.realpath(path)) for path in _cache_folders()})
        self._temporary = tuple({_folder(os.path.realpath(path)) for path in _TEMPORARY})

    # -- before each call of a stand-in ----------------------------------------------------------------

    def opening(self, call: Call) -> Call:
        """Before ``open``, ``io.open`` and ``io.FileIO``."""
        args, kwargs = call
        name = args[0] if args else kwargs.get("file", kwargs.get("name"))
        mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
        if isinstance(mode, str) and kwargs.get("opener") is None:
            self._check(name, bool(bits_of_mode(mode) & WRITE))
        return call

    def opening_descriptor(self, call: Call) -> Call:
        """Before ``os.open``."""
        args, kwargs = call
        name = args[0] if args else kwargs.get("path")
        flags = args[1] if len(args) > 1 else kwargs.get("flags", 0)
        if isinstance(flags, int):
            writes = bool(bits_of_flags(flags) & WRITE or flags & os.O_CREAT)
            self._check(name, writes, dir_fd=kwargs.get("dir_fd"))
        return call

    def connecting(self, call: Call) -> Call:
        """Before ``sqlite3.connect``: elsewhere than in the work folder and in caches for reading only."""
        args, kwargs = call
        name: Any = args[0] if args else kwargs.get("database")
        path = self._absolute(name, None)
        uri = bool(kwargs.get("uri") or (len(args) > 7 and args[7]))
        if path is None or _fsdecode(name) in ("", ":memory:"):
            return call
        if uri:
            inner = path_of_uri(_fsdecode(name))
            if not inner or "mode=ro" in _fsdecode(name) or "immutable=1" in _fsdecode(name):
                return call
            path = self._absolute(inner, None) or inner
        self._own(path)
        if self._may_write(os.path.realpath(path)):
            return call
        if not os.path.exists(path):
            self._refuse(path)
        self._tell(READ_OUTSIDE, path)
        rest = {**kwargs, "uri": True}
        rest.pop("database", None)
        return (f"file:{quote(path)}?mode=ro", *args[1:7]), rest

    def changes(self) -> Iterator[tuple[str, Callable[[Call], Call]]]:
        """Name of a function of ``os`` → what is asked before it is called."""
        for name, paths in _CHANGES.items():
            yield name, self._changing(name, paths)

    def _changing(self, function: str, paths: tuple[tuple[int, str, str], ...]) -> Callable[[Call], Call]:
        makes = function in ("mkdir", "link", "symlink")

        def check(call: Call) -> Call:
            args, kwargs = call
            for place, keyword, descriptor in paths:
                name = args[place] if len(args) > place else kwargs.get(keyword)
                path = self._absolute(name, kwargs.get(descriptor))
                if path is None:
                    continue
                where = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
                # what fails anyway (a folder that is there, a file that is not) fails as it always does
                if os.path.lexists(where) == makes and place == 0:
                    continue
                if not self._may_write(where):
                    self._refuse(path)
            return call

        return check

    # -- the rules -------------------------------------------------------------------------------------

    def _check(self, name: Any, writes: bool, dir_fd: int | None = None) -> None:
        path = self._absolute(name, dir_fd)
        if path is None or path.startswith(DEVICES):
            return
        if not writes:
            self._reading(name, path)
            return
        self._own(path)
        if not self._may_write(os.path.realpath(path)):
            self._refuse(path)

    def _reading(self, name: Any, path: str) -> None:
        given = name if isinstance(name, (str, bytes)) else os.fspath(name)
        if not os.path.isabs(given) or not path.startswith(self._roots) or path.endswith(_CODE):
            return
        # git's own files are read by us too, and by libraries that ask for a version
        if not path.startswith((self._work, *self._ours)) and "/.git/" not in path:
            self._tell(READ_OUTSIDE, path)

    def _may_write(self, path: str) -> bool:
        if path.startswith((self._work, *self._ours, *self._caches, *DEVICES)):
            return True
        if "/__pycache__/" in path or path.endswith(".pyc"):
            return True
        if self._database is not None and path.startswith(self._database):
            return True
        return not path.startswith(self._roots) and path.startswith(self._temporary)

    def _own(self, path: str) -> None:
        """A link of the work folder to one of the user's files becomes a copy of it."""
        inside = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if not inside.startswith(self._work) or not os.path.islink(inside):
            return
        original = os.path.realpath(inside)
        if original.startswith(self._work) or not os.path.isfile(original):
            return
        copy = f"{inside}.{os.getpid()}.bioml"
        shutil.copy2(original, copy)
        _rename(copy, inside)

    @staticmethod
    def _absolute(name: Any, dir_fd: int | None) -> str | None:
        """The path that a call names; None for a descriptor, and for what the call itself will refuse."""
        if isinstance(name, int) or name is None:
            return None
        try:
            path = _fsdecode(os.fspath(name))
            base = _getcwd() if dir_fd is None else _readlink(f"/proc/self/fd/{dir_fd}")
        except (TypeError, ValueError, OSError):
            return None
        if "\0" in path:
            return None
        return path if path[:1] == "/" else os.path.join(base, path)

    def _refuse(self, path: str) -> None:
        self._tell(WRITE_REFUSED, path)
        raise OutsideWorkFolder(path)

    def _tell(self, kind: str, path: str) -> None:
        if (kind, path) not in self._told:
            self._told.add((kind, path))
            notice(self._work, kind, path=path)


def _folder(path: str) -> str:
    return path.rstrip("/") + "/"


def _cache_folders() -> Iterator[str]:
    user = os.path.expanduser("~").rstrip("/")
    yield from private_folders(user + "/")
    for variable in _CACHES:
        value = os.environ.get(variable, "")
        if os.path.isabs(value) and value.rstrip("/") not in ("", user):
            yield value
    yield from (str(Path(user, name)) for name in _HOME_CACHES)
