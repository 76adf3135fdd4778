"""Bytes for single Python values, each with a tag for its type and its length, so that no two values share them."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import pickle
import struct
import sys
import uuid
from collections.abc import Callable, Iterable
from typing import Any

#: The one bit pattern that stands for all NaNs.
NAN = struct.pack("<d", float("nan"))


_NOTHING = object()


class Undigestible(Exception):
    """A value whose content has no bytes: open files, generators, objects that cannot be pickled."""


#: Digests frames, arrays and tensors found inside lists and object columns; None when it is none of these.
Nested = Callable[[Any], str | None]


def encode(value: Any, nested: Nested, *, by_pickle: bool) -> bytes:
    """The bytes of ``value``.

    :param by_pickle: pickle objects of other types, as the last resort.
    :raises Undigestible: when there is no way.
    """
    plain = _plain(value)
    if plain is not None:
        return plain
    if isinstance(value, (list, tuple)):
        tag = b"L" if isinstance(value, list) else b"U"
        return tag + joined(encode(item, nested, by_pickle=by_pickle) for item in value)
    if isinstance(value, dict):
        items = [
            joined((encode(key, nested, by_pickle=by_pickle), encode(item, nested, by_pickle=by_pickle)))
            for key, item in value.items()
        ]
        return b"O" + joined(sorted(items))
    if isinstance(value, (set, frozenset)):
        return b"S" + joined(sorted(encode(item, nested, by_pickle=by_pickle) for item in value))
    digest = nested(value)
    if digest is not None:
        return b"V" + digest.encode()
    if not by_pickle:
        raise Undigestible(type(value).__qualname__)
    try:
        return b"P" + pickle.dumps(value, 4)
    except Exception as error:
        raise Undigestible(f"{type(value).__qualname__}: {error}") from None


def joined(parts: Iterable[bytes]) -> bytes:
    """The parts one after another, each after its length."""
    return b"".join(struct.pack("<Q", len(part)) + part for part in parts)


def _plain(value: Any) -> bytes | None:
    if value is None:
        return b"n"
    if isinstance(value, enum.Enum):
        return b"E" + joined((type(value).__qualname__.encode(), value.name.encode()))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
            return b"M" + joined((value.dtype.str[1:].encode(), str(value.view("i8")).encode()))
        value = value.item()
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, int):
        return b"i" + str(int(value)).encode() if abs(value) < 1 << 64 else b"x" + hex(value).encode()
    if isinstance(value, float):
        return b"f" + (NAN if value != value else struct.pack("<d", value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b"y" + bytes(value)
    return _special(value)


def _special(value: Any) -> bytes | None:
    if value is getattr(sys.modules.get("pandas"), "NA", _NOTHING):
        return b"N"
    if isinstance(value, complex):
        return b"c" + b"".join(NAN if part != part else struct.pack("<d", part) for part in (value.real, value.imag))
    if isinstance(value, datetime.datetime):
        return b"t" + f"{value.isoformat()} {value.tzinfo}".encode()
    if isinstance(value, datetime.date):
        return b"d" + value.isoformat().encode()
    if isinstance(value, datetime.time):
        return b"T" + f"{value.isoformat()} {value.tzinfo}".encode()
    if isinstance(value, datetime.timedelta):
        whole = (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds
        return b"e" + str(whole * 1000 + getattr(value, "nanoseconds", 0)).encode()
    if isinstance(value, decimal.Decimal):
        return b"D" + str(value).encode()
    if isinstance(value, uuid.UUID):
        return b"u" + value.bytes
    if isinstance(value, pathlib.PurePath):
        return b"p" + str(value).encode("utf-8", "surrogatepass")
    return None
