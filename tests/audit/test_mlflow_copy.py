"""Events kept with runs of a real MLflow database, and what they tell about chains."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from jupyter_bioml.audit.anchors import HEAD, KEEPS, anchors_in_store
from jupyter_bioml.audit.event import encode, event_hash
from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.audit.mlflow_copy import FOLDER, Joined, join, keep_with_run, read_copies
from jupyter_bioml.audit.verify import verify
from jupyter_bioml.errors import NotFound
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import new_run


def joined(store: MlflowStore, log: AuditLog) -> Joined:
    found = verify(log)
    return join(read_copies(store), anchors_in_store(store), found.chain, found.count)


def overwrite(store: MlflowStore, run_id: str, path: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        store.add_artifacts(run_id, Path(folder))


def test_a_copy_is_the_events_line(log: AuditLog, store: MlflowStore, run_id: str) -> None:
    log.append("verdict", "run", run_id)
    event = log.append("promote", "model", "diagnosis/3", old={"champion": "2"}, new={"champion": "3"})
    path = keep_with_run(store, run_id, event)
    assert keep_with_run(store, run_id, event) == path, "again changes nothing"
    assert store.artifacts(run_id, FOLDER) == (path,) and path.startswith(f"bioml/audit/{event.chain}/00000002-")
    content = store.read_artifact(run_id, path)
    assert log.path is not None and content == log.path.read_bytes().splitlines(keepends=True)[1]
    assert event_hash(json.loads(content)) == event.hash
    tags = store.get(run_id).tags
    assert tags[KEEPS] == "true" and tags[HEAD].startswith(f"{event.chain}:2:{event.hash}")


def test_a_run_that_is_not_there(log: AuditLog, store: MlflowStore) -> None:
    event = log.append("promote", "model", "diagnosis/3")
    with pytest.raises(NotFound):
        keep_with_run(store, "0" * 32, event)


def test_chains_of_two_folders_are_joined(log: AuditLog, store: MlflowStore, run_id: str, tmp_path: Path) -> None:
    """Both on one server; one has lost its end, of which MLflow knows."""
    other, second = AuditLog(tmp_path / "other"), new_run(store)
    for number in range(1, 7):
        event = log.append("promote", "model", str(number))
        theirs = other.append("promote", "model", str(number))
        if number in (2, 5):
            keep_with_run(store, run_id, event)
            keep_with_run(store, second, theirs)
            keep_with_run(store, run_id, theirs)
    found = joined(store, log)
    assert found.problems == () and len(found.chains) == 2
    mine = next(item for item in found.chains if item.here)
    assert (mine.chain, mine.copies, mine.last_copy, mine.last_known, mine.missing) == (event.chain, 2, 5, 5, None)
    yours = next(item for item in found.chains if not item.here)
    assert (yours.chain, yours.copies, yours.last_known, yours.missing) == (theirs.chain, 2, 5, None)
    assert verify(log, found.anchors).anchored_up_to == 5
    assert log.path is not None
    log.path.write_bytes(b"".join(log.path.read_bytes().splitlines(keepends=True)[:3]))
    found = joined(store, log)
    mine = next(item for item in found.chains if item.here)
    assert mine.missing == (4, 5)
    problem = verify(log, found.anchors).problem
    assert problem is not None and (problem.kind, problem.seq) == ("truncated", 4) and run_id in problem.message


def test_an_end_that_only_a_tag_knows(log: AuditLog, store: MlflowStore, run_id: str, tmp_path: Path) -> None:
    other = AuditLog(tmp_path / "other")
    keep_with_run(store, run_id, other.append("promote", "model", "1"))
    head = other.append("promote", "model", "2")
    store.write(run_id, tags={HEAD: f"{head.chain}:2:{head.hash}"})
    (known,) = joined(store, log).chains
    assert known.missing == (2, 2) and known.as_json()["missing"] == [2, 2]


def test_a_copy_tells_which_event_was_rewritten(log: AuditLog, store: MlflowStore, run_id: str) -> None:
    """The whole file was rewritten from event 3 on; the copies of 2, 3 and 4 leave no doubt."""
    events = [log.append("promote", "model", str(number)) for number in range(1, 6)]
    for event in events[1:4]:
        keep_with_run(store, run_id, event)
    before, lines = events[1].hash, [encode(event.as_json()) for event in events[:2]]
    for event in events[2:]:
        document = event.as_json() | {"actor_id": "mallory", "prev": before}
        document["hash"] = before = event_hash(document)
        lines.append(encode(document))
    assert log.path is not None
    log.path.write_bytes(b"".join(lines))
    assert verify(log).ok
    found = verify(log, joined(store, log).anchors)
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("altered", 3)
    assert "Event 3 was altered" in found.problem.message and found.anchored_up_to == 2


def test_altered_copies_are_named(log: AuditLog, store: MlflowStore, run_id: str) -> None:
    event = log.append("promote", "model", "1")
    path = keep_with_run(store, run_id, event)
    for content in (b"", b"\xff\x00", encode(event.as_json() | {"actor_id": "mallory"}), b"[" * 100_000):
        overwrite(store, run_id, path, content)
        found = joined(store, log)
        assert len(found.problems) == 1 and path in found.problems[0] and run_id in found.problems[0]
    moved = f"{FOLDER}/{'f' * 32}/00000001-x.json"
    overwrite(store, run_id, path, encode(event.as_json()))
    overwrite(store, run_id, moved, encode(event.as_json()))
    assert [moved in problem for problem in joined(store, log).problems] == [True]


def test_a_chain_with_two_ends_is_named(log: AuditLog, store: MlflowStore, run_id: str, tmp_path: Path) -> None:
    """A project folder that was copied, both of which went on."""
    log.append("promote", "model", "1")
    assert log.path is not None
    copied = AuditLog(tmp_path / "copied")
    copied.folder.mkdir()
    (copied.folder / log.path.name).write_bytes(log.path.read_bytes())
    second = new_run(store)
    keep_with_run(store, run_id, log.append("promote", "model", "2"))
    keep_with_run(store, second, copied.append("promote", "model", "two"))
    found = joined(store, log)
    assert len(found.problems) == 1 and "two versions of event 2" in found.problems[0]
    assert run_id in found.problems[0] and second in found.problems[0]
