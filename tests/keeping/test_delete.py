"""Deleting a run: gone from MLflow and from the list, its own content freed, never sent again."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from mlflow import MlflowClient
from publish.conftest import SyntheticSession

from jupyter_bioml.errors import NotFound, Refused, StoreUnavailable
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.publish.scan import waiting
from jupyter_bioml.store.base import PARENT, RECORD_ID, SHARED

from .conftest import Case


def with_output(kernel: SyntheticSession, record_id: str, content: bytes) -> str:
    """Give a run a display; returns its blob."""
    blob = kernel.blobs.put(content)
    kernel.write("output", run=record_id, o=[{"kind": "display", "mime": "image/png", "blob": blob, "size": 9}])
    return blob


def test_a_published_run_goes_from_mlflow_and_the_list_and_its_blobs_from_the_journal(case: Case) -> None:
    kernel = case.kernel()
    record_id, other = kernel.run(start={"name": "bad idea"}), kernel.run(start={"name": "kept"})
    own, shared = with_output(kernel, record_id, b"own figure"), with_output(kernel, record_id, b"shared figure")
    assert with_output(kernel, other, b"shared figure") == shared
    case.drain()
    segment = kernel.segment.path.read_bytes()
    (doomed,) = [row for row in case.rows() if row.record_id == record_id]
    done = case.bench.keeping.delete(record_id, why="a mistake")
    assert (done.record_id, done.run_id, done.blobs, done.bytes, done.unsaid) == (
        record_id, doomed.run_id, 1, 10, None,
    )  # fmt: skip
    assert done.as_json()["deleted"] is True
    assert MlflowClient(tracking_uri=case.target.uri).get_run(str(doomed.run_id)).info.lifecycle_stage == "deleted"
    assert not case.blob(own).exists() and case.blob(shared).read_bytes() == b"shared figure"
    assert kernel.segment.path.read_bytes() == segment, "the journal's lines stay as they were written"
    assert [row.record_id for row in case.rows(archived=True, reproductions=True)] == [other]
    with pytest.raises(NotFound, match=r"bad idea\) was deleted by"):
        case.bench.runs.show(record_id)
    tomb = Annotations(case.project.home).tombstone(record_id)
    assert tomb is not None and (tomb.name, tomb.why, bool(tomb.user), bool(tomb.host)) == (
        "bad idea", "a mistake", True, True,
    )  # fmt: skip
    kernel.write("log", run=record_id, m={"late": 1.0})
    case.drain()
    assert [run.name for run in case.store.search()] == ["kept"], "what its threads log on is not sent"
    assert waiting(case.project, case.target) == ()


def test_a_run_that_waits_is_never_sent(case: Case) -> None:
    kernel = case.kernel()
    record_id = kernel.run(start={"name": "never"})
    done = case.bench.keeping.delete(record_id)
    assert done.run_id is None and case.rows() == [] and waiting(case.project, case.target) == ()
    case.drain()
    assert case.store.search(deleted=True, ours=False) == []


def test_a_running_run_is_refused(case: Case) -> None:
    kernel = case.kernel()
    record_id = kernel.start(name="long")
    with pytest.raises(Refused, match="is still running; nothing was deleted") as refused:
        case.bench.keeping.delete(record_id, force=True)
    assert refused.value.next and case.rows()[0].record_id == record_id
    kernel.end()
    assert case.bench.keeping.delete(record_id).record_id == record_id, "its kernel is gone: it does not run any more"


def test_with_mlflow_down_nothing_is_deleted_that_may_be_there(
    case: Case, down: Callable[[Case], Callable[[], None]]
) -> None:
    kernel = case.kernel()
    sent = kernel.run(start={"name": "sent"})
    case.drain()
    waits = kernel.run(start={"name": "waits"})
    up = down(case)
    with pytest.raises(StoreUnavailable, match="Nothing was deleted"):
        case.bench.keeping.delete(sent)
    assert case.bench.keeping.delete(waits).unsaid is None, "one that was never sent needs no MLflow"
    up()
    assert [row.record_id for row in case.rows()] == [sent]


def test_registered_versions_are_named_and_stay_when_forced(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "champion"})
    case.drain()
    client = MlflowClient(tracking_uri=case.target.uri)
    (stored,) = case.store.search()
    client.create_registered_model("diagnosis")
    client.create_model_version("diagnosis", "file:///nowhere", stored.run_id)
    with pytest.raises(Refused, match="is the source of diagnosis v1; nothing was deleted") as refused:
        case.bench.keeping.delete(record_id)
    assert "--force" in refused.value.next and len(case.rows()) == 1
    done = case.bench.keeping.delete(record_id, force=True)
    assert done.versions == ("diagnosis v1",) and case.rows() == []
    assert client.get_model_version("diagnosis", "1").run_id == stored.run_id


def test_the_children_of_a_sweep_go_with_the_run_that_keeps_their_files(case: Case) -> None:
    above = case.kernel()
    whole = above.start("", mark="sweep", name="sweep of fit")
    child = SyntheticSession(case.project, case.target, sweep=f"{above.id}/{whole}")
    case.sessions.append(child)
    below = child.run("x = 1\n" + "# long\n" * 200, start={"name": "fit"})
    child.end()
    above.finish(whole)
    above.end()
    case.drain()
    (run,) = case.store.find_record(below)
    assert run.tags[SHARED] == run.tags[PARENT]
    done = case.bench.keeping.delete(whole)
    assert done.also == (below,) and case.store.get(run.run_id).deleted
    assert case.rows() == []


def test_parts_and_children_go_with_it(case: Case) -> None:
    kernel = case.kernel()
    whole = kernel.run(start={"name": "fit"})
    child = kernel.run(start={"name": "depth 3", "mark": "child", "parent": whole})
    part = kernel.run(start={"name": "fit", "part_of": whole})
    other = kernel.run(start={"name": "other"})
    case.drain()
    later = kernel.run(start={"name": "fit", "part_of": whole})
    done = case.bench.keeping.delete(part)
    assert done.record_id == whole and set(done.also) == {child, part, later}
    case.drain()
    assert [row.record_id for row in case.rows()] == [other]
    assert [run.record_id for run in case.store.search()] == [other]


def test_killed_after_the_tombstone_the_publisher_deletes_it(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "half"})
    case.drain()
    (stored,) = case.store.search()
    Annotations(case.project.home).bury(record_id, case.target.key, stored.run_id, "half")
    assert case.rows() == [], "not listed from then on"
    assert [item.reason for item in waiting(case.project, case.target)] == ["its deletion is not in MLflow yet"]
    case.drain()
    assert case.store.search() == [] and waiting(case.project, case.target) == ()


def test_deleted_while_it_is_being_sent(case: Case) -> None:
    """The tombstone is written after the publisher has asked for it: the run is deleted when it is whole."""
    record_id = case.kernel().run(start={"name": "racing"})
    home, key = case.project.home, case.target.key

    class Racing(type(case.store)):  # type: ignore[misc]
        def add_artifacts(self, *arguments: object) -> None:
            super().add_artifacts(*arguments)
            if Annotations(home).tombstone(record_id) is None:
                Annotations(home).bury(record_id, key, None, "racing")

    case.drain(Racing(case.target.uri))
    assert case.store.search() == [] and case.rows() == [] and waiting(case.project, case.target) == ()
    assert [run.deleted for run in case.store.find_record(record_id)] == [True]


def test_a_run_that_was_restored_in_mlflow_by_hand_is_listed_again(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "phoenix"})
    case.drain()
    run_id = case.bench.keeping.delete(record_id).run_id
    MlflowClient(tracking_uri=case.target.uri).restore_run(str(run_id))
    assert [(row.run_id, row.name) for row in case.rows()] == [(run_id, "phoenix")]
    case.bench.keeping.delete(record_id)
    assert case.rows() == []


def test_a_run_of_another_machine_that_mlflow_says_runs_needs_force(case: Case) -> None:
    identity, _ = case.store.open_experiment("analysis.ipynb")
    run_id = case.store.create_run(identity, "far away", 1e9, {RECORD_ID: "ab" * 16})
    folder = case.project.root / "files" / "bioml"
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(
        '{"schema": 1, "record_id": "' + "ab" * 16 + '", "session": "s", "seq": 1, "mark": "magic",'
        '"status": "RUNNING", "started": 1e9, "code": {"source": "x"}}'
    )
    case.store.add_artifacts(run_id, folder.parent)
    with pytest.raises(Refused, match="its journal is not here"):
        case.bench.keeping.delete(run_id)
    assert case.bench.keeping.delete(run_id, force=True).run_id == run_id and case.rows() == []


def test_what_a_living_kernel_will_name_again_stays(case: Case) -> None:
    """It stores a module or a generator's state once, and names it in every later run without storing it again."""
    kernel = case.kernel()
    state = kernel.blobs.put(b"state of numpy")
    record_id = kernel.run(start={"name": "first", "states": {"numpy": state}})
    figure = with_output(kernel, record_id, b"figure")
    os.utime(case.blob(figure), (1e9, 1e9))
    assert case.bench.keeping.delete(record_id).blobs == 1
    assert not case.blob(figure).exists() and case.blob(state).exists()


def test_what_is_stored_again_meanwhile_stays(case: Case) -> None:
    kernel = case.kernel()
    record_id = kernel.run()
    figure = with_output(kernel, record_id, b"figure")
    os.utime(case.blob(figure), (1e9, 1e9))
    kernel.blobs.put(b"figure")  # by a run whose line is not written yet
    later = os.stat(case.blob(figure)).st_mtime + 60
    os.utime(case.blob(figure), (later, later))
    assert case.bench.keeping.delete(record_id).blobs == 0 and case.blob(figure).exists()
