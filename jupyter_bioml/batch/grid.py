"""The sets of parameters of a sweep: from a grid, from a file, all of them or a sample."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..text.present import printable, shorten

#: Sets that one batch may have; beyond that, a sample is required.
MOST = 10_000
#: Bytes that a file of parameters may have.
FILE_LIMIT = 10 << 20
#: Values that all its sets may have together.
LARGEST = 1_000_000

_PLAIN = (type(None), bool, int, float, str, list, dict)


def parse_assignment(text: str, option: str) -> tuple[str, str]:
    """``NAME=VALUE`` as (name, text of the value).

    :raises UsageError: it has another form.
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier():
        raise UsageError(f"{option} {printable(shorten(text, 80))!r} is not of the form NAME=VALUE.")
    return name.strip(), value


def parse_grid(options: Iterable[str]) -> dict[str, list[Any]]:
    """``["lr=0.1,0.01", "depth=3,5"]`` as name → texts of its values, in the order given.

    A value that holds a comma is given in a JSON list: ``names=["a,b", "c"]``.

    :raises UsageError: no ``NAME=VALUES``, a name twice, or no value.
    """
    grid: dict[str, list[Any]] = {}
    for option in options:
        name, text = parse_assignment(option, "--grid")
        if name in grid:
            raise UsageError(f"--grid has {name!r} twice.")
        values = _json_list(text)
        grid[name] = [part.strip() for part in text.split(",")] if values is None else values
        if not grid[name] or "" in grid[name]:
            raise UsageError(f"--grid {printable(shorten(option, 80))!r} has an empty value.")
    return grid


def _json_list(text: str) -> list[Any] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        values = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--grid: {printable(shorten(text, 80))!r} is not a JSON list ({error}).") from None
    assert isinstance(values, list)
    return values


def read_params_file(path: Path) -> list[dict[str, Any]]:
    """The sets of a YAML or JSON file: a list of mappings from names to values.

    :raises UsageError: naming the file and what is wrong with it.
    """
    import yaml

    try:
        with open(path, "rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read ({error.strerror or error}).") from None
    if len(data) > FILE_LIMIT:
        raise UsageError(f"{str(path)!r} is larger than {FILE_LIMIT >> 20} MiB.")
    try:
        found = json.loads(data) if path.suffix == ".json" else yaml.safe_load(data)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise UsageError(
            f"{str(path)!r} cannot be read as YAML or JSON: {shorten(' '.join(str(error).split()), 200)}"
        ) from None
    if not isinstance(found, list) or not found:
        raise UsageError(
            f"{str(path)!r} does not hold a list of parameter sets.", next="Write one '- name: value' per set."
        )
    for number, item in enumerate(found, 1):
        if not isinstance(item, dict) or not item or not all(isinstance(key, str) for key in item):
            raise UsageError(f"{str(path)!r}: entry {number} is not a mapping of names to values.")
    if (odd := _odd(found)) is not None:
        raise UsageError(
            f"{str(path)!r}: {printable(shorten(str(odd), 80))} is a {type(odd).__name__}, not a parameter.",
            next="Quote it, to make it a text.",
        )
    if _leaves(found, LARGEST) > LARGEST:
        raise UsageError(f"{str(path)!r}: the sets are too large, with more than {LARGEST} values in them.")
    return found


def _odd(value: Any) -> Any:
    """A value that JSON cannot express (YAML reads dates), if there is one. Looks at two levels."""
    items = [item for entry in value for item in entry.values()]
    inner = [part for item in items if isinstance(item, list) for part in item]
    return next((item for item in (*items, *inner) if not isinstance(item, _PLAIN)), None)


def _leaves(value: Any, most: int) -> int:
    """Number of values in lists and mappings; counting ends above ``most`` (YAML can repeat without end)."""
    if not isinstance(value, (dict, list)):
        return 1
    count = 0
    for item in value.values() if isinstance(value, dict) else value:
        count += _leaves(item, most - count)
        if count > most:
            break
    return count


class ParameterSets(Sequence[dict[str, Any]]):
    """Every set of a file with every point of a grid, in order: the file slowest, the last name of the grid fastest.

    Nothing is multiplied out, so that a sample of a huge grid costs nothing.

    :raises UsageError: a name stands in both.
    """

    def __init__(self, base: Mapping[str, Any], grid: Mapping[str, Sequence[Any]], file: Sequence[dict[str, Any]]):
        self._base = dict(base)
        self._grid = {name: list(values) for name, values in grid.items()}
        self._file = list(file) or [{}]
        names = [*self._base, *self._grid, *{name for item in self._file for name in item}]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"{', '.join(map(repr, twice))}: given twice, by -p, --grid or --params-file.")

    def __len__(self) -> int:
        return len(self._file) * math.prod(len(values) for values in self._grid.values())

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        point = {}
        for name, values in reversed(self._grid.items()):
            index, digit = divmod(index, len(values))
            point[name] = values[digit]
        return {**self._base, **self._file[index], **dict(reversed(point.items()))}

    @property
    def varied(self) -> list[str]:
        """The names whose values differ from set to set."""
        return list(dict.fromkeys([*(name for item in self._file for name in item), *self._grid]))


def chosen_sets(sets: ParameterSets, sample: int | None, seed: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number of the set, counted from 1; the set) of all, or of ``sample`` of them drawn with ``seed``, in order.

    The same sets, ``sample`` and ``seed`` choose the same ones on every machine (Python's ``random.Random``).

    :raises UsageError: more than :data:`MOST`, or a sample of more than there are.
    """
    count = len(sets)
    if sample is not None and sample > count:
        raise UsageError(f"Cannot draw a sample of {sample} from {count} sets of parameters.")
    numbers = range(count) if sample is None else sorted(random.Random(seed).sample(range(count), sample))
    if len(numbers) > MOST:
        raise UsageError(
            f"{len(numbers)} sets of parameters exceed the limit of {MOST}.", next="Draw some with --sample N."
        )
    return ((number + 1, sets[number]) for number in numbers)
