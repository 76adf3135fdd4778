"""Frames of the user's code told from those of libraries, and what can be read of them without a trace.

The user's code is every file outside of the standard library, of installed packages and of this package: cells,
scripts, modules of the project, packages that are installed as links to a folder being worked on.
"""

from __future__ import annotations

import dis
import site
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

#: Code with fast locals: a function's. Cells, modules and class bodies keep their names in a dictionary.
FUNCTION = 0x1
_VARIABLE_ARGUMENTS, _VARIABLE_KEYWORDS = 0x4, 0x8
#: Code that calls one of these, or asks for one of those, may hold the dictionary of a frame's locals.
_CALLED = frozenset({"locals", "vars", "dir", "eval", "exec"})
_ASKED = frozenset({"_getframe", "currentframe", "f_locals"})
#: Names that code without a file has, where a person wrote it.
_TYPED = ("<ipython-input", "<stdin>", "<cell", "<timed ")  # the last: the body of ``%%time``
#: The function around what ``%timeit`` repeats.
TIMED = "<magic-timeit>"
_INSTALLED = ("/site-packages/", "/dist-packages/")
#: Files that hand a call on to what was called: ``metric(x)`` is ``Module.__call__``, which calls ``Metric.forward``.
_HANDING_ON = ("/torch/nn/modules/module.py",)

USER, LIBRARY, HANDING_ON = "user", "library", "handing on"


def _library_roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    roots = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parents[2])}
    return tuple(root.rstrip("/") + "/" for root in roots | {str(Path(root).resolve()) for root in roots})


_ROOTS = _library_roots()
_KINDS: dict[str, str] = {}


def kind_of(filename: str) -> str:
    """Whose code a file is: ``USER``, ``LIBRARY``, or ``HANDING_ON`` for a library's that only hands calls on."""
    kind = _KINDS.get(filename)
    if kind is None:
        kind = _KINDS[filename] = _kind(filename)
    return kind


def _kind(filename: str) -> str:
    installed = any(part in filename for part in _INSTALLED)
    if filename.startswith("<"):
        return USER if filename.startswith(_TYPED) else LIBRARY
    if installed and filename.endswith(_HANDING_ON):
        return HANDING_ON
    return LIBRARY if installed or filename.startswith(_ROOTS) else USER


def whose(frame: FrameType, top: Mapping[str, Any] | None) -> str:
    """Whose code a frame runs; code without a file is the user's where it runs in the names of cells, ``top``.

    So are texts that ``%%prun`` and magics of the user's run. What ``%timeit`` repeats is not.
    """
    filename = frame.f_code.co_filename
    if frame.f_globals is top and filename.startswith("<") and filename != TIMED:
        return USER
    return kind_of(filename)


def caller_of(frame: FrameType, top: Mapping[str, Any] | None = None) -> FrameType | None:
    """The frame of the user's that called ``frame``'s function; None: a library called it."""
    caller = frame.f_back
    while caller is not None:
        kind = whose(caller, top)
        if kind is not HANDING_ON:
            return caller if kind is USER else None
        caller = caller.f_back
    return None


def may_look(code: CodeType) -> bool:
    """May the local names of a frame of ``code`` be read without the user noticing?

    In Python 3.11 and 3.12 a look refreshes the one dictionary of locals that a function's frame has, and the user may
    hold it: ``settings = locals()``.
    """
    if sys.version_info >= (3, 13) or not code.co_flags & FUNCTION:
        return True
    if not _ASKED.isdisjoint(code.co_names):
        return False
    if _CALLED.isdisjoint(code.co_names):
        return True
    loads = (step for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    return all(step.argval not in _CALLED for step in loads)


def arguments_of(frame: FrameType) -> list[tuple[str, Any]]:
    """(name, value) of the arguments of a library's frame; those of ``*args`` are named "", ``**kwargs`` as given."""
    code, names = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    found = [(name, names[name]) for name in code.co_varnames[:count] if name in names]
    if code.co_flags & _VARIABLE_ARGUMENTS:
        found += [("", value) for value in names.get(code.co_varnames[count], ())]
        count += 1
    if code.co_flags & _VARIABLE_KEYWORDS:
        found += _keywords(names.get(code.co_varnames[count]))
    return found


def _keywords(given: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    return [] if given is None else list(given.items())
