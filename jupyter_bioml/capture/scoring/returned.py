"""What a scoring function returned, as named numbers. Nothing is computed but the mean and spread of folds."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .functions import CURVES, FOLD_TABLE, FOLDS, PLAIN, REPORT, ROUNDS, TESTS, Shape
from .reports import COUNTS, rows_of_report
from .tests_in_tables import cells_of, comparisons_of

#: Most numbers of one array: one for each class, fold or time; longer ones are data.
LONGEST = 50
#: Most rounds or steps of one series.
LONGEST_SERIES = 10_000
#: Fields of a result object that are scores, in this order; others (degrees of freedom, expected counts) are not.
_FIELDS = ("statistic", "pvalue", "correlation", "test_statistic", "p_value", "slope", "intercept", "rvalue", "stderr")
_CUT = 80
#: Most samples whose classes are looked at.
MOST_LABELLED = 1_000_000


class Unread(Exception):
    """A result that was not read; it says why."""


@dataclass(frozen=True, slots=True)
class ReturnedNumber:
    """One number of a result. NaN, infinities and booleans are as they were returned."""

    part: str
    """"" for the result itself, else the field, class, fold's statistic or row: ``precision.class 1``."""
    value: int | float | bool
    step: int | None = None
    """Of a series: the fold, round or size."""
    position: int | None = None
    """Its place in a returned tuple or list, for unpacking."""
    digits: int | None = None
    """Decimals, where it was read from a text."""
    at: float | None = None
    """Epoch seconds, where the numbers of a series were seen one after the other."""


#: Number of classes → their names; None: not known.
Labels = Callable[[int], "list[str] | None"]


def numbers_of(value: Any, shape: Shape, labels: Labels = lambda _: None) -> list[ReturnedNumber]:
    """The numbers of a result in their order; empty: there are none that are scores.

    :param labels: names of the classes of a result with one number for each.
    :raises Unread: for values on a GPU: reading them would wait for the device.
    """
    reader = _READERS[shape.kind]
    return list(reader(value, shape, labels))


# ---- single values


def number(value: Any) -> int | float | bool | None:
    """``value`` as a Python number when it is a real scalar (numpy's and torch's too), else None.

    :raises Unread: when it is on a GPU.
    """
    if isinstance(value, (bool, int, float)):
        return value if type(value) in (bool, int, float) else _item(value)
    if _is(value, "torch", "Tensor"):
        if value.device.type != "cpu":
            raise Unread(f"on the device {value.device}")
        return _item(value.detach()) if value.numel() == 1 and not value.is_complex() else None
    if _is(value, "numpy", "generic", "ndarray") and value.ndim == 0 and value.dtype.kind in "biuf":
        return _item(value)
    return None


def _item(value: Any) -> int | float | bool | None:
    if isinstance(value, float) and not hasattr(value, "item"):
        return float(value)
    item = value.item() if hasattr(value, "item") else int(value)
    return item if isinstance(item, (bool, int, float)) else None


def _is(value: Any, module: str, *classes: str) -> bool:
    loaded = sys.modules.get(module)
    found = tuple(cls for name in classes if isinstance(cls := getattr(loaded, name, None), type))
    return issubclass(type(value), found)


def _array(value: Any) -> Any:
    """A list, array, series or tensor of real numbers as a numpy array; None: it is something else, or too long."""
    if _is(value, "torch", "Tensor"):
        if value.device.type != "cpu":
            raise Unread(f"on the device {value.device}")
        if value.numel() > LONGEST_SERIES:
            return None
        value = value.detach().numpy()
    elif isinstance(value, list):
        if not value or len(value) > LONGEST_SERIES or any(number(item) is None for item in value):
            return None
        value = sys.modules["numpy"].array([number(item) for item in value]) if "numpy" in sys.modules else None
    elif _is(value, "pandas", "Series"):
        value = value.to_numpy()
    if not _is(value, "numpy", "ndarray") or value.dtype.kind not in "biuf" or value.size > LONGEST_SERIES:
        return None
    return value


# ---- results


def _plain(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    found = number(value)
    if found is not None:
        yield ReturnedNumber("", found)
    elif isinstance(value, tuple) or (isinstance(value, list) and shape.parts):
        yield from _tuple(value, shape, labels)
    elif isinstance(value, Mapping):
        yield from _mapping(value, labels)
    elif _has_fields(value):
        yield from _fields(value)
    elif _is(value, "pandas", "DataFrame"):
        return
    else:
        yield from _classes(value, labels)


def _tuple(value: tuple[Any, ...] | list[Any], shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    own = getattr(type(value), "_fields", None)
    numbered = tuple(str(place) for place in range(len(value)))
    named = (*shape.parts, *numbered[len(shape.parts) :]) if isinstance(value, list) else shape.parts
    names: Any = own or named or numbered
    wanted = set(shape.parts) if own and shape.parts else set(names)
    for place, (name, item) in enumerate(zip(names, value, strict=False)):
        if name is not None and name in wanted:
            for one in _inner(item, labels):
                yield replace(one, part=_joined(name, one.part), position=place)


def _inner(item: Any, labels: Labels) -> Iterator[ReturnedNumber]:
    found = number(item)
    if found is not None:
        yield ReturnedNumber("", found)
    elif isinstance(item, Mapping):
        yield from _mapping(item, labels)
    else:
        yield from _classes(item, labels)


def _classes(value: Any, labels: Labels) -> Iterator[ReturnedNumber]:
    """One number for each class (or time, or output): by the class's name where it is known, else by its place."""
    array = _array(value)
    if array is None or array.size > LONGEST or array.ndim == 0:
        return
    if array.ndim > 1:
        for place, item in enumerate(array.ravel().tolist()):
            yield ReturnedNumber(".".join(map(str, _unravelled(place, array.shape))), item)
        return
    names = [_text(name) for name in value.index] if _is(value, "pandas", "Series") else labels(array.size)
    for place, item in enumerate(array.tolist()):
        yield ReturnedNumber(names[place] if names else str(place), item, position=place)


def _unravelled(place: int, shape: tuple[int, ...]) -> list[int]:
    found: list[int] = []
    for size in reversed(shape):
        found.insert(0, place % size)
        place //= size
    return found


def _mapping(value: Mapping[Any, Any], labels: Labels) -> Iterator[ReturnedNumber]:
    for key, item in list(value.items())[:LONGEST_SERIES]:
        if key not in COUNTS:
            for one in _inner(item, labels):
                yield replace(one, part=_joined(_text(key), one.part), position=None)


def _has_fields(value: Any) -> bool:
    return any(name in vars(cls) for cls in type(value).__mro__[:-1] for name in _FIELDS) or (
        hasattr(value, "__dict__") and any(name in vars(value) for name in _FIELDS)
    )


def _fields(value: Any) -> Iterator[ReturnedNumber]:
    """A result object of scipy, statsmodels or lifelines; several tests in one object are told apart by their names."""
    rows = getattr(value, "name", None)
    for name in _FIELDS:
        item = getattr(value, name, None)
        if item is None or callable(item):
            continue
        found = number(item)
        if found is not None:
            yield ReturnedNumber(name, found)
            continue
        tests = [_text(row) for row in rows] if isinstance(rows, list) else None
        for one in _classes(item, lambda count, tests=tests: tests if tests and len(tests) == count else None):  # type: ignore[misc]
            yield replace(one, part=_joined(name, one.part), position=None)


def _folds(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    array = _array(value)
    if array is None or array.ndim != 1 or not array.size:
        return
    numpy = sys.modules["numpy"]
    with numpy.errstate(all="ignore"):
        mean, spread = float(array.mean()), float(array.std())
    yield ReturnedNumber("mean", mean)
    yield ReturnedNumber("std", spread)
    for place, item in enumerate(array.tolist()):
        yield ReturnedNumber("", item, step=place, position=place)


def _fold_table(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    """``cross_validate``: the scores, not the times of fits."""
    for key, column in value.items():
        if isinstance(key, str) and key.startswith(("test_", "train_")):
            for one in _folds(column, shape, labels):
                yield replace(one, part=_joined(key, one.part), position=None)


def _curves(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    """The mean over folds at each size (``learning_curve``) or setting (``validation_curve``)."""
    numpy = sys.modules["numpy"]
    sizes = [item for name, item in zip(shape.parts, value, strict=False) if name is None][:1]
    steps = [int(size) for size in sizes[0].tolist()] if sizes else None
    for name, item in zip(shape.parts, value, strict=False):
        array = None if name is None else _array(item)
        if array is None or array.ndim != 2 or not array.shape[1]:
            continue
        with numpy.errstate(all="ignore"):
            means = array.mean(axis=1).tolist()
        for place, mean in enumerate(means):
            yield ReturnedNumber(f"{name}.mean", mean, step=steps[place] if steps else place)


def _rounds(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    """Evaluation of each round: a frame or a dictionary of columns."""
    frame = _is(value, "pandas", "DataFrame")
    if not frame and not isinstance(value, Mapping):
        return
    for name in list(value):
        array = _array(value[name])
        if array is not None and array.ndim == 1 and name != "iterations":
            for step, item in enumerate(array.tolist()):
                yield ReturnedNumber(_text(name), item, step=step)


def class_names(arguments: list[tuple[str, Any]], count: int) -> list[str] | None:
    """The names of ``count`` classes in scikit-learn's order: ``labels``, else all of the first two arguments."""
    given = dict(arguments)
    if given.get("labels") is not None:
        labels = [_text(label) for label in given["labels"]]
        return labels if len(labels) == count else None
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    found: set[Any] = set()
    for _, value in arguments[:2]:
        if not _is(value, "numpy", "ndarray") and not _is(value, "pandas", "Series") and type(value) is not list:
            continue
        column = numpy.asarray(value)
        if column.ndim == 1 and column.dtype.kind in "biufUSO" and column.size <= MOST_LABELLED:
            found.update(column.tolist() if column.dtype.kind == "O" else numpy.unique(column).tolist())
        if len(found) > LONGEST:
            return None
    return [_text(label) for label in sorted(found)] if len(found) == count else None


def _report(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    """``classification_report`` as a dictionary or as a text."""
    if isinstance(value, str):
        for part, shown, digits in rows_of_report(value):
            yield ReturnedNumber(part, shown, digits=digits)
    elif isinstance(value, Mapping):
        yield from _mapping(value, labels)


def _tests(value: Any, shape: Shape, labels: Labels) -> Iterator[ReturnedNumber]:
    """A frame of tests, or an object that compares all pairs; a function that returns either may return neither."""
    if _is(value, "pandas", "DataFrame"):
        cells = cells_of(value)
    elif hasattr(value, "groupsunique"):
        cells = comparisons_of(value)
    else:
        yield from _plain(value, shape, labels)
        return
    for part, item in cells:
        found = number(item)
        if found is not None:
            yield ReturnedNumber(part, found)


# ---- names


def _joined(name: str, part: str) -> str:
    return f"{name}.{part}" if part else name


def _text(key: Any) -> str:
    """A class, a column or a test's name as text: ``(1, 2)`` of lifelines' pairs as ``1.2``."""
    if isinstance(key, tuple):
        return ".".join(_text(item) for item in key)[:_CUT]
    plain = key.item() if _is(key, "numpy", "generic") else key
    if isinstance(plain, float) and plain.is_integer() and math.isfinite(plain):
        plain = int(plain)
    return str(plain)[:_CUT]


_READERS = {
    PLAIN: _plain,
    FOLDS: _folds,
    FOLD_TABLE: _fold_table,
    CURVES: _curves,
    REPORT: _report,
    ROUNDS: _rounds,
    TESTS: _tests,
}
