"""The log of later findings: many writers, nothing lost, no line torn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_bioml.errors import UsageError
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.records.run import Code, Kept, Report, RunRecord

KEY = "destination"
WRITER = """
import sys
from pathlib import Path
from jupyter_bioml.journal.facts import FactLog
log = FactLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.fact("tox", "3", "destination", "feedback", {"writer": sys.argv[2], "number": number, "text": "é" * 3000})
    log.tag("r" * 32, "destination", {f"{sys.argv[2]}-{number}": "said"})
"""


def record(**fields: object) -> RunRecord:
    return RunRecord("r" * 32, "s", 1, "magic", "FINISHED", 1.0, Code("x"), **fields)  # type: ignore[arg-type]


def test_many_processes_write_and_nothing_is_lost(tmp_path: Path) -> None:
    writers, each = 4, 25
    log = FactLog(tmp_path)
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number), str(each)])
        for number in range(writers)
    ]
    assert [process.wait() for process in running] == [0] * writers
    log.refresh()
    (facts,) = log.of_version("tox", "3", KEY)
    said = [(fact.value["writer"], fact.value["number"]) for fact in facts.newest]
    assert facts.count == len(said) == writers * each and len(set(said)) == len(said)
    for writer in range(writers):
        assert [number for name, number in said if name == str(writer)] == list(range(each)), "each in its order"
    later = log.of_run("r" * 32)
    assert later is not None and len(later.tags) == writers * each
    reader = SegmentReader(log.path)
    assert len(list(reader.read())) == 2 * writers * each and reader.corrupt == 0


def test_a_line_that_was_cut_off_hides_nothing_behind_it(tmp_path: Path) -> None:
    log = FactLog(tmp_path)
    log.fact("tox", "3", KEY, "feedback", {"good": True})
    with log.path.open("ab") as file:
        file.write(log.path.read_bytes()[:40])
    log.fact("tox", "3", KEY, "feedback", {"good": False})
    (facts,) = FactLog(tmp_path).of_version("tox", "3", KEY)
    assert [fact.value for fact in facts.newest] == [{"good": True}, {"good": False}]


def test_what_was_said_later_is_part_of_the_record(tmp_path: Path) -> None:
    log, before = FactLog(tmp_path), record(tags={"stage": "try"}, reports=(Report("taint", 5.0, "none"),))
    assert log.with_later(before) == before
    log.report("r" * 32, KEY, Report("drift", 0.0, "found", {"rows": 3}, {"bioml.drift": "found"}, {"a": Kept("b", 1)}))
    log.report("r" * 32, KEY, Report("taint", 0.0, "edited"))
    log.tag("r" * 32, KEY, {"stage": "final", "bioml.seal": "opened"})
    log.tag("r" * 32, KEY, {"stage": "last"}, run_id="m")
    found = FactLog(tmp_path).with_later(before)
    assert found.tags == {"stage": "last"} and found.late == {"bioml.seal": "opened"}
    assert [(report.kind, report.state) for report in found.reports] == [("taint", "edited"), ("drift", "found")]
    drift = found.report("drift")
    assert drift is not None and drift.summary == {"rows": 3} and drift.blobs == {"a": Kept("b", 1)} and drift.at > 1.0
    newer = record(reports=(Report("taint", drift.at + 9e9, "deleted"),))
    taint = log.with_later(newer).report("taint")
    assert taint is not None and taint.state == "deleted", "the later report counts, whoever said it"
    said = log.of_run("r" * 32)
    assert said is not None and said.run_id == "m" and log.pending(KEY) == [said] and log.pending("other") == []
    log.apply(said, "it was deleted")
    assert log.pending(KEY) == [] and log.refusal(said) == "it was deleted"


def test_secrets_are_masked_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    log = FactLog(tmp_path)
    secret = "password = 'hunter2hunter2'"
    log.fact("tox", "3", KEY, "feedback", {"text": secret, "score": float("nan")})
    log.tag("r" * 32, KEY, {"note": secret})
    log.report("r" * 32, KEY, Report("drift", 0.0, "found", {"text": secret}))
    assert b"hunter2" not in log.path.read_bytes()
    size = log.path.stat().st_size
    for kind in ("", "Feed back", "../up", "x" * 41):
        with pytest.raises(UsageError, match="lower-case word"):
            log.fact("tox", "3", KEY, kind, {})
        with pytest.raises(UsageError, match="lower-case word"):
            log.report("r" * 32, KEY, Report(kind, 0.0, "found"))
    with pytest.raises(UsageError, match="longer than"):
        log.fact("tox", "3", KEY, "feedback", {"text": "x" * 20_000})
    assert log.path.stat().st_size == size


def test_lines_of_a_newer_version_are_left_out(tmp_path: Path) -> None:
    log = FactLog(tmp_path)
    for line in ({"t": "verdict"}, {"t": "fact", "model": "tox"}, {"t": "report", "run": "r", "kind": 5, "blobs": 3}):
        log._append(str(line.pop("t")), **line)
    log.fact("tox", "3", KEY, "feedback", {"good": True})
    (facts,) = FactLog(tmp_path).of_version("tox", "3", KEY)
    assert facts.count == 1
