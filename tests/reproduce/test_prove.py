"""Which runs are made to prove a cause, and what is concluded from them. The runs themselves: the shelf."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_bioml.config import Project
from jupyter_bioml.errors import NotFound, UsageError
from jupyter_bioml.headless.results import INTERRUPTED, PASSED, NotebookResult
from jupyter_bioml.records.run import FAILED, FINISHED, Code, Metric, RunRecord
from jupyter_bioml.reproduce.attempt import Attempt, Conditions
from jupyter_bioml.reproduce.prove import Prover
from jupyter_bioml.reproduce.setup.model_runs import is_model_uri, run_of_model
from jupyter_bioml.reproduce.setup.recorded import Recorded
from jupyter_bioml.reproduce.setup.sources import Exported
from jupyter_bioml.reproduce.setup.workfolder import WorkFolder
from jupyter_bioml.reproduce.verdict import (
    DATA_CHANGED,
    NONDETERMINISM,
    TIME_DEPENDENCE,
    UNSEEDED_RANDOMNESS,
    VERSION_CHANGED,
    Evidence,
)
from jupyter_bioml.store.memory import MemoryStore

RECORD = RunRecord("a" * 32, "20260101T000000-00000000", 1, "tag", FINISHED, 1000.0, Code("x = 1"))
TIME, SEEDS = Evidence(TIME_DEPENDENCE, "reads the clock"), Evidence(UNSEEDED_RANDOMNESS, "has no seed")
VERSION = Evidence(VERSION_CHANGED, "another version")


def scored(score: float, status: str = FINISHED) -> RunRecord:
    return replace(RECORD, metrics=(Metric("score", score),), status=status)


class Runs:
    """Stands for runs whose score is a function of the conditions they are made under."""

    def __init__(self, score: Callable[[Conditions], float | None], status: str = PASSED) -> None:
        self.score = score
        self.status = status
        self.made: list[Conditions] = []

    def __call__(self, recorded: Recorded, under: Conditions, say: Callable[[str], None]) -> Attempt:
        self.made.append(under)
        score = self.score(under)
        record = scored(-1.0, FAILED) if score is None else scored(score)
        record = replace(record, record_id=f"{len(self.made):032x}")
        work = WorkFolder(Path("/w"), Path("/p"), Path("/p"))
        return Attempt(NotebookResult("n.ipynb", self.status), work, record, Exported(), (), (), ())


def prover(
    tmp_path: Path,
    runs: Runs,
    *,
    fresh: bool = False,
    recorded: float = 1.0,
    first: float = 2.0,
    locked: str | None = None,
) -> Prover:
    case = Recorded(Project(tmp_path, tmp_path / ".bioml"), scored(recorded))
    return Prover(case, Conditions(fresh=fresh), scored(first), 1e-9, lambda line: None, runs, lambda: locked)


def test_nothing_is_run_for_what_is_plain_to_see(tmp_path: Path) -> None:
    runs = Runs(lambda under: 1.0)
    evidence = [Evidence(DATA_CHANGED, "other data"), SEEDS]
    assert prover(tmp_path, runs).prove(evidence) == evidence and not runs.made


@pytest.mark.parametrize(("result", "proved"), [(1.0, True), (2.0, False), (3.0, None)])
def test_the_recorded_versions_are_put_back_where_they_are_at_hand(
    tmp_path: Path, result: float, proved: bool | None
) -> None:
    runs = Runs(lambda under: result if under.python == "/locked/python" else 2.0)
    found = prover(tmp_path, runs, locked="/locked/python").prove([VERSION, SEEDS])
    assert found[0].proved is proved and runs.made[0].proof == VERSION_CHANGED
    assert found[1].proved is (True if proved is False else None), (
        "only when the versions are not it, the next is tried"
    )
    assert all(under.python is None for under in runs.made[1:])


def test_versions_that_are_not_at_hand_are_not_built_for_a_proof(tmp_path: Path) -> None:
    runs = Runs(lambda under: 1.0)
    assert prover(tmp_path, runs).prove([VERSION]) == [VERSION] and not runs.made


def test_the_clock_put_back_brings_the_recorded_result(tmp_path: Path) -> None:
    runs = Runs(lambda under: 1.0 if under.pins.get("clock") == 1000.0 else 2.0)
    made = prover(tmp_path, runs)
    (found,) = made.prove([TIME])
    assert found.proved is True and len(runs.made) == 1 and runs.made[0].proof == TIME_DEPENDENCE
    assert made.proofs[0].record_ids == (f"{1:032x}",)


def test_the_clock_held_gives_one_result_where_it_gave_two(tmp_path: Path) -> None:
    runs = Runs(lambda under: 7.0 if "clock" in under.pins else 2.0)
    assert prover(tmp_path, runs).prove([TIME])[0].proved is True and len(runs.made) == 2


def test_a_clock_that_does_not_matter_is_not_the_reason(tmp_path: Path) -> None:
    """The reproduction's own result comes again with the clock held, so the next factor is tried."""
    counter = itertools.count(3.0)
    runs = Runs(lambda under: 5.0 if "entropy" in under.pins else 2.0 if "clock" in under.pins else next(counter))
    found = prover(tmp_path, runs).prove([TIME, SEEDS])
    assert [item.proved for item in found] == [False, True]
    assert runs.made[-1].variables["PYTHONHASHSEED"] == "0"


def test_recorded_states_put_back_bring_the_recorded_result(tmp_path: Path) -> None:
    runs = Runs(lambda under: 3.0 if under.fresh else 1.0)
    (found,) = prover(tmp_path, runs, fresh=True).prove([SEEDS])
    assert found.proved is True and len(runs.made) == 1 and not runs.made[0].fresh


def test_equal_inputs_with_other_results_are_proved_by_one_more_run(tmp_path: Path) -> None:
    counter = itertools.count(3.0)
    runs = Runs(lambda under: next(counter))
    (found,) = prover(tmp_path, runs).prove([])
    assert (found.cause, found.proved) == (NONDETERMINISM, True) and "OMP_NUM_THREADS" not in (found.repair or "")
    counter = itertools.count(3.0)
    threads = Runs(lambda under: 9.0 if under.variables.get("OMP_NUM_THREADS") == "1" else next(counter))
    (found,) = prover(tmp_path, threads).prove([])
    assert found.repair == "OMP_NUM_THREADS=1" and found.proved


@pytest.mark.parametrize(
    ("scores", "proved", "same", "runs"),
    [([1.0, 1.0], False, True, 2), ([1.0, 2.0], True, False, 2), ([2.0], True, False, 1), ([None], None, None, 1)],
)
def test_equal_results_beside_an_unseeded_generator_need_other_seeds(
    tmp_path: Path, scores: list[float | None], proved: bool | None, same: bool | None, runs: int
) -> None:
    left = iter(scores)
    made = Runs(lambda under: next(left))
    prover_ = prover(tmp_path, made, first=1.0)
    found, other = prover_.independent([], fresh=False)
    assert (found, [proof.proved for proof in prover_.proofs], len(made.made)) == (same, [proved], runs)
    assert (other is not None) == (same is False)
    if other is not None and other.record is not None:
        assert other.record.latest() == {"score": 2.0}
    assert not any(under.pins for under in made.made), "a fresh kernel has other seeds by itself"


def test_repeats_count_as_runs_with_other_seeds(tmp_path: Path) -> None:
    made = Runs(lambda under: 1.0)
    repeats = [made(None, None, None) for _ in range(2)]  # type: ignore[arg-type]
    assert prover(tmp_path, made, first=1.0).independent(repeats, fresh=False) == (True, None) and len(made.made) == 2


def test_where_seeds_were_other_ones_recorded_states_would_hide_it(tmp_path: Path) -> None:
    made = Runs(lambda under: 3.0 if under is not None and under.fresh else 1.0)
    repeats = [made(None, None, None)]  # type: ignore[arg-type]
    found, other = prover(tmp_path, made, first=1.0).independent(repeats, fresh=True)
    assert found is False and other is not repeats[0] and made.made[-1].fresh


def test_what_comes_again_proves_nothing(tmp_path: Path) -> None:
    runs = Runs(lambda under: 2.0)
    made = prover(tmp_path, runs)
    assert made.prove([]) == [] and [proof.proved for proof in made.proofs] == [None]


@pytest.mark.parametrize("status", [PASSED, INTERRUPTED])
def test_a_run_that_does_not_finish_proves_nothing(tmp_path: Path, status: str) -> None:
    runs = Runs(lambda under: None, status)
    found = prover(tmp_path, runs).prove([TIME, SEEDS])
    assert [item.proved for item in found] == [None, None]
    assert len(runs.made) == (1 if status == INTERRUPTED else 3), "after Ctrl-C nothing more is run"


def test_models_name_their_run() -> None:
    store = MemoryStore()
    assert is_model_uri("models:/qsar/3") and not is_model_uri("abcdef")
    for wrong in ("models:/qsar", "models:/", "models:/qsar@", "models://3"):
        with pytest.raises(UsageError, match="does not name a model version"):
            run_of_model(wrong, lambda: store)
    with pytest.raises(NotFound):
        run_of_model("models:/qsar/3", lambda: None)
    with pytest.raises(NotFound):
        run_of_model("models:/qsar@champion", lambda: store)
