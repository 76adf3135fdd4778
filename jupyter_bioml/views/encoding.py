"""The shapes as JSON: every field, no NaN (null, except in a record, which has its own form)."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from ..records.run import RunRecord
from ..records.wire import to_dict


def encode(value: Any) -> bytes:
    """UTF-8 JSON of a shape, or of a sequence of shapes; ASCII only, so that no text can break it."""
    return json.dumps(to_wire(value), separators=(",", ":"), allow_nan=False).encode("ascii")


def to_wire(value: Any) -> Any:
    """The document of a shape."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, RunRecord):
        return to_dict(value)
    if dataclasses.is_dataclass(value):
        return {item.name: to_wire(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no wire form")
