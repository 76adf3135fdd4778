"""A line of the journal holds any entry and says when it was altered."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.canonical import restore
from jupyter_bioml.journal.log import frame, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_was_framed_is_parsed(entry: dict[str, Any]) -> None:
    line = frame(entry)
    assert line.count(b"\n") == 1
    assert restore(parse(line)) == entry


def test_special_floats_objects_and_lone_surrogates_are_kept_readable() -> None:
    found = restore(parse(frame({"a": math.nan, "b": -math.inf, "c": object(), "d": "x\ud800y"})))
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf
    assert found["c"]["$repr"].startswith("<object")
    assert found["d"] == "x\ud800y"


@given(st.dictionaries(st.text(min_size=1), st.integers(), min_size=1, max_size=3), st.data())
def test_an_altered_byte_is_noticed(entry: dict[str, Any], data: st.DataObject) -> None:
    line = bytearray(frame(entry))
    place = data.draw(st.integers(9, len(line) - 2))
    line[place] ^= 1 << data.draw(st.integers(0, 6))
    if line[place] not in b"\n":
        assert parse(bytes(line)) is None
