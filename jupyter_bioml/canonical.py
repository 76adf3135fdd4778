"""One way to turn a value into bytes, so that equal values have equal digests.

Canonical JSON here is: sorted keys, no spaces, UTF-8, floats as Python prints them (shortest text
that reads back to the same double, IEEE 754), NaN and infinities as the strings ``NaN``, ``Infinity``
and ``-Infinity`` inside ``{"$float": …}``, because JSON has no words for them.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def jsonable(value: Any) -> Any:
    """``value`` with every non-finite float replaced by ``{"$float": name}`` and tuples by lists.

    Values JSON cannot hold become their ``repr``, cut at 200 characters, inside ``{"$repr": …}``.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        name = "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        return {"$float": name}
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((jsonable(item) for item in value), key=canonical_json)
    return {"$repr": repr(value)[:200]}


def restore(value: Any) -> Any:
    """Undo :func:`jsonable` for special floats (other markers stay as they are)."""
    if isinstance(value, dict):
        if len(value) == 1 and value.get("$float") in SPECIAL:
            return SPECIAL[value["$float"]]
        return {key: restore(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restore(item) for item in value]
    return value


def canonical_json(value: Any) -> str:
    """Canonical JSON text of ``value`` (see the module's text)."""
    return json.dumps(
        jsonable(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def digest(value: Any) -> str:
    """SHA-256 (64 hex characters) of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def bytes_digest(data: bytes) -> str:
    """SHA-256 (64 hex characters) of ``data``."""
    return hashlib.sha256(data).hexdigest()
