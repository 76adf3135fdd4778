"""What the kernel of a reproduction may write: its work folder, the temporary folder, caches; nothing of the user's."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.capture.rerun.confine import Confinement, OutsideWorkFolder
from jupyter_bioml.capture.rerun.notices import OWN_FOLDER, READ_OUTSIDE, WRITE_REFUSED, notice, read_notices
from jupyter_bioml.config import Destination, Project


@dataclass
class Place:
    """A project, its work folder, and a folder of the user's that is no part of it."""

    root: Path
    work: Path
    elsewhere: Path

    def told(self, kind: str) -> list[str]:
        return [item["path"] for item in read_notices(self.work) if item["kind"] == kind]


@pytest.fixture
def place(project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    # the tests' own folder lies in the temporary one, where everybody may write
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("jupyter_bioml.capture.rerun.confine._TEMPORARY", (str(temporary),))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "old.txt").write_text("old")
    (project_dir / "rows.csv").write_text("rows")
    work = project_dir / ".bioml" / "work" / "1"
    (work / OWN_FOLDER).mkdir(parents=True)
    (work / "rows.csv").symlink_to(project_dir / "rows.csv")
    project = Project(project_dir, project_dir / ".bioml", work=work)
    destination = Destination(f"sqlite:///{project_dir}/.bioml/mlflow.db", "k", True)
    observer = FileObserver(project, Confinement(project, destination))
    originals = (io.open, os.open, os.mkdir, os.replace, sqlite3.connect)
    monkeypatch.chdir(work)
    observer.install()
    observer.start()
    try:
        yield Place(project_dir, work, elsewhere)
    finally:
        observer.finish()
        observer.uninstall()
        assert (io.open, os.open, os.mkdir, os.replace, sqlite3.connect) == originals


def test_what_belongs_to_the_run_can_be_written(place: Place, tmp_path: Path) -> None:
    Path("made").mkdir()
    Path("made/a.txt").write_text("a")
    os.replace("made/a.txt", "made/b.txt")
    with open(tmp_path / "temporary" / "t.txt", "w") as file:
        file.write("t")
    with open(os.devnull, "w") as file:
        file.write("x")
    cache = Path(os.environ["IPYTHONDIR"]) / "history.txt"
    cache.write_text("cached")
    shutil.rmtree("made")
    connection = sqlite3.connect("here.db")
    connection.execute("create table t (x)")
    connection.close()
    (place.root / ".bioml" / "state.txt").write_text("ours")
    assert place.told(WRITE_REFUSED) == []


def test_what_lies_elsewhere_is_refused_and_named(place: Place) -> None:
    outside = [place.elsewhere / "new.txt", place.root / "rows.csv", place.root / "new.txt"]
    for path in outside:
        for write in (
            lambda path=path: path.write_text(""),
            lambda path=path: path.write_bytes(b""),
            lambda path=path: io.FileIO(str(path), "a"),
            lambda path=path: os.open(path, os.O_WRONLY | os.O_CREAT),
        ):
            with pytest.raises(OutsideWorkFolder, match="may not write outside its work folder") as caught:
                write()
            assert caught.value.filename == str(path)
    old = place.elsewhere / "old.txt"
    for change in (old.unlink, lambda: old.rename("mine.txt"), (place.elsewhere / "folder").mkdir,
                   lambda: os.truncate(old, 0), lambda: Path(place.elsewhere / "link").symlink_to(old),
                   lambda: os.replace("rows.csv", old), lambda: shutil.rmtree(place.elsewhere)):  # fmt: skip
        with pytest.raises(PermissionError):
            change()
    assert old.read_text() == "old" and (place.root / "rows.csv").read_text() == "rows"
    assert sorted(path.name for path in place.elsewhere.iterdir()) == ["old.txt"]
    assert set(map(str, outside)) <= set(place.told(WRITE_REFUSED))


def test_a_refusal_is_told_even_when_the_code_gets_over_it(place: Place) -> None:
    with contextlib.suppress(OSError):
        (place.elsewhere / "log.txt").open("a")
    os.makedirs(place.elsewhere, exist_ok=True)  # it is there: nothing is changed, nothing refused
    with pytest.raises(FileNotFoundError):
        os.remove(place.elsewhere / "never.txt")
    assert place.told(WRITE_REFUSED) == [str(place.elsewhere / "log.txt")]


def test_writing_through_a_link_changes_a_copy(place: Place) -> None:
    with open("rows.csv", "a") as file:
        file.write("+more")
    assert Path("rows.csv").read_text() == "rows+more" and not Path("rows.csv").is_symlink()
    assert (place.root / "rows.csv").read_text() == "rows"


def test_reading_is_let_pass_and_noticed_where_it_is_not_portable(place: Place) -> None:
    assert Path("rows.csv").read_text() == "rows"
    assert (place.root / "rows.csv").read_text() == "rows"
    assert (place.elsewhere / "old.txt").read_text() == "old"
    (place.root / ".bioml" / "note.txt").write_text("ours")
    assert (place.root / ".bioml" / "note.txt").read_text() == "ours"
    assert place.told(READ_OUTSIDE) == [str(place.root / "rows.csv")]


def test_a_database_elsewhere_can_be_read_only(place: Place) -> None:
    path = place.elsewhere / "cohort.db"
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with pytest.raises(OutsideWorkFolder):
        sqlite3.connect(path)
    shutil.copy(_database(place.work), place.work / "copy.db")
    _move_out(place.work / "copy.db", path)
    opened = sqlite3.connect(str(path))
    assert opened.execute("select x from t").fetchall() == [(1,)]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        opened.execute("insert into t values (2)")
    opened.close()


def _database(folder: Path) -> Path:
    connection = sqlite3.connect(folder / "made.db")
    connection.execute("create table t (x)")
    connection.execute("insert into t values (1)")
    connection.commit()
    connection.close()
    return folder / "made.db"


def _move_out(source: Path, target: Path) -> None:
    """What the code under test may not do: another process does it."""
    assert os.spawnlp(os.P_WAIT, "mv", "mv", str(source), str(target)) == 0


def test_stand_ins_look_like_the_originals(place: Place) -> None:
    assert os.mkdir in os.supports_dir_fd and repr(os.mkdir) == "<built-in function mkdir>"
    assert pickle.loads(pickle.dumps(os.replace)) is os.replace
    for wrong in (lambda: io.FileIO(None), lambda: Path("a\0b").write_text(""), lambda: os.mkdir(object())):  # type: ignore[call-overload]
        with pytest.raises((TypeError, ValueError)):
            wrong()


def test_notices_survive_a_torn_line(tmp_path: Path) -> None:
    (tmp_path / OWN_FOLDER).mkdir()
    notice(tmp_path, "states", cell=1, states={})
    with (tmp_path / OWN_FOLDER / "notices.jsonl").open("a") as file:
        file.write('{"kind": "sta')
    assert [item["cell"] for item in read_notices(tmp_path)] == [1]
    assert read_notices(tmp_path / "nowhere") == []
