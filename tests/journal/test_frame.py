"""A line of the journal holds any entry and says when it was altered."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from secret_kinds import KINDS, TOKENS

from jupyter_bioml.canonical import restore
from jupyter_bioml.capture.active import ActiveRun
from jupyter_bioml.capture.options import RunOptions
from jupyter_bioml.journal.lines import parse
from jupyter_bioml.journal.log import Segment, frame, framed
from jupyter_bioml.redact import redact_written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_was_framed_is_parsed(entry: dict[str, Any]) -> None:
    line = frame(entry)
    assert line.count(b"\n") == 1
    assert restore(parse(line)) == redact_written(entry)


def test_special_floats_objects_and_lone_surrogates_are_kept_readable() -> None:
    found = restore(parse(frame({"a": math.nan, "b": -math.inf, "c": object(), "d": "x\ud800y"})))
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf
    assert found["c"]["$repr"].startswith("<object")
    assert found["d"] == "x\ud800y"


def test_no_line_holds_a_secret_wherever_in_the_entry_it_stands() -> None:
    for planted in KINDS:
        text = planted.text
        entry = {
            "t": "x",
            "data": [{"name": f"a\n{text}", "digest": "0" * 64}],
            "p": {text: [1.5, (text, None)]},
            "n": text,
        }
        line = frame(entry)
        for form in (planted.secret, json.dumps(planted.secret)[1:-1]):
            assert form.encode() not in line, planted.kind
        again = parse(line)
        assert again is not None and frame(again) == line, "it is masked once"
        assert again["data"][0]["digest"] == "0" * 64
    assert b"hunter2" not in frame({"p": {"password": "hunter2"}})


def test_several_entries_are_written_as_each_would_be_by_itself(tmp_path: Path) -> None:
    plain = [{"t": "score", "run": "0" * 32, "key": f"auc{number}", "value": number / 7} for number in range(5)]
    telling = [{"t": "gap", "reason": planted.text} for planted in KINDS]
    segment = Segment(tmp_path / "s.log")
    for entries in (plain, telling, [*plain, *telling], [{"t": "x", "a": math.nan}, *plain], [], plain * 400):
        before = (tmp_path / "s.log").stat().st_size
        assert segment.append_all(entries)
        assert (tmp_path / "s.log").read_bytes()[before:] == b"".join(map(frame, entries))
    segment.close()


def test_what_was_written_is_told_as_it_stands_in_the_line() -> None:
    for entry in ({"t": "x", "source": TOKENS[0].text}, {"t": "x", "source": "x = 1"}, {"t": "x", "a": math.inf}):
        line, written = framed(entry)
        assert written == parse(line)


def test_a_metric_named_after_a_secret_is_logged_without_it(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "x.log")
    run = ActiveRun("0" * 32, segment, "cell", None, RunOptions(), 0.0, 1)
    for _ in range(2):  # the second time, its name is known
        for token in TOKENS:
            run.log({token.secret: 0.5}, 3)
    segment.close()
    written = (tmp_path / "x.log").read_bytes()
    assert [token.kind for token in TOKENS if token.secret.encode() in written] == []
    assert written.count(b":0.5}") == 2 * len(TOKENS)


@given(st.dictionaries(st.text(min_size=1), st.integers(), min_size=1, max_size=3), st.data())
def test_an_altered_byte_is_noticed(entry: dict[str, Any], data: st.DataObject) -> None:
    line = bytearray(frame(entry))
    place = data.draw(st.integers(9, len(line) - 2))
    line[place] ^= 1 << data.draw(st.integers(0, 6))
    if line[place] not in b"\n":
        assert parse(bytes(line)) is None
