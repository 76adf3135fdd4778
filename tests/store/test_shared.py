"""``bioml/shared.json``: what it says, and files that are made of what another run keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.canonical import bytes_digest
from jupyter_bioml.errors import JournalError, NotFound
from jupyter_bioml.store.base import RECORD_ID, SHARED_FILE
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.shared import Edit, RunFiles, Shared, SharedFile, edited, edits_between

NOTEBOOK = json.dumps({"cells": [{"id": f"c{n}", "source": f"x = {n}, 'ä'"} for n in range(200)]}, indent=1)


@pytest.mark.parametrize(
    "after",
    [
        NOTEBOOK,
        NOTEBOOK.replace("x = 7,", "x = 0.07,"),
        NOTEBOOK.replace("x = 3,", "rate = 3,").replace("x = 190,", "😀,"),
        NOTEBOOK + "\n",
        NOTEBOOK[: -len(NOTEBOOK) // 4],
        "new\n" + NOTEBOOK,
    ],
)
def test_edits_make_one_text_of_another(after: str) -> None:
    edits = edits_between(NOTEBOOK, after)
    assert edits is not None and edited(NOTEBOOK, edits) == after
    assert sum(len(edit.text) for edit in edits) < 60, "what is the same is not repeated"


def test_another_text_is_not_made_of_it() -> None:
    assert edits_between(NOTEBOOK, "something else\n" * 100) is None
    assert edits_between("", "x" * 600) is None
    many = ",".join(map(str, range(10_000)))
    assert edits_between(many, many.replace("1", "one")) is None, "nor compared for minutes"


def stored(store: MemoryStore, tmp_path: Path, record_id: str, files: dict[str, bytes]) -> str:
    experiment, _ = store.open_experiment("n.ipynb")
    run_id = store.create_run(experiment, "n", 1.0, {RECORD_ID: record_id})
    for name, data in files.items():
        file = tmp_path / record_id / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    store.add_artifacts(run_id, tmp_path / record_id)
    return run_id


def family(tmp_path: Path, *, run_id: str = "") -> tuple[MemoryStore, str]:
    """A store with a child whose lock lies with the run above; ``run_id``: what the child says that run's id is."""
    store = MemoryStore()
    above = stored(store, tmp_path, "a" * 32, {"bioml/requirements.lock": b"numpy==1\nscipy==1\n"})
    content = b"numpy==2\nscipy==1\n"
    file = SharedFile("bioml/requirements.lock", bytes_digest(content), len(content), (Edit(7, 8, "2"),))
    shared = Shared(run_id or above, "a" * 32, {"requirements.lock": file})
    return store, stored(store, tmp_path, "b" * 32, {SHARED_FILE: shared.dump(), "plot.png": b"png"})


def test_a_shared_file_is_read_and_listed_like_its_own(tmp_path: Path) -> None:
    store, child = family(tmp_path)
    files = RunFiles(store, child)
    assert files.read("bioml/requirements.lock") == b"numpy==2\nscipy==1\n" and files.read("plot.png") == b"png"
    assert dict(files.sizes())["bioml/requirements.lock"] == 18 and dict(files.sizes())["plot.png"] == 3
    with pytest.raises(NotFound):
        files.read("requirements.lock")


def test_in_a_copy_of_the_store_the_run_above_is_found_by_its_record(tmp_path: Path) -> None:
    store, child = family(tmp_path, run_id="0" * 32)
    assert RunFiles(store, child).read("bioml/requirements.lock") == b"numpy==2\nscipy==1\n"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    _, child = family(tmp_path)
    alone = MemoryStore()
    document = Shared("c" * 32, "d" * 32, {"cell.py": SharedFile("bioml/cell.py", "0" * 64, 3)}).dump()
    child = stored(alone, tmp_path, "e" * 32, {SHARED_FILE: document})
    with pytest.raises(NotFound, match=r"bioml/cell.py of the run .* with the run cccccccc") as missing:
        RunFiles(alone, child).read("bioml/cell.py")
    assert "Restore the run " + "c" * 32 in missing.value.next


CELLS = [{"record_id": "1" * 32, "seq": 1, "source": "x = 1"}, {"record_id": "2" * 32, "seq": 2, "source": "y = 2"}]


def with_shared_cells(tmp_path: Path, above: dict[str, bytes]) -> tuple[MemoryStore, str]:
    """A child whose record has the cells before it with the run above."""
    store = MemoryStore()
    holder = stored(store, tmp_path, "a" * 32, above)
    file = SharedFile("bioml/shared/0/before.json", bytes_digest(json.dumps(CELLS).encode()), 9)
    record = {
        "schema": 1, "record_id": "b" * 32, "session": "s", "seq": 3, "mark": "tag", "status": "FINISHED", "started": 1.0,
        "code": {"source": "z"}, "shared": ["before.json"],
    }  # fmt: skip
    shared = Shared(holder, "a" * 32, {"before.json": file}).dump()
    return store, stored(
        store, tmp_path, "b" * 32, {SHARED_FILE: shared, "bioml/record.json": json.dumps(record).encode()}
    )


def test_a_record_has_the_cells_that_it_shares(tmp_path: Path) -> None:
    store, child = with_shared_cells(tmp_path, {"bioml/shared/0/before.json": json.dumps(CELLS).encode()})
    assert [cell.source for cell in store.record(child).before] == ["x = 1", "y = 2"] and store.record(child).gaps == ()
    whole = json.loads(RunFiles(store, child).read("bioml/record.json"))
    assert whole["before"] == CELLS and "shared" not in whole


def test_a_record_whose_shared_cells_are_gone_says_so(tmp_path: Path) -> None:
    store, child = with_shared_cells(tmp_path, {"other.txt": b"x"})
    record = store.record(child)
    assert record.before == () and record.code.source == "z"
    assert [gap.part for gap in record.gaps] == ["before"] and "with the run" in record.gaps[0].reason


def document(**fields: Any) -> bytes:
    file = {"at": "bioml/cell.py", "sha256": "0" * 64, "size": 3, **fields}
    return json.dumps({"run_id": "a", "record_id": "b", "files": {"cell.py": file}}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"no json", b"[]", b'{"run_id": "a", "record_id": "b", "files": []}', document(at="../../etc/passwd"),
        document(at="/etc/passwd"), document(size="three"), document(edits=[[1, 2]]), document(edits=[["a", "b", "c"]]),
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(JournalError, match="cannot be understood"):
        Shared.load(data)
