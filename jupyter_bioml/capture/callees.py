"""Do the functions that a cell calls fit or train something? Told by the names in their code objects; nothing runs."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .calls import FITTING, TRAINING
from .cellcode import SIMPLE, CellCode

#: Functions looked at for one cell.
MOST = 200
#: Types of values that have no functions of the user's.
_NO_CODE: frozenset[type] = SIMPLE | {list, dict, tuple, set}
_OURS = __name__.partition(".")[0]


@dataclass(frozen=True, eq=False, repr=False)
class Callees:
    """The user's own functions that a cell may call, as far as they fit something."""

    fits: bool = False
    trains: bool = False
    names: frozenset[str] = frozenset()
    """Names of the notebook that those functions use."""


_NONE = Callees()


def callees(code: CellCode, namespace: Mapping[str, Any]) -> Callees:
    """What the functions of the user that the block names would fit.

    Functions of the notebook and of modules that are not installed packages are followed into what they call. Of an
    object the methods count that the block names. A function that the block only defines is not called.
    """
    defined = code.calls.fitting or code.calls.training
    if not defined and code.names_only(_NO_CODE, namespace):
        return _NONE
    fits = not code.calls.fitting.isdisjoint(code.runs)
    trains = not code.calls.training.isdisjoint(code.runs)
    used: set[str] = set()
    for function in _functions(code, namespace):
        words = set(_words(function.__code__))
        fits, trains = fits or bool(words & FITTING), trains or bool(words & TRAINING)
        if function.__globals__ is namespace:
            used |= words
    return Callees(fits, trains, frozenset(used) if fits or trains else frozenset())


def _functions(code: CellCode, namespace: Mapping[str, Any]) -> Iterator[types.FunctionType]:
    left = [item for name in code.runs if (value := namespace.get(name)) is not None for item in _own(value, code)]
    seen: set[int] = set()
    while left and len(seen) < MOST:
        function = left.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        yield function
        around = function.__globals__
        for word in _words(function.__code__):
            value = around.get(word)
            if isinstance(value, (types.FunctionType, type)):
                left += _own(value, None)


def _own(value: Any, code: CellCode | None) -> Iterator[types.FunctionType]:
    """The functions of the user in a function, a class (its methods) or an object (the methods that ``code`` names)."""
    kind = type(value)
    if kind is types.FunctionType:
        if _is_own(value.__module__):
            yield value
    elif kind is types.ModuleType:
        if code is not None and _is_own(value.__name__):
            for name in code.attributes & vars(value).keys():
                yield from _own(vars(value)[name], None)
    elif issubclass(kind, type):
        yield from _methods(value, None)
    elif code is not None and _is_own(kind.__module__):
        yield from _methods(kind, code.attributes)


def _methods(kind: type, named: frozenset[str] | None) -> Iterator[types.FunctionType]:
    for base in kind.__mro__:
        if not _is_own(base.__module__):
            continue
        for name, item in vars(base).items():
            if isinstance(item, types.FunctionType) and (named is None or name in named or name == "__call__"):
                yield item


def _is_own(module: Any) -> bool:
    """The notebook, or a module that lies among the user's files."""
    if module == "__main__":
        return True
    if module == "builtins" or not isinstance(module, str) or module.partition(".")[0] == _OURS:
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    if not isinstance(file, str) or "site-packages" in file or "dist-packages" in file:
        return False
    return not file.startswith((sys.prefix, sys.base_prefix))


def _words(code: types.CodeType) -> Iterator[str]:
    """The names that a function's code uses, those of the functions inside it included."""
    left = [code]
    while left:
        one = left.pop()
        yield from one.co_names
        left += [item for item in one.co_consts if isinstance(item, types.CodeType)]
