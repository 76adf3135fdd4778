"""Each built-in gate: what makes it pass, what breaks it, and what it cannot decide."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from user_git import git

from jupyter_bioml.audit.actor import HUB_CONFIRMED, Actor, current_actor
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.promote import desk
from jupyter_bioml.promote.facts import Facts
from jupyter_bioml.promote.gate import Undecided
from jupyter_bioml.records.facts import DATA, DIGEST
from jupyter_bioml.records.run import CaptureGap, Code, DataUse, Metric, Module, PriorCell, Report
from jupyter_bioml.records.wire import to_dict

from .world import CELLS, MODEL, World


def test_the_built_in_policy_passes_a_run_in_order_but_for_its_approval(world: World) -> None:
    world.version(world.record(predictions=(world.predictions(),)))
    answer = world.desk.gates(MODEL, "champion")
    assert [gate.gate for gate in answer.failing] == ["approval"], [gate.as_json() for gate in answer.gates]
    assert {gate.state for gate in answer.gates} == {"pass", "fail"} and len(answer.gates) == 9
    assert answer.policy == "the built-in default" and not answer.promoted and answer.exit_code == 1
    assert json.dumps(answer.as_json()) and world.actions() == []


# -- reproduced ---------------------------------------------------------------------------------------


def test_reproduced(world: World) -> None:
    run_id = world.version(verdict=False).run_id
    assert run_id is not None
    never = world.gate("reproduced")
    record_id = world.store.get(run_id).record_id
    assert never.state == "fail" and f"reproduce {record_id[:8]} --env current" in never.next
    world.say_verdict(run_id)
    assert world.gate("reproduced").state == "pass"
    for wrong in (
        {"verdict": "DIFFERENT"},
        {"verdict": "COULD NOT RUN"},
        {"verdict": "NOT COMPARED"},
        {"days": 31.0},
        {"env": "latest"},
    ):
        world.say_verdict(run_id, **wrong)
        assert world.gate("reproduced").state == "fail", wrong
    assert world.gate("reproduced", "{environments: [latest]}").state == "pass"
    world.say_verdict(run_id, "WITHIN NOISE", days=5)
    assert world.gate("reproduced").state == "pass"
    assert world.gate("reproduced", "{within_noise: false}").state == "fail"
    assert world.gate("reproduced", "{max_age_days: 4}").state == "fail"
    world.say_verdict(run_id, "DIFFERENT")
    world.store.write(run_id, tags={"bioml.verdict": "REPRODUCED"})
    forged = world.gate("reproduced")
    assert forged.state == "not-decidable" and "only in the run's tags" in forged.said
    for tag in ("bioml.verdict.at", "bioml.verdict.environment", "bioml.verdict"):
        world.say_verdict(run_id)
        world.store.write(run_id, tags={tag: "reproduced" if tag == "bioml.verdict" else "x"})
        found = world.gate("reproduced", "{environments: [current, locked, latest]}")
        assert found.state in ("not-decidable", "fail") and not found.holds, tag


# -- data and code ------------------------------------------------------------------------------------


def test_data_that_changed_is_found_in_git_and_else_refused(world: World) -> None:
    world.version()
    assert world.gate("data_known").evidence["inputs"][0]["found"] == "the working tree"
    (world.root / "data.csv").write_text("changed\n")
    assert "git" in world.gate("data_known").evidence["inputs"][0]["found"]
    assert (world.root / "data.csv").read_text() == "changed\n", "nothing of the user's is touched"
    shutil.rmtree(world.root / ".git")
    lost = world.gate("data_known")
    assert lost.state == "fail" and "data.csv" in lost.said and lost.next
    assert os.listdir(world.project.home / "work") == [], "what was fetched is gone again"


def test_data_without_a_digest_is_not_known(world: World) -> None:
    use = DataUse("x.csv", "read", path=str(world.root / "x.csv"))
    gap = CaptureGap(DIGEST, "x.csv: no digest: it no longer exists")
    world.version(world.record(data=(use,), gaps=(gap,)))
    found = world.gate("data_known")
    assert found.state == "fail" and "no longer exists" in found.said
    world.version(world.record(data=(DataUse("df", "read", "value", digest="sha256:00"),)))
    assert world.gate("data_known").state == "pass"
    changed = dataclasses.replace(world.record().data[0], changed_since=True)
    world.version(world.record(data=(changed,)))
    assert world.gate("data_known").state == "fail"
    world.version(world.record(data=()))
    assert world.gate("data_known").state == "pass"
    world.version(world.record(gaps=(CaptureGap(DATA, "what 2 processes read is unknown"),)))
    assert "But what 2 processes read is unknown." in world.gate("data_known").said, "it claims no more than is known"


def test_code_that_is_not_kept(world: World) -> None:
    record = world.record()
    assert record.git is not None
    patch = world.blobs.put(b"diff")
    changes: list[tuple[dict[str, Any], str]] = [
        ({}, "pass"),
        ({"git": dataclasses.replace(record.git, dirty=True, patch_blob=patch)}, "pass"),
        ({"git": dataclasses.replace(record.git, dirty=True)}, "fail"),
        ({"git": dataclasses.replace(record.git, dirty=True, patch_blob="ab" * 32)}, "not-decidable"),
        ({"git": dataclasses.replace(record.git, dirty=None)}, "not-decidable"),
        ({"git": dataclasses.replace(record.git, late=True)}, "fail"),
        ({"git": dataclasses.replace(record.git, commit="ab" * 20)}, "not-decidable"),
        ({"git": None}, "fail"),
        ({"modules": (Module("big", "big.py"),)}, "fail"),
        ({"modules": (Module("gone", "gone.py", "ab" * 32),)}, "not-decidable"),
    ]
    for change, state in changes:
        world.version(world.record(**change))
        found = world.gate("code_known")
        assert found.state == state and (state == "pass" or found.next), change
    world.version(world.record(git=None))
    assert world.gate("code_known", "{without_git: true}").state == "pass"


def test_what_the_commit_does_not_have_is_named(world: World) -> None:
    """The notebook, its data and modules were never added to git, or in part: the gate says so, and how they are known."""
    record = world.record()
    module = Module("prep", "lib/prep.py", world.blobs.put(b"x = 1"))
    data = (
        DataUse("raw/cohort.csv", "read", "file", "raw/cohort.csv", digest="a" * 32),
        DataUse("/outside/reference.csv", "read", "file", "/outside/reference.csv", digest="b" * 32),
        DataUse("out.csv", "written", "file", "out.csv", digest="c" * 32),
        DataUse("frame", "read", "value", digest="sha256:1"),
    )
    world.version(dataclasses.replace(record, modules=(), data=()))
    tracked = world.gate("code_known")
    assert tracked.state == "pass" and "Not in it" not in tracked.said and tracked.evidence["not_in_commit"] == []
    world.version(dataclasses.replace(record, modules=(module,), data=data))
    git(world.root, "rm", "-q", "--cached", "-r", "--ignore-unmatch", "data.csv")
    found = world.gate("code_known")
    assert found.state == "pass" and found.evidence["not_in_commit"] == ["lib/prep.py", "raw/cohort.csv"]
    assert "raw/cohort.csv (data, known by its digest)" in found.said
    assert "no uncommitted changes (notebooks aside" in found.said
    code = dataclasses.replace(record.code, notebook="never ädded.ipynb")
    world.version(dataclasses.replace(record, code=code, modules=(), data=()))
    untracked = world.gate("code_known")
    assert untracked.evidence["not_in_commit"] == ["never ädded.ipynb"]
    assert "Not in it: never ädded.ipynb (the notebook, whose cells are recorded)." in untracked.said


def test_taint_levels(world: World) -> None:
    world.version()
    assert world.gate("taint").state == "pass"
    world.write_notebook({**CELLS, "c2": "frame = None"})
    edited = world.gate("taint")
    assert edited.state == "fail" and "cell c2, execution 3" in edited.said
    assert world.gate("taint", "{max: edited}").state == "pass"
    world.write_notebook({"c1": CELLS["c1"], "c3": CELLS["c3"]})
    assert world.gate("taint", "{max: edited}").state == "fail"
    world.write_notebook({key: CELLS[key] for key in ("c2", "c1", "c3")})
    assert world.gate("taint").evidence["level"] == "out-of-order"
    (world.root / "diagnosis.ipynb").unlink()
    assert world.gate("taint").state == "not-decidable" and world.gate("taint", "{max: deleted}").state == "pass"


# -- figures ------------------------------------------------------------------------------------------


def test_metrics(world: World) -> None:
    world.version(world.record(metrics=(Metric("auc", 0.5, 0), Metric("auc", 0.85, 1), Metric("rmse", 0.3))))
    assert world.gate("metrics", "{thresholds: {auc: {min: 0.85}, rmse: {max: 0.3, min: 0}}}").state == "pass"
    low = world.gate("metrics", "{thresholds: {auc: {min: 0.9}, rmse: {max: 0.3}}}")
    assert low.state == "fail" and "auc is 0.85, at least 0.9 required" in low.said
    unknown = world.gate("metrics", "{thresholds: {f1: {min: 0.9}}}")
    assert unknown.state == "not-decidable" and "neither a metric nor a value f1" in unknown.said


def test_a_threshold_may_name_a_value_and_the_answer_says_so(world: World) -> None:
    """A number that is not a score, or a clock reading: it is no metric, and policies that name it still hold."""
    values = {"timing.fit": 12.5, "n_clusters": 7, "converged": True, "kind": "full", "auc": float("nan")}
    world.version(world.record(metrics=(Metric("rmse", 0.3),), values=values))
    both = world.gate("metrics", "{thresholds: {rmse: {max: 0.5}, timing.fit: {max: 60}, n_clusters: {min: 5}}}")
    assert both.state == "pass" and both.said == "1 metric and 2 values within bounds."
    assert both.evidence == {"rmse": 0.3, "timing.fit": 12.5, "n_clusters": 7}
    alone = world.gate("metrics", "{thresholds: {timing.fit: {max: 60}}}")
    assert alone.said == "1 value within bounds."
    slow = world.gate("metrics", "{thresholds: {timing.fit: {max: 10}}}")
    assert slow.state == "fail" and "the value timing.fit is 12.5, at most 10 required" in slow.said
    for name, shown in (("converged", "True"), ("kind", "full")):
        found = world.gate("metrics", f"{{thresholds: {{{name}: {{min: 0}}}}}}")
        assert found.state == "not-decidable" and f"The value {name} is {shown}, which is not a number" in found.said
    assert world.gate("metrics", "{thresholds: {auc: {min: 0.0}}}").state == "fail", "NaN is in no bounds"


def test_a_metric_comes_before_a_value_of_the_same_name(world: World) -> None:
    world.version(world.record(metrics=(Metric("rmse", 0.3),), values={"rmse": 0.9}))
    found = world.gate("metrics", "{thresholds: {rmse: {max: 0.5}}}")
    assert found.state == "pass" and found.said == "1 metric within bounds."


def test_not_worse(world: World) -> None:
    first = world.version(world.record(predictions=(world.predictions(0.20),)))
    alone = world.gate("not_worse")
    assert alone.state == "pass" and "No version holds" in alone.said
    world.store.set_alias(MODEL, first.version, "champion")
    assert "already holds the alias champion" in world.gate("not_worse").said
    world.version(world.record(predictions=(world.predictions(0.05, seed=2),)))
    better = world.gate("not_worse")
    assert better.state == "pass" and better.evidence["high"] < 0 and better.evidence["rows"] == 400
    assert "version 1" in better.said and "Efron" in better.evidence["method"]
    world.version(world.record(predictions=(world.predictions(0.5, seed=2),)))
    worse = world.gate("not_worse", "{relative_margin: 0.05}")
    assert worse.state == "fail" and worse.evidence["low"] > worse.evidence["margin"] > 0
    world.version(world.record(predictions=(world.predictions(0.21, seed=2),)))
    assert world.gate("not_worse").state == "not-decidable" and "Inconclusive" in world.gate("not_worse").said
    assert world.gate("not_worse", "{margin: 0.2}").state == "pass"


def test_not_worse_needs_the_same_rows(world: World) -> None:
    first = world.version(world.record(predictions=(world.predictions(),)))
    world.store.set_alias(MODEL, first.version, "champion")
    other = dataclasses.replace(world.predictions(), name="other")
    lost = dataclasses.replace(world.predictions(), blob="ab" * 32)
    for tables, words in (
        ((), "share no predictions table"),
        ((other,), "share no predictions table"),
        ((lost,), "neither here nor in MLflow"),
        ((world.predictions(rows=401),), "1 keys only in the new one"),
        ((world.predictions(rows=20),), "380 only in the holder's"),
    ):
        world.version(world.record(predictions=tables))
        found = world.gate("not_worse")
        assert found.state == "not-decidable" and words in found.said, found.said
    assert world.gate("not_worse", "{undecidable: allow}").holds
    few = world.version(world.record(predictions=(world.predictions(rows=20),)))
    world.store.set_alias(MODEL, few.version, "champion")
    world.version(world.record(predictions=(world.predictions(rows=20),)))
    assert "too few" in world.gate("not_worse").said


# -- the model ----------------------------------------------------------------------------------------


@pytest.fixture
def broken(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model, to be broken."""
    return Path(shutil.copytree(model_folder, tmp_path / "broken"))


def describe(folder: Path, **changes: Any) -> None:
    file = folder / "MLmodel"
    document = yaml.safe_load(file.read_text()) | changes
    file.write_text(yaml.safe_dump({key: value for key, value in document.items() if value is not None}))


def test_signature(world: World, broken: Path) -> None:
    world.version()
    assert world.gate("signature").evidence["inputs"]
    for changes in ({"signature": None}, {"signature": {"inputs": "[]", "outputs": None}}):
        describe(broken, **changes)
        world.version(model=broken)
        assert world.gate("signature").state == "fail"
    (broken / "MLmodel").write_text("{[")
    world.version(model=broken)
    assert world.gate("signature").state == "not-decidable"


def test_loads(world: World, broken: Path) -> None:
    world.version()
    found = world.gate("loads")
    assert found.state == "pass" and found.evidence["rows"] == 2, found
    next(broken.glob("*.pkl"), broken / "model.skops").write_bytes(b"no model")
    world.version(model=broken)
    failed = world.gate("loads")
    assert failed.state == "fail" and "did not load" in failed.said
    describe(broken, saved_input_example_info=None)
    world.version(model=broken)
    assert world.gate("loads").state == "not-decidable"


def test_a_model_that_hangs_is_ended(world: World, tmp_path: Path) -> None:
    import mlflow

    stuck = str(tmp_path / "stuck")

    class Sleeps(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        def load_context(self, context: Any) -> None:
            import os
            import time

            while os.path.exists(stuck):
                time.sleep(0.1)

        def predict(self, context: Any, model_input: list[str]) -> list[str]:
            return model_input

    Sleeps.__module__ = "__main__"
    mlflow.pyfunc.save_model(str(tmp_path / "sleeps"), python_model=Sleeps(), input_example=["a"], pip_requirements=[])
    Path(stuck).touch()
    world.version(model=tmp_path / "sleeps")
    found = world.gate("loads", "{seconds: 2}")
    assert found.state == "fail" and "longer than 2 s" in found.said, found


# -- people and their card ----------------------------------------------------------------------------


def test_approval_is_bound_to_the_version_and_cancelled_by_a_rejection(world: World) -> None:
    world.version()
    assert "0 of 1" in world.gate("approval").said
    said = world.desk.approve(MODEL, meaning="approval", reason="looked at the errors")
    assert said.decision.event.object_sha256 == said.model_sha256 and len(said.standing) == 1
    assert world.gate("approval").state == "pass"
    assert world.gate("approval", "{required: {review: 1}}").state == "fail"
    assert "0 of 1" in world.gate("approval", "{four_eyes: true}").said, "who promotes does not count"
    world.version()
    assert world.gate("approval").state == "fail", "another version"
    assert world.gate("approval", version="@1").state == "pass"
    world.desk.reject(MODEL + "@1", reason="the split <b>leaks</b>")
    rejected = world.gate("approval", version="@1")
    assert rejected.state == "fail" and "the split <b>leaks</b>" in rejected.said
    world.desk.approve(MODEL + "@1", meaning="approval", reason="new split")
    assert world.gate("approval", version="@1").state == "pass"
    assert world.actions() == ["approve", "reject", "approve"]


def test_an_approval_does_not_hold_for_files_that_changed(world: World, broken: Path) -> None:
    version = world.version()
    world.desk.approve(MODEL, meaning="approval", reason="fine")
    files = world.store._models[version.model_id][1]  # type: ignore[attr-defined]
    files["MLmodel"] += b"\n# changed\n"
    assert world.gate("approval").state == "fail"


def test_the_same_person_counts_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def be(name: str) -> None:
        monkeypatch.setattr(desk, "current_actor", lambda: Actor(name, name.title(), HUB_CONFIRMED))

    world.version()
    two = "{required: {approval: 2}, four_eyes: true}"
    for who in ("grace", "grace", "ada", "linus"):
        be(who)
        world.desk.approve(MODEL, meaning="approval", reason="fine")
    assert "1 of 2" in world.gate("approval", two).said, "ada made the run, linus promotes"
    be("mary")
    assert world.gate("approval", two).state == "pass"
    world.version(world.record(user=None))
    assert world.gate("approval", two).state == "not-decidable"


def test_a_name_that_no_hub_confirms_makes_nobody_a_second_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.version()
    for who in ("grace", "mary"):
        monkeypatch.setenv("JUPYTERHUB_USER", who)
        world.desk.approve(MODEL, meaning="approval", reason="fine")
    found = world.gate("approval", "{required: {approval: 2}}")
    assert "1 of 2" in found.said and [one["by"] for one in found.evidence["decisions"]] == ["grace", "mary"]


def test_an_approval_written_into_the_log_by_hand_decides_nothing(world: World) -> None:
    world.version()
    world.desk.approve(MODEL, meaning="review", reason="fine")
    (file,) = (world.project.home / "audit").glob("*.jsonl")
    file.write_text(file.read_text().replace('"meaning":"review"', '"meaning":"approval"'))
    found = world.gate("approval")
    assert found.state == "not-decidable" and "not as it was written" in found.said and "audit verify" in found.next


def test_an_approval_in_another_project_folder_counts(world: World, tmp_path: Path, model_folder: Path) -> None:
    world.version()
    (tmp_path / "colleague" / ".bioml").mkdir(parents=True)
    colleague = World(tmp_path / "colleague", world.store, model_folder)
    colleague.desk.approve(MODEL, meaning="approval", reason="seen from here")
    found = world.gate("approval")
    assert found.state == "pass" and "copy in MLflow" in found.evidence["decisions"][0]["where"]


def test_card(world: World) -> None:
    world.version()
    world.write_card(limits="AUC {metric.auc} on children is not known")
    assert world.gate("card").evidence["figures"] == {"auc": 0.91}
    for texts, words in (
        ({"owner": "todo: ask"}, "owner is still TODO"),
        ({"data": "  "}, "data is missing"),
        ({"limits": "F1 {metric.f1}"}, "limits names the metric f1, and the run has neither"),
    ):
        world.write_card(**texts)
        found = world.gate("card")
        assert found.state == "fail" and words in found.said
    (world.root / "bioml-card.yaml").write_text("version: 1\nnonsense: 2\n")
    assert world.gate("card").state == "not-decidable" and "line 2" in world.gate("card").said
    (world.root / "bioml-card.yaml").unlink()
    assert "gates --init" in world.gate("card").next


def test_the_texts_of_a_card_may_name_values(world: World) -> None:
    world.version(world.record(values={"n_patients": 442, "auc": 0.1, "kind": "full"}))
    world.write_card(data="{metric.n_patients} patients, AUC {metric.auc}")
    assert world.gate("card").evidence["figures"] == {"n_patients": 442, "auc": 0.91}
    world.write_card(data="of kind {metric.kind}")
    assert world.gate("card").state == "fail", "a text is no figure"


# -- what cannot be judged ----------------------------------------------------------------------------


def test_a_version_without_a_tracked_run_is_not_decidable(world: World, model_folder: Path) -> None:
    experiment, _ = world.store.open_experiment("theirs")
    run_id = world.store.create_run(experiment, "theirs", 1e9, {})
    world.store.add_model(run_id, model_folder, {"bioml.record_id": "x"})
    world.store.register_model(run_id, MODEL)
    answer = world.desk.gates(MODEL, "champion")
    states = {gate.gate: gate.state for gate in answer.gates}
    assert states["signature"] == states["loads"] == states["not_worse"] == "pass"
    assert {states[name] for name in ("data_known", "code_known", "taint", "card")} == {"not-decidable"}
    assert states["reproduced"] == "fail" and not answer.promoted


def test_cells_ran_in_another_order_with_hostile_names(world: World) -> None:
    hostile = "<img src=x>\x1b[31m\u202e" + "n" * 10_000
    before = (PriorCell("r", 1, "x = 1", hostile, 2),)
    world.version(world.record(before=before, code=Code("y = 1", "c3", "diagnosis.ipynb", execution_count=3)))
    found = world.gate("taint")
    assert found.state == "fail" and "\x1b" not in found.said and len(found.said) < 500
    assert git(world.root, "status", "--porcelain", "data.csv") == ""


# -- reports ------------------------------------------------------------------------------------------


def test_reports_of_the_run_are_evidence(world: World) -> None:
    record = world.record(reports=(Report("taint", 1.0, "none", {"count": 0}),))
    version = world.version(record)
    facts = Facts(
        world.project, lambda: world.store, version, "champion", holder=None, actor=current_actor(), now=1.0,
        read_events=lambda: (),
    )  # fmt: skip
    assert facts.report("taint").summary == {"count": 0}
    with pytest.raises(Undecided, match="no report of kind drift"):
        facts.report("drift")
    assert version.run_id is not None
    folder = world.root / "upload" / "bioml" / "reports"
    folder.mkdir(parents=True)
    (folder / "drift.json").write_text(json.dumps(to_dict(Report("drift", 2.0, "found"))))
    (folder / "leakage.json").write_text("[not JSON")
    world.store.add_artifacts(version.run_id, world.root / "upload")
    assert facts.report("drift").state == "found", "of another project: among the run's files only"
    with pytest.raises(Undecided):
        facts.report("leakage")
    FactLog(world.project.home).report(record.record_id, world.target.key, Report("drift", 0.0, "gone"))
    assert facts.report("drift").state == "gone", "said later, and not in MLflow yet"
