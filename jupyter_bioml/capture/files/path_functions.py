"""Library functions that take a path and open it in C++, where the stand-ins of ``open`` see nothing.

pandas hands parquet paths to Arrow, and ``torch.save`` writes by itself. Each is given a stand-in of its own when its
module is loaded, by the user and not by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from .uses import FRESH, READ, WRITE


@dataclass(frozen=True)
class PathFunction:
    """``module.name``; its path is the argument at ``position``, called ``argument``."""

    module: str
    name: str
    position: int
    argument: str
    bits: int
    also: tuple[str, ...] = ()
    """Further modules that bind it to the same name."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(module, name) of each place where the function can be found, its home first."""
        return tuple((module, self.name) for module in (self.module, *self.also))

    def path(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        """The local path of one call; None for file objects and addresses."""
        value = args[self.position] if len(args) > self.position else kwargs.get(self.argument)
        if isinstance(value, PurePath):
            value = str(value)
        return value if isinstance(value, str) and "://" not in value else None


PATH_FUNCTIONS = (
    PathFunction("pandas.io.parquet", "read_parquet", 0, "path", READ, ("pandas", "pandas.io.api")),
    PathFunction("pandas.io.parquet", "to_parquet", 1, "path", WRITE | FRESH),
    PathFunction("pyarrow.parquet.core", "read_table", 0, "source", READ, ("pyarrow.parquet",)),
    PathFunction("pyarrow.parquet.core", "write_table", 1, "where", WRITE | FRESH, ("pyarrow.parquet",)),
    PathFunction("torch.serialization", "save", 1, "f", WRITE | FRESH, ("torch",)),
)
