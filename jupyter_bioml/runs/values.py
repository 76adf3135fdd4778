"""What a row holds of a run's metrics, parameters, code and data, as the journal has them and as MLflow has them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..store.limits import param_text
from .row import Scalar

T = TypeVar("T")
#: The series of readings, which have a page of their own.
SYSTEM = "system/"
#: Characters of a parameter's text in a row; the record has it whole.
TEXT_LIMIT = 1000
_MASKED = "[secret:"
#: One version of each thing that was read: (kind, name, digest).
Inputs = frozenset[tuple[str, str, str]]


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Only numbers, and without the series of readings."""
    return {key: value for key, value in metrics.items() if math.isfinite(value) and not key.startswith(SYSTEM)}


def scalar(value: Any) -> Scalar:
    """A parameter's value in a row: containers as JSON, long text cut visibly, no NaN."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = param_text(value)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


def typed(text: str) -> Scalar:
    """A parameter that MLflow keeps as text, as the value that is written so; text where none is."""
    if text in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[text]
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text and math.isfinite(value):
            return value
    return scalar(text)


def in_order(values: Mapping[str, T], order: str | None) -> dict[str, T]:
    """``values`` in the order of a tag's lines (see :mod:`jupyter_bioml.store.naming`), then others by name."""
    place = {key: number for number, key in enumerate((order or "").split("\n"))}
    return {key: values[key] for key in sorted(values, key=lambda key: (place.get(key, len(place)), key))}


def source_digest(magic: str | None, body: str) -> str | None:
    """SHA-256 of the cell's text; None where secrets were masked in it, so that it is unknown."""
    text = body if magic is None else f"{magic}\n{body}"
    if _MASKED in text:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def inputs_of(uses: Iterable[Mapping[str, Any]]) -> Inputs | None:
    """The data that went in, as the publisher hashed it; None where a digest is not known."""
    found = set()
    for use in uses:
        if use.get("role") == "written":
            continue
        if use.get("digest") is None or use.get("changed_since"):
            return None
        found.add((str(use.get("kind", "file")), str(use["name"]), str(use["digest"])))
    return frozenset(found)
