"""Libraries that open files in C, C++ or Rust, where no stand-in sees them.

One that another library imported for itself has read nothing for the user: it counts when the user's own code, in the
notebook or in a module of the project, holds something of it or imports it in a function.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from .distributions import site_of
from .holders import names_of

#: Library → what is not seen of it.
_AT_THE_END = "files that {} opens by itself are seen only if still open at the cell's end"
_REASONS = {
    "h5py": _AT_THE_END, "tables": _AT_THE_END, "netCDF4": _AT_THE_END, "pysam": _AT_THE_END, "cyvcf2": _AT_THE_END,
    "pyBigWig": _AT_THE_END, "rdkit": _AT_THE_END, "cv2": _AT_THE_END, "SimpleITK": _AT_THE_END,
    "nibabel": _AT_THE_END,
    "polars": "files that polars opens by itself are seen only in read_ and scan_ of csv and parquet",
    "duckdb": "files that duckdb opens by itself are seen only in connect, read_csv and read_parquet",
    "pyarrow": "files that pyarrow opens by itself are seen only in parquet.read_table and write_table",
    "rpy2": "files that R opens are not seen",
    "juliacall": "files that Julia opens are not seen",
}  # fmt: skip
#: Kinds of values that say nothing, and that most names hold.
_PLAIN = frozenset((int, float, str, bool, list, dict, tuple, set, bytes, type(None)))


class HiddenReaders:
    """The libraries of one kernel that may read or write unseen. ``roots``: folders of the user's own modules."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = tuple(roots)
        self._looked_at: tuple[int, frozenset[str]] = (0, frozenset())
        self._of_modules: set[str] = set()

    def unseen(self, known: set[str]) -> Iterator[tuple[str, str]]:
        """(library, reason) of those that the user's code uses; ``known`` ones are left out."""
        wanted = frozenset(name for name in _REASONS if name not in known and name in sys.modules)
        if not wanted:
            return
        used = _used(vars(sys.modules["__main__"]), wanted) | self._used_by_modules(wanted)
        for name, reason in _REASONS.items():
            if name in used:
                yield name, reason.format(name)

    def _used_by_modules(self, wanted: frozenset[str]) -> set[str]:
        """What modules of the project use; looked at again when more are loaded."""
        looked_at = (len(sys.modules), wanted)
        if looked_at != self._looked_at:
            self._looked_at, self._of_modules = looked_at, set()
            for module in list(sys.modules.values()):
                names = names_of(module)
                file = names.get("__file__")
                if isinstance(file, str) and file.startswith(self._roots) and site_of(file) is None:
                    self._of_modules |= _used(names, wanted)
        return self._of_modules


def _used(names: dict[str, Any], wanted: frozenset[str]) -> set[str]:
    """The packages that modules, classes and functions among ``names`` come from or import."""
    found: set[str] = set()
    for value in list(names.values()):
        kind = type(value)  # not ``isinstance``, which wakes lazy proxies
        if kind in _PLAIN:
            continue
        if kind is ModuleType:
            origin = value.__name__
        elif kind is FunctionType:
            origin = value.__module__
            found |= _imported_in(value.__code__, wanted)
        elif issubclass(kind, type):
            origin = value.__module__
            functions = (item for item in list(vars(value).values()) if type(item) is FunctionType)
            found.update(*(_imported_in(item.__code__, wanted) for item in functions))
        elif kind is BuiltinFunctionType:
            origin = value.__module__
        else:
            continue
        if isinstance(origin, str) and (root := origin.partition(".")[0]) in wanted:
            found.add(root)
    return found


def _imported_in(code: CodeType, wanted: frozenset[str]) -> set[str]:
    """The packages that a function imports, in its own code and that of functions in it."""
    found: set[str] = set()
    for part in (code, *(item for item in code.co_consts if type(item) is CodeType)):
        if not wanted.isdisjoint(part.co_names):  # names of attributes are among them
            import dis

            imports = (item.argval for item in dis.get_instructions(part) if item.opname == "IMPORT_NAME")
            found |= wanted.intersection(imports)
    return found
