"""Damaged journals: every whole run is shown, listed, answered and sent once, and what is damaged is always named."""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.log import frame
from jupyter_bioml.records.entries import entry_shapes
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.records.shape import is_fit

from .damaged import DAMAGES, Place, Seen, stands, survey

ROUNDS = 10
#: One of every kind of value.
VALUES: tuple[Any, ...] = (
    None,
    True,
    7,
    -1,
    10**400,
    1.5,
    {"$float": "NaN"},
    "x\x00y",
    [],
    ["x"],
    [[1]],
    {},
    {"a": {"b": 1}},
)


@pytest.fixture
def place(project_dir: Path) -> Place:
    project = find_project(project_dir)
    return Place(project, destination(project))


def told(record: RunRecord) -> tuple[object, ...]:
    """What a run is, without what the rest of its session adds to it."""
    return (
        record.name, record.status, record.code, record.params, sorted(map(str, record.metrics)),
        sorted(map(str, record.scores)), record.latest()["loss"],
        record.tags, record.values, record.outputs, record.reports, record.artifacts, record.model, record.ended,
    )  # fmt: skip


@dataclasses.dataclass
class Tally:
    rounds: int = 0
    lost: int = 0
    doubled: int = 0
    silent: int = 0

    def count(self, place: Place, whole: set[str], hurt: bool, seen: Seen, header: bool) -> None:
        """One round.

        :param whole: runs of which every line is whole.
        :param hurt: something is not whole.
        :param header: the first line of the session is whole.
        """
        self.rounds += 1
        self.doubled += seen.doubled
        sure = {*place.well.runs, *(whole if header else ())}
        for record_id in {*place.well.runs, *whole}:
            there = record_id in seen.records and record_id in seen.listed and record_id in seen.paged
            same = there and told(seen.records[record_id]) == told(place.whole[record_id])
            self.lost += not same or (record_id in sure and record_id not in seen.sent)
        self.silent += hurt and not seen.problems


def whole_lines(place: Place, data: bytes) -> tuple[set[str], bool, bool]:
    """(runs of which every line stands in the bytes, whether the header does, whether anything is not whole)."""
    lines = [(entry, frame(entry)[:-1]) for entry in place.hurt.kernel]
    missing = [entry for entry, line in lines if not stands(line, data)]
    hurt = {str(entry.get("run")) for entry in missing}
    return set(place.hurt.runs) - hurt, missing[:1] != [place.hurt.kernel[0]], bool(missing)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_damaged_bytes_hide_no_whole_run(place: Place, damage: Any) -> None:
    tally, data = Tally(), place.hurt.bytes()
    for seed in range(ROUNDS):
        broken = damage(random.Random(f"{damage.__name__} {seed}"), data)
        place.write(broken)
        seen = survey(place)
        runs, header, missing = whole_lines(place, broken)
        cut_at_a_line = missing and data.startswith(broken) and (not broken or broken.endswith(b"\n"))
        tally.count(place, runs, missing and not cut_at_a_line, seen, header)
    sys.stdout.write(f"{damage.__name__}: {tally}\n")
    assert tally == Tally(ROUNDS)


def shapes_of_fields() -> Iterator[tuple[str, str, Any]]:
    for kind, shape in sorted(entry_shapes().items()):
        for name, hint in shape.fields.items():
            yield kind, name, hint


def misshapen(entry: dict[str, Any], name: str, hint: Any, number: int) -> dict[str, Any] | None:
    """The entry with a wrong value in one field, or within one of its values; None: anything may stand there."""
    wrong = [value for value in VALUES if not is_fit(hint, name, value) and value is not None]
    inner = entry.get(name)
    if number % 2 and isinstance(inner, dict) and inner:
        key = sorted(inner)[number % len(inner)]
        wrong = [{**inner, key: value} for value in VALUES if not is_fit(hint, name, {**inner, key: value})]
    elif number % 2 and isinstance(inner, list) and inner:
        wrong = [[*inner, value] for value in VALUES if not is_fit(hint, name, [*inner, value])]
    return {**entry, name: wrong[number % len(wrong)]} if wrong else None


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in shapes_of_fields()}))
def test_a_valid_line_of_the_wrong_shape_hides_nothing_else(place: Place, kind: str) -> None:
    tally = Tally()
    fields = [(name, hint) for of, name, hint in shapes_of_fields() if of == kind]
    for number, (name, hint) in enumerate(fields):
        kernel, helper = [dict(one) for one in place.hurt.kernel], [dict(one) for one in place.hurt.helper]
        lines = next(lines for lines in (kernel, helper) if any(one["t"] == kind for one in lines))
        at = [index for index, one in enumerate(lines) if one["t"] == kind][-1]
        wrong = misshapen(lines[at], name, hint, number)
        if wrong is None:
            continue
        run, lines[at] = lines[at].get("run"), wrong
        place.write(b"".join(map(frame, kernel)), b"".join(map(frame, helper)))
        seen = survey(place)
        tally.count(place, set(place.hurt.runs) - {str(run)}, True, seen, kind != "session")
        if run is not None and kind != "started":
            assert run in seen.listed, "of a run only what is damaged is left out"
    sys.stdout.write(f"{kind}: {tally}\n")
    assert tally == Tally(tally.rounds)
