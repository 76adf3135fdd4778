"""What child runs have in common lies once with the run above them, and is had as if it were their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.canonical import bytes_digest
from jupyter_bioml.config import Destination, Project
from jupyter_bioml.errors import NotFound
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.notebooks.slices import slice_notebook
from jupyter_bioml.records.run import Environment
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.store.base import PARENT, SHARED, SHARED_FILE, Store
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.shared import RunFiles, Shared, record_text

from .conftest import Sessions, SyntheticSession
from .test_killed import Dying, publish_in_child

Send = Callable[[], Any]

LONG = "import pandas\n" + "# a long cell\n" * 400
PYTHON = {"implementation": "CPython", "version": "3.11.9"}
PACKAGES = [{"name": f"package-{number}", "version": "1.0", "origin": "index"} for number in range(60)]


def environment(**more: Any) -> bytes:
    return json.dumps({"python": PYTHON, "os": {"system": "Linux"}, "distributions": PACKAGES, **more}).encode()


class Sweep:
    """A sweep whose parent run goes on, and its children."""

    def __init__(self, new_session: Sessions) -> None:
        self._new_session = new_session
        self.session = new_session(engine="batch")
        self.record_id = self.session.start("", mark="sweep", name="sweep of fit")

    def describe(self, document: bytes) -> None:
        """The environment of the sweep's own process."""
        self.session.help("environment", digest="e" * 64, blob=self.session.blobs.put(document))

    def child(self, rate: float, document: bytes | None = None, **fields: Any) -> str:
        """One task: three cells, the last of them a run."""
        session = self._new_session(sweep=f"{self.session.id}/{self.record_id}", task=f"fit.ipynb@{rate}")
        session.help("environment", digest="e" * 64, blob=session.blobs.put(document or environment()))
        for source in (f"rate = {rate}\ndepth = 3", LONG):
            session.run(source, start={"mark": "cell"})
        made = session.run(f"loss = rate * depth  # {'x' * 600}", params={"rate": rate}, **fields)
        session.end()
        return made

    def end(self) -> None:
        self.session.finish(self.record_id)
        self.session.end()


@pytest.fixture
def sweep(new_session: Sessions) -> Sweep:
    return Sweep(new_session)


def run_of(store: Store, record_id: str) -> str:
    (run,) = store.find_record(record_id)
    return run.run_id


def is_whole(store: Store, project: Project, record_id: str) -> None:
    """Every file that a run alone would have is there, with its content."""
    run_id = run_of(store, record_id)
    files, record = RunFiles(store, run_id), store.record(run_id)
    assert files.read("bioml/slice.ipynb").decode() == slice_notebook(record)
    assert record.environment is not None
    assert files.read("bioml/environment.json") == Blobs(project.blobs).get(record.environment.blob)
    assert b"package-59==1.0" in files.read("bioml/requirements.lock")
    assert files.read("bioml/cell.py").decode() == record.code.source + "\n"
    assert files.read("bioml/record.json") == record_text(to_dict(record))
    assert [cell.source for cell in record.before][1:] == [LONG]


def test_the_children_of_a_sweep_share_their_files(
    sweep: Sweep, project: Project, memory: MemoryStore, send: Send
) -> None:
    module = {"name": "shop", "path": "shop.py", "blob": Blobs(project.blobs).put(b"# shop\n" * 200), "size": 1400}
    children = [sweep.child(rate, modules=[module]) for rate in (0.1, 0.25, 0.5)]
    send()
    above = run_of(memory, sweep.record_id)
    assert memory.get(above).status == "RUNNING", "it was made for its children"
    sweep.end()
    send()
    for record_id in children:
        is_whole(memory, project, record_id)
        run = memory.get(run_of(memory, record_id))
        assert run.tags[SHARED] == run.tags[PARENT] == above
        assert memory.artifacts(run.run_id) == ("bioml/record.json", SHARED_FILE)
        assert RunFiles(memory, run.run_id).read("bioml/modules/shop.py") == b"# shop\n" * 200
    shared = [name.rpartition("/")[2] for name in memory.artifacts(above, "bioml/shared")]
    assert sorted(shared) == [
        "before.json",
        "cell.py",
        "environment.json",
        "requirements.lock",
        "shop.py",
        "slice.ipynb",
    ]
    second = Shared.load(memory.read_artifact(run_of(memory, children[1]), SHARED_FILE))
    assert [edit.text for edit in second.files["slice.ipynb"].edits] != [], "made of the first one's"


def test_an_environment_that_is_the_sweeps_own_lies_with_its_own_files(
    sweep: Sweep, project: Project, memory: MemoryStore, send: Send
) -> None:
    sweep.describe(environment())
    children = [sweep.child(0.1), sweep.child(0.2, environment(variables={"CUDA_VISIBLE_DEVICES": "1"}))]
    sweep.end()
    send()
    above = run_of(memory, sweep.record_id)
    kept = [name for name in memory.artifacts(above) if name.endswith(("environment.json", ".lock"))]
    assert kept == ["bioml/environment.json", "bioml/requirements.lock"]
    for record_id in children:
        is_whole(memory, project, record_id)
    other = Shared.load(memory.read_artifact(run_of(memory, children[1]), SHARED_FILE)).files["environment.json"]
    assert other.at == "bioml/environment.json" and other.edits, "one variable is not worth another 70 kB"


def test_the_children_of_a_cell_share_its_files(
    session: SyntheticSession, project: Project, memory: MemoryStore, send: Send
) -> None:
    session.help("environment", digest="e" * 64, blob=session.blobs.put(environment()))
    session.run(LONG, start={"mark": "cell"})
    outer = session.start(f"for depth in (1, 2): fit(depth)  # {'x' * 600}", name="outer")
    child = session.run("", start={"mark": "child", "parent": outer, "name": "depth=1"})
    below = session.run("", start={"mark": "child", "parent": child, "name": "deeper"})
    session.finish(outer)
    session.end()
    send()
    above = run_of(memory, outer)
    assert memory.artifacts(above, "bioml/shared") == (), "what they share are its own files"
    run_id = run_of(memory, child)
    for name in ("cell.py", "slice.ipynb", "environment.json", "requirements.lock"):
        assert RunFiles(memory, run_id).read(f"bioml/{name}") == memory.read_artifact(above, f"bioml/{name}")
    assert memory.artifacts(run_id) == ("bioml/record.json", SHARED_FILE)
    assert memory.get(run_of(memory, below)).tags[SHARED] == above, "not one after the other"


def test_a_second_sending_changes_nothing_and_heals_what_was_cut_off(
    sweep: Sweep, project: Project, memory: MemoryStore, send: Send, tmp_path: Path
) -> None:
    first = sweep.child(0.1)
    send()
    above = run_of(memory, sweep.record_id)
    names = memory.artifacts(above)
    torn = next(name for name in names if name.endswith("environment.json"))
    (tmp_path / "torn" / torn).parent.mkdir(parents=True)
    (tmp_path / "torn" / torn).write_bytes(memory.read_artifact(above, torn)[:100])
    memory.add_artifacts(above, tmp_path / "torn")
    with pytest.raises(NotFound, match="where it was altered"):
        RunFiles(memory, run_of(memory, first)).read("bioml/environment.json")
    shutil.rmtree(project.publishing)  # what was sent is not known any more: everything is sent again
    second = sweep.child(0.2)
    send()
    assert memory.artifacts(above) == names
    is_whole(memory, project, first)
    is_whole(memory, project, second)


def test_below_a_deleted_run_a_child_keeps_its_own_files(
    sweep: Sweep, project: Project, memory: MemoryStore, send: Send
) -> None:
    first = sweep.child(0.1)
    send()
    memory.delete_run(run_of(memory, sweep.record_id))
    is_whole(memory, project, first)
    second = sweep.child(0.2)
    send()
    run = memory.get(run_of(memory, second))
    assert SHARED not in run.tags and SHARED_FILE not in memory.artifacts(run.run_id)
    assert "bioml/environment.json" in memory.artifacts(run.run_id)
    is_whole(memory, project, second)


def test_killed_around_every_change_of_the_store(
    project: Project,
    target: Destination,
    database: Path,
    sweep: Sweep,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    children = []
    for moment in range(1, 40):
        children.append(sweep.child(moment / 100, environment(noise=os.urandom(4000).hex())))
        monkeypatch.setattr(Dying, "moment", moment)
        if publish_in_child(project, target, None, Dying):
            break
    else:
        pytest.fail("it never came to its end")
    assert len(children) > 10
    sweep.end()
    assert publish_in_child(project, target, None)
    store = MlflowStore(target.uri)
    runs = {run.record_id: run for run in store.search(deleted=True)}
    assert runs.keys() == {*children, sweep.record_id}, "each once, none lost"
    for record_id in children:
        run = runs[record_id]
        document = RunFiles(store, run.run_id).read("bioml/environment.json")
        assert document == Blobs(project.blobs).get(bytes_digest(document)) and run.tags[SHARED]
        assert store.record(run.run_id).environment == Environment("e" * 64, bytes_digest(document))
