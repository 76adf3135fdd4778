"""The gate ``data_known`` when cells ran that nobody saw: it waits for a reproduction, which sees what they read."""

from __future__ import annotations

import dataclasses

import pytest

from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.records.facts import BEFORE_TRACKING, BEGUN
from jupyter_bioml.records.run import UNKNOWN, CaptureGap, PriorCell, Report
from jupyter_bioml.records.untracked import MOST_READS, SUMMARY, VERDICT, gap_of, summary_of

from .world import World

UNSEEN = PriorCell("", 0, "frame = pandas.read_csv('data.csv')", status=UNKNOWN, unseen=True)
#: The cells before the run, and its gap.
CASES = {
    "three cells": ((UNSEEN,) * 3, gap_of((UNSEEN,) * 3)),
    "one cell": ((UNSEEN,), gap_of((UNSEEN,))),
    "the lines above": ((), CaptureGap(BEFORE_TRACKING, BEGUN)),
}
LOST = "2 cells ran before tracking started, and IPython's history was cleared: what was read there is unknown"


def say(world: World, run_id: str, verdict: str, summary: dict[str, object]) -> None:
    record_id = world.store.get(run_id).record_id
    FactLog(world.project.home).report(record_id, world.target.key, Report(VERDICT, 0.0, verdict, summary), run_id)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reads", ["none", "some"])
def test_what_untracked_cells_read_is_not_known(world: World, case: str, reads: str) -> None:
    before, gap = CASES[case]
    assert gap is not None
    use = world.record().data[0]
    data = () if reads == "none" else (use,)
    run_id = world.version(world.record(data=data, before=before, gaps=(gap,))).run_id
    assert run_id is not None
    found = world.gate("data_known")
    assert found.state == "not-decidable" and gap.reason in found.said and "reproduce" in found.next

    other = dataclasses.replace(use, digest="0" * 32)
    for seen, state in (((), "pass"), ((use,), "pass"), ((other,), "fail")):
        say(world, run_id, "REPRODUCED", {SUMMARY: summary_of(3, seen)})
        found = world.gate("data_known")
        assert found.state == ("pass" if reads == "some" else state), found.said  # its own read counts as it was
    say(world, run_id, "COULD NOT RUN", {})
    assert world.gate("data_known").state == "not-decidable", "that one saw nothing"
    say(world, run_id, "REPRODUCED", {SUMMARY: summary_of(3, (use,) * (MOST_READS + 1))})
    assert world.gate("data_known").state == "not-decidable", "more than a verdict names"


def test_cells_that_no_reproduction_can_run_stay_unknown(world: World) -> None:
    run_id = world.version(world.record(gaps=(CaptureGap(BEFORE_TRACKING, LOST),))).run_id
    assert run_id is not None
    say(world, run_id, "REPRODUCED", {SUMMARY: summary_of(0, ())})
    found = world.gate("data_known")
    assert found.state == "not-decidable" and LOST in found.said and "Restart the kernel" in found.next
