"""Damaged files beside the segments, and stored contents that are missing or altered: named, and nothing is sent twice."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.log import frame
from jupyter_bioml.journal.renames import Renames
from jupyter_bioml.records.run import Report
from jupyter_bioml.runs.catalog import Catalog
from jupyter_bioml.store.memory import MemoryStore

from .damaged import BLOB, DAMAGES, Place, digest, published, stands

#: Damages that leave something else in the file than its own lines.
SEEDS = 3
COUNT = 8
KEY = "elsewhere"


@pytest.fixture
def place(project_dir: Path) -> Place:
    project = find_project(project_dir)
    return Place(project, destination(project))


def whole(path: Path, data: bytes) -> set[int]:
    """Numbers of the lines of ``data`` that stand in the file."""
    found = path.read_bytes()
    return {number for number, line in enumerate(data.splitlines()) if stands(line, found)}


def broken(path: Path, data: bytes, damage: Any, seed: int) -> bool:
    """Damage the file; whether a reader must say so."""
    path.write_bytes(damage(random.Random(f"{path.name} {damage.__name__} {seed}"), data))
    left = path.read_bytes()
    at_a_line = data.startswith(left) and left.endswith(b"\n")
    return len(whole(path, data)) < len(data.splitlines()) and not at_a_line and bool(left)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_what_was_said_of_runs_outlives_damage(place: Place, damage: Any) -> None:
    home, rounds, lost, silent = place.project.home, 0, 0, 0
    said, facts, renames = Annotations(home), FactLog(home), Renames(home)
    for number in range(COUNT):
        said.annotate(f"{number:032x}", KEY, None, note=f"note {number}")
        facts.report(f"{number:032x}", KEY, Report("drift", 0.0, f"found {number}"))
        renames.add(f"{number}.ipynb", f"{number}b.ipynb")
    data = {path: path.read_bytes() for path in sorted(home.glob("*.log"))}
    for seed in range(SEEDS):
        hurt = {path.name: broken(path, lines, damage, seed) for path, lines in data.items()}
        left = {path.name: whole(path, lines) for path, lines in data.items()}
        said, facts, renames = Annotations(home), FactLog(home), Renames(home)
        renames.refresh()
        for log, name in ((said, "annotations.log"), (facts, "facts.log"), (renames, "renames.log")):
            rounds += 1
            silent += hurt[name] and log.damage() is None
        for number in left["annotations.log"]:
            one = said.of(f"{number:032x}")
            lost += one is None or one.note != f"note {number}"
        for number in left["facts.log"]:
            found = facts.of_run(f"{number:032x}")
            lost += found is None or found.reports["drift"].state != f"found {number}"
        lost += sum(renames.now(f"{number}.ipynb", 0.0) != f"{number}b.ipynb" for number in left["renames.log"])
        listed = Catalog(place.project, place.target, lambda: None).runs()
        assert len(listed.rows) == len(place.whole)
    sys.stdout.write(f"{damage.__name__}: rounds={rounds} lost={lost} silent={silent}\n")
    assert (rounds, lost, silent) == (3 * SEEDS, 0, 0)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_a_damaged_ledger_sends_nothing_twice(place: Place, damage: Any) -> None:
    store = MemoryStore()
    published(place, store)
    ledger = place.project.ledger(place.target.key)
    data, runs = ledger.read_bytes(), {run.record_id: dict(run.metrics) for run in store.search(limit=100)}
    assert set(runs) == set(place.whole)
    doubled = silent = 0
    for seed in range(SEEDS):
        hurt = broken(ledger, data, damage, seed)
        silent += hurt and Ledger(ledger).damage() is None
        published(place, store)
        after = store.search(limit=100)
        doubled += len(after) - len(runs) + published(place, store).published
        assert {run.record_id: dict(run.metrics) for run in after} == runs
    sys.stdout.write(f"{damage.__name__}: rounds={SEEDS} doubled={doubled} silent={silent}\n")
    assert (doubled, silent) == (0, 0)


WRONG: dict[str, list[dict[str, Any]]] = {
    "annotations.log": [
        {"t": "annotated", "run": 5}, {"t": "annotated", "id": [], "run": "r", "key": "k", "note": {}},
        {"t": "deleted", "id": "i", "run": "r" * 32, "key": "k", "at": 1e300, "also": "x"}, {"t": "applied", "about": []},
        {"t": "annotated", "id": "i", "run": "f" * 32, "key": "k", "starred": "yes", "note": "kept"},
    ],
    "facts.log": [
        {"t": "report", "run": "r"}, {"t": "tags", "id": "i", "run": "r", "key": "k", "tags": ["x"]},
        {"t": "fact", "id": "i", "at": "now", "key": "k", "model": 1, "version": 3, "kind": "x", "value": 7},
        {"t": "report", "id": "i", "run": "r", "key": "k", "at": 1.0, "kind": [], "state": "x"},
    ],
    "renames.log": [{"t": "renamed"}, {"t": "renamed", "at": "x", "from": 1, "to": 2}, {"t": "renamed", "at": 10**400}],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WRONG))
def test_valid_lines_of_the_wrong_shape_are_named(place: Place, name: str) -> None:
    home = place.project.home
    for line in WRONG[name]:
        (home / name).write_bytes(frame(line))
        listed = Catalog(place.project, place.target, lambda: None).runs()
        assert len(listed.rows) == len(place.whole)
        renames = Renames(home)
        renames.refresh()
        damage = [said for log in (Annotations(home), FactLog(home), renames) if (said := log.damage())]
        assert [said.startswith(f"1 line of {name} is damaged:") for said in damage] == [True], line
        assert set(damage) <= set(listed.problems)


LEDGER: tuple[dict[str, Any], ...] = (
    {"t": "created", "run_id": 5}, {"t": "created", "run_id": "m", "adopted": {"params": 3}}, {"t": "done", "at": 1.0},
    {"t": "done", "at": "x", "entries": [], "environment": {}}, {"t": "data", "uses": [{"name": 3}], "gaps": "none"},
    {"t": "model", "gap": ["x"]}, {"t": "failed", "reason": {}}, {"t": "unavailable", "reason": 1, "delay": "soon"},
    {"t": "settled", "session": 3}, {"t": "said", "text": []}, {"t": "store", "id": {}}, {"t": ["created"]},
)  # fmt: skip


@pytest.mark.parametrize("line", LEDGER, ids=lambda line: str(line)[:40])
def test_a_ledger_line_of_the_wrong_shape_stops_nothing(place: Place, line: dict[str, Any]) -> None:
    ledger, store = place.project.ledger(place.target.key), MemoryStore()
    ledger.parent.mkdir(parents=True, exist_ok=True)
    if "adopted" in line:
        line = {**line, "run_id": store.create_run(store.open_experiment("x")[0], "n", 1.0, {})}
    ledger.write_bytes(frame({"at": 1.0, "run": place.hurt.runs[0], **line}))
    first, second = published(place, store), published(place, store)
    assert first.scan.waiting() == () and second.published == 0
    assert {run.record_id for run in store.search(limit=100)} >= set(place.well.runs)
    assert Catalog(place.project, place.target, lambda: store).runs().total >= len(place.whole) - 1


@pytest.mark.parametrize("content", [None, b"", b"something else", BLOB[:-1]], ids=["missing", "empty", "other", "cut"])
def test_missing_and_altered_contents_are_named_gaps_of_their_runs(place: Place, content: bytes | None) -> None:
    path = place.project.blobs / digest(BLOB)[:2] / digest(BLOB)[2:]
    path.unlink() if content is None else path.write_bytes(content)
    store = MemoryStore()
    first, second = published(place, store), published(place, store)
    assert first.scan.waiting() == () and (first.published, second.published) == (len(place.whole), 0)
    for run in store.search(limit=100):
        gaps = {gap.part: gap.reason for gap in store.record(run.run_id).gaps}
        word = "missing" if content is None else "altered"
        assert {"artifact", "predictions", "module", "state", "environment", "report"} <= set(gaps)
        assert all(word in gaps[part] for part in ("artifact", "predictions", "module"))


def test_lines_of_another_version_are_passed_over_and_named(place: Place) -> None:
    place.write(place.hurt.bytes() + frame({"t": "sparkle", "at": 1.0, "run": place.hurt.runs[0]}))
    found = Catalog(place.project, place.target, lambda: None).runs()
    assert len(found.rows) == len(place.whole)
    assert [line for line in found.problems if "sparkle" in line and "this version does not know" in line]
    newer = [dict(entry) for entry in place.hurt.kernel]
    newer[0] |= {"schema": 2}
    place.write(b"".join(map(frame, newer)))
    again = Catalog(place.project, place.target, lambda: None).runs()
    assert {row.record_id for row in again.rows} == set(place.well.runs)
    assert ["newer version" in line for line in again.problems] == [True], again.problems
