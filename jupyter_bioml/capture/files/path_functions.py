"""Library functions that take a path and open it in C++, C or Rust, where the stand-ins of ``open`` see nothing.

pandas hands parquet paths to Arrow, ``torch.save`` writes by itself, HDF5 and DuckDB open their files themselves. Each
is given a stand-in of its own when its module is loaded, so that it does not matter who calls it: the user, or a
library on the user's behalf (``pd.read_hdf``, ``sc.read_h5ad``, ``xr.open_dataset``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from .uses import FRESH, READ, WRITE, bits_of_mode

#: What a library calls a place that is not a file.
_NO_FILES = (":memory:", ":default:", "md:", "motherduck:")


@dataclass(eq=False, repr=False)
class PathFunction:
    """``module.name``; its path is the argument at ``position``, called ``argument``."""

    module: str
    name: str
    position: int
    argument: str
    bits: int
    also: tuple[str, ...] = ()
    """Further modules that bind it to the same name."""
    mode: int | None = None
    """Place of the argument ``mode``, which says more than ``bits``."""
    database: bool = False
    """Opens a database: whether it was written is seen at the end."""
    opens_all: bool = False
    """Its library opens files in no other way."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(module, name) of each place where the function can be found, its home first."""
        return tuple((module, self.name) for module in (self.module, *self.also))

    @property
    def library(self) -> str:
        """Its topmost package."""
        return self.module.partition(".")[0]

    def path(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        """The local path of one call; None for file objects and addresses."""
        value = args[self.position] if len(args) > self.position else kwargs.get(self.argument)
        if isinstance(value, PurePath):
            value = str(value)
        elif isinstance(value, bytes):
            value = os.fsdecode(value)
        if not isinstance(value, str) or not value or "://" in value or value.startswith(_NO_FILES):
            return None
        return value

    def bits_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        """The effect of one call on the file."""
        if self.mode is None:
            return self.bits
        mode = args[self.mode] if len(args) > self.mode else kwargs.get("mode")
        if not isinstance(mode, str):
            return self.bits
        return READ | WRITE if mode == "a" else bits_of_mode(mode)


_POLARS = ("polars", "polars.io", "polars.io.csv")

PATH_FUNCTIONS = (
    PathFunction("pandas.io.parquet", "read_parquet", 0, "path", READ, ("pandas", "pandas.io.api")),
    PathFunction("pandas.io.parquet", "to_parquet", 1, "path", WRITE | FRESH),
    PathFunction("pyarrow.parquet.core", "read_table", 0, "source", READ, ("pyarrow.parquet",)),
    PathFunction("pyarrow.parquet.core", "write_table", 1, "where", WRITE | FRESH, ("pyarrow.parquet",)),
    PathFunction("torch.serialization", "save", 1, "f", WRITE | FRESH, ("torch",)),
    PathFunction("h5py._hl.files", "make_fid", 0, "name", READ, mode=1, opens_all=True),
    PathFunction("tables.file", "open_file", 0, "filename", READ, ("tables",), mode=1, opens_all=True),
    PathFunction("xarray.backends.api", "open_dataset", 0, "filename_or_obj", READ, ("xarray", "xarray.backends")),
    PathFunction("duckdb", "connect", 0, "database", READ, database=True),
    PathFunction("duckdb", "read_csv", 0, "path_or_buffer", READ),
    PathFunction("duckdb", "read_parquet", 0, "file_glob", READ),
    PathFunction("polars.io.csv.functions", "read_csv", 0, "source", READ, _POLARS),
    PathFunction("polars.io.csv.functions", "scan_csv", 0, "source", READ, _POLARS),
    PathFunction("polars.io.parquet.functions", "read_parquet", 0, "source", READ, ("polars", "polars.io")),
    PathFunction("polars.io.parquet.functions", "scan_parquet", 0, "source", READ, ("polars", "polars.io")),
)
