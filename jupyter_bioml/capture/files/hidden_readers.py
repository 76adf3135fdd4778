"""Libraries that open files in C, C++ or Rust, where no stand-in sees them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType

#: Loaded means used.
_LOADED = (
    "h5py",
    "tables",
    "netCDF4",
    "pysam",
    "cyvcf2",
    "pyBigWig",
    "rdkit",
    "polars",
    "duckdb",
    "cv2",
    "SimpleITK",
    "nibabel",
)
#: Loaded by others too: only when the user's own names hold something of theirs.
_NAMED = ("pyarrow",)
_REASONS = {
    "pyarrow": "files that pyarrow opens by itself are seen only in parquet.read_table and write_table",
}


def hidden_readers(known: set[str]) -> Iterator[tuple[str, str]]:
    """(library, reason) of those that may have read or written files unseen; ``known`` ones are left out."""
    for name in _LOADED:
        if name not in known and name in sys.modules:
            yield name, f"files that {name} opens by itself are seen only if still open at the cell's end"
    wanted = {name for name in _NAMED if name not in known and name in sys.modules}
    if wanted:
        for name in sorted(wanted & set(_roots_of_user_names())):
            yield name, _REASONS[name]


def _roots_of_user_names() -> Iterator[str]:
    """The packages that modules, classes and functions bound in ``__main__`` come from."""
    for value in list(vars(sys.modules["__main__"]).values()):
        kind = type(value)  # not ``isinstance``, which wakes lazy proxies
        if kind is ModuleType:
            origin = value.__name__
        elif issubclass(kind, type) or kind in (FunctionType, BuiltinFunctionType):
            origin = value.__module__
        else:
            continue
        if isinstance(origin, str):
            yield origin.partition(".")[0]
