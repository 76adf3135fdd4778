"""Promoting, overriding, rolling back: what moves, what is logged first, what happens when MLflow fails on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.audit.mlflow_copy import FOLDER
from jupyter_bioml.canonical import bytes_digest
from jupyter_bioml.errors import JournalError, NotFound, Refused, StoreUnavailable, UsageError
from jupyter_bioml.promote.locking import only_one
from jupyter_bioml.promote.moving import OVERRIDE_TAG
from jupyter_bioml.records.run import Metric
from jupyter_bioml.store.base import StoredVersion

from .world import EASY, MODEL, World


@pytest.fixture
def easy(world: World) -> World:
    """Two versions, of which the second is too bad."""
    world.write_policy(EASY)
    world.version()
    world.version(world.record(metrics=(Metric("auc", 0.7),)))
    return world


def holder(world: World) -> str | None:
    found = [version.version for version in world.store.models(MODEL) if "champion" in version.aliases]
    return found[0] if found else None


def test_which_version_is_meant(easy: World) -> None:
    assert easy.desk.version(MODEL).version == "2" and easy.desk.version(f" {MODEL}@1 ").version == "1"
    easy.store.set_alias(MODEL, "1", "champion")
    assert easy.desk.version(f"{MODEL}@champion").version == "1"
    run_id = easy.publish(easy.record())
    easy.store.register_model(run_id, "a@b")
    assert easy.desk.version("a@b").version == "1" and easy.desk.version("a@b@1").version == "1"
    for text in ("", "@", "nobody", f"{MODEL}@9", f"{MODEL}@nobody", "x" * 10_000, "<img src=x>\x00"):
        with pytest.raises(NotFound) as caught:
            easy.desk.version(text)
        assert len(caught.value.message) < 400 and "\x00" not in caught.value.message


def test_a_refusal_names_each_gate_and_moves_nothing(easy: World) -> None:
    answer = easy.desk.promote(MODEL, "champion", reason="try")
    assert not answer.promoted and answer.exit_code == 1 and [gate.gate for gate in answer.failing] == ["metrics"]
    assert holder(easy) is None and easy.actions() == ["promotion.refused"]
    (event,) = easy.events()
    assert event.new["failing"] == {"metrics": "Outside its bounds: auc is 0.7, at least 0.8 required."}
    assert answer.as_json()["failing"] == ["metrics"] and event.reason == "try"


def test_a_promotion_is_logged_first_and_leaves_its_evidence(easy: World) -> None:
    easy.write_card(limits="AUC {metric.auc}, <script>")
    answer = easy.desk.promote(f"{MODEL}@1", "champion", reason="better than nothing")
    assert answer.promoted and answer.previous is None and holder(easy) == "1"
    (event,) = easy.events()
    assert event.hash == answer.event and (event.action, event.object_id) == ("promote", f"{MODEL}@champion")
    assert event.old["version"] is None and event.new["version"] == "1" and event.new["run_id"] == answer.run_id
    assert event.new["policy_sha256"] == answer.policy_sha256 and len(str(event.object_sha256)) == 64
    files = {
        path: easy.store.read_artifact(str(answer.run_id), path) for path in easy.store.artifacts(str(answer.run_id))
    }
    (copy,) = [path for path in files if path.startswith(FOLDER)]
    assert json.loads(files[copy])["hash"] == event.hash
    (gates,) = [data for path, data in files.items() if path.startswith("bioml/promotions/")]
    assert bytes_digest(gates) == event.new["gates_sha256"] and json.loads(gates)["policy_text"] == EASY
    assert bytes_digest(files["bioml/card.json"]) == event.new["card_sha256"]
    card = files["bioml/card.md"].decode()
    assert "AUC 0.91, &lt;script&gt;" in card and "- auc: 0.91" in card and "data.csv" in card
    again = easy.desk.promote(f"{MODEL}@1", "champion")
    assert again.promoted and "already holds the alias" in again.notes[0] and easy.actions() == ["promote"]


def test_an_override_needs_a_reason_and_is_marked_for_ever(easy: World) -> None:
    for empty in ("", "  "):
        with pytest.raises(UsageError, match="requires a reason"):
            easy.desk.promote(MODEL, "champion", override=empty)
    answer = easy.desk.promote(MODEL, "champion", override="the board said so")
    assert answer.promoted and answer.override == "the board said so" and answer.failing and holder(easy) == "2"
    (event,) = easy.events()
    assert event.action == "override" and event.reason == "the board said so" and event.new["failing"] == "metrics"
    easy.desk.rollback(MODEL, "champion")
    easy.desk.promote(MODEL, "champion", override="once more")
    first, second = easy.store.model_version(MODEL, "2").tags[OVERRIDE_TAG].splitlines()
    assert first.endswith("the board said so (gates: metrics)") and "once more" in second
    needless = easy.desk.promote(f"{MODEL}@1", "champion", override="to be sure")
    assert needless.promoted and needless.override is None and easy.actions()[-1] == "promote"
    assert OVERRIDE_TAG not in easy.store.model_version(MODEL, "1").tags


def test_rollback_goes_back_and_further_back(easy: World) -> None:
    easy.version()
    for version in "132":
        easy.desk.promote(f"{MODEL}@{version}", "champion", override="go")
    assert easy.desk.rollback(MODEL, "champion", reason="it fails on children").version == "3"
    assert holder(easy) == "3" and easy.desk.rollback(MODEL, "champion").version == "1"
    last = easy.desk.rollback(MODEL, "champion")
    assert (last.version, last.previous, holder(easy)) == (None, "1", None)
    with pytest.raises(NotFound, match="No version"):
        easy.desk.rollback(MODEL, "champion")
    events = easy.events()
    assert [event.action for event in events[-3:]] == ["rollback"] * 3 and events[-3].reason == "it fails on children"


def test_a_rollback_does_not_wait_for_its_copy(easy: World) -> None:
    def die() -> None:
        raise StoreUnavailable("the artifacts' server does not answer.")

    for version in "12":
        easy.desk.promote(f"{MODEL}@{version}", "champion", override="go")
    real = easy.store
    easy.store = Meddling(real, "add_artifacts", die)  # type: ignore[assignment]
    back = easy.desk.rollback(MODEL, "champion")
    assert holder(easy) == "1" and "no copy in MLflow" in back.notes[0] and easy.actions()[-1] == "rollback"


def test_rollback_of_what_the_log_does_not_know_is_refused(easy: World) -> None:
    easy.store.set_alias(MODEL, "1", "champion")
    with pytest.raises(Refused, match="has no move in this log") as caught:
        easy.desk.rollback(MODEL, "champion")
    assert "promote" in caught.value.next and holder(easy) == "1" and easy.actions() == []
    easy.desk.promote(f"{MODEL}@2", "champion", override="go")
    back = easy.desk.rollback(MODEL, "champion")
    assert back.version == "1", "the event says who held it before"
    assert "Version 1 had been put there outside this project's log" in back.notes[0]


@pytest.mark.parametrize("outside", ["1", "3", None])
def test_a_rollback_after_an_outside_move_says_so_and_asks(easy: World, outside: str | None) -> None:
    """Somebody moved the alias in MLflow's own pages: to an earlier version, to one that no gate has seen, away."""
    easy.version()
    for version in "12":
        easy.desk.promote(f"{MODEL}@{version}", "champion", override="go")
    if outside is None:
        easy.store.remove_alias(MODEL, "champion")
    else:
        easy.store.set_alias(MODEL, outside, "champion")
    found = "no version" if outside is None else f"version {outside}"
    words = f"moved outside this project's log, .*version 2 should hold it, but {found} does. Nothing was changed"
    with pytest.raises(Refused, match=words) as caught:
        easy.desk.rollback(MODEL, "champion")
    assert f'rollback "{MODEL}" --alias champion --version 2' in caught.value.next
    assert holder(easy) == outside and easy.actions() == ["promote", "override"]
    with pytest.raises(Refused, match="never held champion"):
        easy.desk.rollback(MODEL, "champion", version="4" if outside == "3" else "3")
    if outside is not None:
        with pytest.raises(Refused, match="already holds"):
            easy.desk.rollback(MODEL, "champion", version=outside)
    made = easy.desk.rollback(MODEL, "champion", version="2", reason="moved by mistake")
    assert (made.version, made.previous, holder(easy)) == ("2", outside, "2")
    assert any("moved outside" in note for note in made.notes)
    event = easy.events()[-1]
    assert event.action == "rollback" and event.old["version"] == outside and event.new["version"] == "2"
    assert event.new["moved_outside"] == {"after_event": easy.events()[1].hash, "expected": ["2"], "found": outside}
    again = easy.desk.rollback(MODEL, "champion")
    assert again.version == "1" and not again.notes, "and the history before is as it was"


def test_a_rollback_to_a_version_of_ones_choice(easy: World) -> None:
    easy.version()
    for version in "132":
        easy.desk.promote(f"{MODEL}@{version}", "champion", override="go")
    made = easy.desk.rollback(MODEL, "champion", version="1")
    assert (made.version, made.notes, holder(easy)) == ("1", (), "1")
    assert "moved_outside" not in easy.events()[-1].new
    assert easy.desk.rollback(MODEL, "champion").version is None


# -- at the same time ---------------------------------------------------------------------------------


class Meddling:
    """A store in which something happens at one call."""

    def __init__(self, store: Any, at: str, does: Callable[[], None], after: bool = False) -> None:
        self._store, self._at, self._does, self._after = store, at, does, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name != self._at:
            return method

        def meddled(*arguments: Any, **options: Any) -> Any:
            self._at = ""
            if not self._after:
                self._does()
            result = method(*arguments, **options)
            if self._after:
                self._does()
            return result

        return meddled


def test_one_at_a_time_on_this_host(easy: World, tmp_path: Path, model_folder: Path) -> None:
    from jupyter_bioml.audit.actor import current_actor

    with only_one(easy.target, MODEL, "champion", current_actor()):
        with pytest.raises(Refused, match=r"is currently being moved by .+ \(process \d+\)"):
            easy.desk.promote(f"{MODEL}@1", "champion")
        with pytest.raises(Refused, match="is currently being moved"):
            easy.desk.rollback(MODEL, "champion")
        assert easy.actions() == [] and holder(easy) is None
        with only_one(easy.target, MODEL, "challenger", current_actor()):
            pass  # another alias
    assert easy.desk.promote(f"{MODEL}@1", "champion").promoted


@pytest.mark.parametrize(("at", "after"), [("add_artifacts", False), ("set_alias", True)])
def test_somebody_on_another_host_is_found_by_reading_back(easy: World, at: str, after: bool) -> None:
    theirs: StoredVersion = easy.version()
    real = easy.store
    easy.store = Meddling(real, at, lambda: real.set_alias(MODEL, theirs.version, "champion"), after)  # type: ignore[assignment]
    with pytest.raises(Refused, match=f"meanwhile: version {theirs.version} holds it"):
        easy.desk.promote(f"{MODEL}@1", "champion")
    assert easy.actions() == ["promote", "promotion.lost"] and holder(easy) == theirs.version
    lost = easy.events()[-1]
    assert lost.new["version"] == theirs.version and lost.old["event"] == easy.events()[0].hash


# -- when something fails -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "moved", "words"),
    [
        ("add_artifacts", None, "The alias was not moved"),
        ("tag_version", None, "The alias was not moved"),
        ("set_alias", None, "Whether the alias moved is unknown"),
    ],
)
def test_a_server_that_dies_on_the_way(easy: World, at: str, moved: str | None, words: str) -> None:
    def die() -> None:
        raise StoreUnavailable("http://server does not answer (connection refused).")

    real = easy.store
    easy.store = Meddling(real, at, die)  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable, match=words) as caught:
        easy.desk.promote(MODEL, "champion", override="go")
    assert "audit log records the attempt" in caught.value.message
    assert holder(easy) is moved and easy.actions() == ["override", "promotion.failed"]
    easy.store = real
    assert easy.desk.promote(f"{MODEL}@1", "champion").promoted, "a later one goes its way"
    assert easy.desk.rollback(MODEL, "champion").version is None, "and the failed one is no holder"


def test_without_a_log_nothing_moves(easy: World) -> None:
    shutil.rmtree(easy.project.home / "audit")
    (easy.project.home / "audit").write_text("no folder")
    with pytest.raises(JournalError):
        easy.desk.promote(f"{MODEL}@1", "champion")
    with pytest.raises(JournalError):
        easy.desk.approve(MODEL, meaning="approval", reason="x")
    assert holder(easy) is None


def test_a_decision_needs_words(easy: World) -> None:
    with pytest.raises(UsageError, match="reason is required"):
        easy.desk.approve(MODEL, meaning="approval", reason=" ")
    with pytest.raises(UsageError) as caught:
        easy.desk.approve(MODEL, meaning="blessing", reason="x")
    assert caught.value.next == "Known: review, approval." and easy.actions() == []
    easy.only("approval", "{required: {blessing: 1}}")
    easy.desk.approve(MODEL, meaning="blessing", reason="<b>x</b>\x1b[31m" * 500)
    assert easy.desk.gates(MODEL, "champion").gates[0].state == "pass"


def test_a_version_without_a_run_can_only_be_overridden(easy: World) -> None:
    import dataclasses

    bare = dataclasses.replace(easy.store.model_version(MODEL, "1"), run_id=None)
    easy.store._versions[MODEL, "1"] = bare  # type: ignore[attr-defined]
    refused = easy.desk.promote(f"{MODEL}@1", "champion")
    assert [gate.state for gate in refused.gates] == ["not-decidable"] and not refused.promoted
    forced = easy.desk.promote(f"{MODEL}@1", "champion", override="from the old system")
    assert forced.promoted and "not linked to a run" in " ".join(forced.notes) and holder(easy) == "1"
