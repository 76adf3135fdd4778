"""Putting a stand-in where the original is, in the modules that hold it, and back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

Places = tuple[tuple[str, str], ...]

#: (module, name) of each function. Those of the second kind were imported before us and bound the original.
OPEN: Places = (
    ("builtins", "open"),
    ("io", "open"),
    ("bz2", "_builtin_open"),
    ("tarfile", "bltn_open"),
    ("IPython.core.interactiveshell", "io_open"),
    ("numpy.lib._datasource", "_open"),
)
OS_OPEN: Places = (("os", "open"),)
FILE_IO: Places = (("io", "FileIO"),)
#: What starts another program. ``subprocess`` has bound the function; loky and ``multiprocessing`` ask its module.
FORK_EXEC: Places = (("_posixsubprocess", "fork_exec"), ("subprocess", "_fork_exec"))
SQLITE: Places = (("sqlite3", "connect"), ("sqlite3.dbapi2", "connect"))


def put(places: Places, original: Any, stand_in: Any) -> list[dict[str, Any]]:
    """Bind ``stand_in`` wherever ``places`` hold ``original``; nothing is imported.

    :returns: the namespaces that were changed.
    """
    changed = []
    for name, attribute in places:
        names = names_of(sys.modules.get(name))
        if names.get(attribute) is original:
            names[attribute] = stand_in
            changed.append(names)
    _numpy_openers(original, stand_in)
    _notebooks_own_open(original, stand_in)
    return changed


def take_back(pairs: Sequence[tuple[Any, Any]], changed: Sequence[dict[str, Any]]) -> None:
    """Bind each original of (original, stand-in) again wherever the stand-in is held.

    That is in the namespaces ``changed`` (their modules may have been dropped) and in every module that imported it.
    """
    originals = {id(stand_in): original for original, stand_in in pairs}
    for names in [*changed, *(names_of(module) for module in list(sys.modules.values()))]:
        with suppress(RuntimeError):  # another thread is importing into this very module
            for name in [name for name, value in names.items() if id(value) in originals]:
                names[name] = originals[id(names[name])]
    for original, stand_in in pairs:
        _numpy_openers(stand_in, original)
        _notebooks_own_open(stand_in, original)


def names_of(module: Any) -> dict[str, Any]:
    """The names of a module, read without waking a lazy one."""
    if not isinstance(module, ModuleType):
        return {}
    try:
        names: dict[str, Any] = object.__getattribute__(module, "__dict__")
    except AttributeError:  # cffi's libraries only say that they are modules
        return {}
    return names


def _numpy_openers(old: Any, new: Any) -> None:
    """``np.loadtxt`` and ``np.genfromtxt`` keep ``open`` in a table."""
    module = sys.modules.get("numpy.lib._datasource")
    openers = getattr(names_of(module).get("_file_openers"), "_file_openers", None)
    if isinstance(openers, dict) and openers.get(None) is old:
        openers[None] = new


def _notebooks_own_open(old: Any, new: Any) -> None:
    """The ``open`` of a notebook is a function of IPython's around the original, which a pickle of it names.

    A function that calls ``open`` takes it along to loky's workers: pickling the original fails, as ``io.open`` is
    another object meanwhile.
    """
    function = names_of(sys.modules.get("IPython.core.interactiveshell")).get("_modified_open")
    if getattr(function, "__wrapped__", None) is old:
        function.__wrapped__ = new  # type: ignore[union-attr]  # it has `__wrapped__`: asked above
