"""A project to which everything happens that changes a list of runs, one thing after another, chosen by dice."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jupyter_bioml.config import Destination, Project, destination_at
from jupyter_bioml.errors import BiomlError
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.liveness import boot_id, kernel_segment, process_started
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.journal.renames import Renames
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import Publisher
from jupyter_bioml.records.run import Report
from jupyter_bioml.runs.assembly import Assembly, Sources
from jupyter_bioml.runs.catalog import Catalog
from jupyter_bioml.runs.groups import grouped
from jupyter_bioml.runs.kept import KeptIndex
from jupyter_bioml.runs.kept_rows import FORM
from jupyter_bioml.runs.summary import REMOTE, Summary
from jupyter_bioml.store.base import RECORD_ID, STARRED, VERDICT
from jupyter_bioml.store.memory import MemoryStore

OTHER = destination_at("http://elsewhere.example:5000")
NAMES = ("forest", "tree", "née \ud800 x", None)
Step = Callable[[], None]


class World:
    """The project, its store, and the dice."""

    def __init__(self, project: Project, target: Destination, seed: int) -> None:
        self.project, self.target = project, target
        self.dice = random.Random(seed)
        self.store = MemoryStore()
        self.sessions: list[tuple[Segment, str]] = []
        self.open: list[tuple[Segment, str]] = []
        self.runs: list[str] = []
        self.indexes: list[bytes] = []
        self.clock = time.time() - 10_000.0
        self.steps: list[Step] = [
            self.start_session, self.start_run, self.start_run, self.start_run, self.end_run, self.end_run, self.log,
            self.kill, self.publish, self.publish, self.edit_in_mlflow, self.delete_in_mlflow, self.run_from_elsewhere,
            self.annotate, self.annotate, self.forget, self.rename_notebook, self.report, self.adopt, self.damage,
            self.touch, self.copy_session, self.hurt_index, self.old_index,
        ]  # fmt: skip

    def step(self) -> str:
        """Something happens; what."""
        what = self.dice.choice(self.steps)
        what()
        return what.__name__

    def open_store(self) -> MemoryStore | None:
        return self.store if self.database.exists() else None

    @property
    def database(self) -> Path:
        assert self.target.database is not None
        return self.target.database

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """What is done in the store is seen in its file, as of a real one."""
        yield
        with self.database.open("ab") as file:
            file.write(b"x")

    # -- kernels ---------------------------------------------------------------------------------

    def start_session(self) -> None:
        self.clock += 1
        name = f"20261121T{len(self.sessions):06d}-{self.dice.randrange(2**32):08x}"
        segment = Segment(kernel_segment(self.project.journal, name))
        target = OTHER if self.dice.random() < 0.25 else self.target
        home = str(self.project.home if self.dice.random() < 0.8 else self.project.root.parent / "copied" / ".bioml")
        notebook = self.dice.choice(("a.ipynb", "deep/b.ipynb"))
        segment.append({
            "t": "session", "at": self.clock, "schema": 1, "session": name, "started": self.clock, "pid": os.getpid(),
            "process_started": process_started(os.getpid()), "host": os.uname().nodename, "boot": boot_id(),
            "python": "3.11.7", "executable": "python", "user": "ada", "project": str(self.project.root), "home": home,
            "cwd": str(self.project.root), "notebook": notebook, "path_source": "engine", "destination": target.uri,
            "destination_key": target.key,
        })  # fmt: skip
        self.sessions.append((segment, notebook))

    def _segment(self) -> tuple[Segment, str]:
        living = [one for one in self.sessions if one[0].in_place]
        if not living or self.dice.random() < 0.1:
            self.start_session()
            return self.sessions[-1]
        return self.dice.choice(living)

    def start_run(self) -> None:
        (segment, notebook), self.clock = self._segment(), self.clock + 1
        run, dice = f"{self.dice.randrange(16**32):032x}", self.dice
        above = dice.choice(self.runs) if self.runs and dice.random() < 0.3 else None
        more = {dice.choice(("parent", "part_of", "reproduces")): above} if above else {}
        segment.append({
            "t": "started", "at": self.clock, "run": run, "seq": len(self.runs), "name": dice.choice(NAMES), **more,
            "mark": dice.choice(("magic", "auto", "cell")), "note": dice.choice((None, "n")),
            "code": {"source": "x = 1", "notebook": notebook, "cell_id": dice.choice("abc")},
        })  # fmt: skip
        self.runs.append(run)
        self.open.append((segment, run))

    def log(self) -> None:
        if self.open:
            segment, run = self.dice.choice(self.open)
            value = self.dice.choice((0.5, math.nan, math.inf, 7))
            segment.append({"t": "log", "at": self.clock, "run": run, "m": {"auc": value}, "step": 1})
            segment.append({"t": "tags", "at": self.clock, "run": run, "tags": {"stage": "t", "bioml.taint": "stale"}})

    def end_run(self) -> None:
        if self.open:
            segment, run = self.open.pop(self.dice.randrange(len(self.open)))
            use = {
                "name": "a.csv",
                "role": "read",
                "kind": "value",
                "digest": self.dice.choice(("sha256:0", "sha256:1")),
            }
            segment.append({
                "t": "finished", "at": self.clock + 0.5, "run": run, "status": self.dice.choice(("FINISHED", "FAILED")),
                "duration": 0.5, "cpu": 0.4, "metrics": {"auc": self.dice.random(), "loss": 1}, "data": [use],
                "params": {"depth": 3, "big": 10**30, "kind": "é", "rate": 0.1, "list": [1, 2]},
            })  # fmt: skip

    def kill(self) -> None:
        if self.sessions:
            segment, _ = self.sessions.pop(self.dice.randrange(len(self.sessions)))
            if self.dice.random() < 0.5:
                segment.append({"t": "closed", "at": self.clock})
            segment.close()
            self.open = [one for one in self.open if one[0] is not segment]

    def touch(self) -> None:
        """A segment is put back as it was, by a backup."""
        if paths := sorted(self.project.journal.glob("*.log")):
            os.utime(self.dice.choice(paths))

    def copy_session(self) -> None:
        """Somebody copies a segment: two have the same runs."""
        if paths := sorted(self.project.journal.glob("*.log")):
            path = self.dice.choice(paths)
            path.with_name(f"{path.stem[:-1]}{self.dice.choice('xyz')}.log").write_bytes(path.read_bytes())

    def damage(self) -> None:
        """Bytes of a file are hit, or its end is lost."""
        home = self.project.home
        files = [*home.glob("journal/*.log"), *home.glob("*.log"), *home.glob("publish/*.ledger")]
        if not files:
            return
        path = self.dice.choice(sorted(files))
        data = bytearray(path.read_bytes())
        if data and self.dice.random() < 0.7:
            data[self.dice.randrange(len(data))] ^= 1 << self.dice.randrange(8)
        elif data:
            del data[self.dice.randrange(len(data)) :]
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()

    # -- MLflow ----------------------------------------------------------------------------------

    def publish(self) -> None:
        with self.writing():
            lock = PublisherLock(self.project.publishing / f"{self.target.key}.lock")
            assert lock.acquire()
            publisher = Publisher(self.project, self.target.key, lock, lambda _: self.store)
            try:
                publisher.drain()
            finally:
                publisher.close()
                lock.release()

    def edit_in_mlflow(self) -> None:
        if runs := self.store.search(ours=False, deleted=True):
            run = self.dice.choice(runs).run_id
            with self.writing():
                tag = self.dice.choice((VERDICT, STARRED, "team", "mlflow.note.content", "bioml.archived"))
                self.store.write(run, tags={tag: self.dice.choice(("true", "false", "x"))})
                if self.dice.random() < 0.5:
                    self.store.rename(run, self.dice.choice(("renamed there", "forest")))

    def delete_in_mlflow(self) -> None:
        if runs := self.store.search(ours=False):
            with self.writing():
                self.store.delete_run(self.dice.choice(runs).run_id)

    def run_from_elsewhere(self) -> None:
        """A run of another machine, perhaps of another project."""
        with self.writing():
            experiment, _ = self.store.open_experiment("a.ipynb")
            tags = {RECORD_ID: f"{self.dice.randrange(16**32):032x}", REMOTE: self.dice.choice(("git@x", "git@y"))}
            run = self.store.create_run(experiment, "there", self.clock, tags)
            self.store.write(run, params={"depth": "7"})
            if self.dice.random() < 0.7:
                self.store.end_run(run, "FINISHED", self.clock + 2)

    # -- the user --------------------------------------------------------------------------------

    def annotate(self) -> None:
        if self.runs:
            said = self.dice.choice(({"name": "mine"}, {"starred": True}, {"archived": True}, {"note": "seen"}))
            run = self.dice.choice(self.runs)
            known = Ledger(self.project.ledger(self.target.key)).run_id(run)
            Annotations(self.project.home).annotate(run, self.target.key, known, **said)

    def forget(self) -> None:
        if self.runs and self.dice.random() < 0.5:
            Annotations(self.project.home).bury(self.dice.choice(self.runs), self.target.key, None, "gone")

    def rename_notebook(self) -> None:
        before, after = self.dice.choice((("a.ipynb", "c.ipynb"), ("deep", "deeper"), ("c.ipynb", "a.ipynb")))
        Renames(self.project.home).add(before, after)

    def report(self) -> None:
        if self.runs:
            run = self.dice.choice(self.runs)
            FactLog(self.project.home).report(run, self.target.key, Report("drift", 0.0, "found"))

    def adopt(self) -> None:
        sessions = sorted(path.stem for path in self.project.journal.glob("*.log"))
        if sessions and self.dice.random() < 0.5:
            ledger = Ledger(self.project.ledger(self.target.key))
            ledger.open()
            ledger.append("adopted", session=self.dice.choice(sessions))
            ledger.close()

    # -- the index -------------------------------------------------------------------------------

    def index_files(self) -> list[Path]:
        return sorted((self.project.home / "state").glob("index-*"))

    def hurt_index(self) -> None:
        """It is cut off, hit, of another version, gone, or a folder is in its place."""
        for path in self.index_files():
            data = path.read_bytes()
            self.indexes.append(data)
            how = self.dice.randrange(5)
            if how == 0:
                path.write_bytes(data[: self.dice.randrange(len(data))])
            elif how == 1:
                at = self.dice.randrange(len(data))
                path.write_bytes(data[:at] + bytes([data[at] ^ 1 << self.dice.randrange(8)]) + data[at + 1 :])
            elif how == 2:
                path.write_bytes(data.replace(b"bioml-index ", b"bioml-index 0", 1))
            else:
                path.unlink()

    def old_index(self) -> None:
        """A process that began long ago writes what it knew then."""
        if self.indexes:
            for path in self.index_files():
                path.write_bytes(self.dice.choice(self.indexes))


def answers(world: World, kept: KeptIndex | None) -> dict[str, Any]:
    """Everything that is asked of a catalog."""

    def catalog() -> Catalog:
        return Catalog(world.project, world.target, world.open_store, kept)

    everything = catalog().runs(reproductions=True, archived=True, children=True)
    snapshot = catalog().snapshot()
    prefix = world.dice.choice(world.runs)[:8] if world.runs else "0"
    try:
        found = catalog().find(prefix)
        one: object = (found.row, found.run_id, found.stored, found.record)
    except BiomlError as error:
        one = type(error)
    return {
        "everything": everything,
        "some": catalog().runs(limit=3),
        "groups": grouped((row, row) for row in catalog().runs(children=True).rows),
        "groups of scores": grouped((one.standing, one.scores) for one in catalog().listed(children=True)[0]),
        "summaries": {key: fields(one) for key, one in snapshot.by_id.items()},
        "order": snapshot.order,
        "found": one,
    }


def served(world: World, kept: KeptIndex) -> dict[str, Any]:
    """The runs as a server begins with them."""
    known = kept.read()
    made = Assembly(Sources.of(world.project, world.target, known), world.open_store, ended=True)
    made.sources.refresh()
    made.take(known)
    made.journal.refresh(math.inf)
    made.store.look()
    made.assemble()
    return {record_id: fields(one) for record_id, (_, one) in made.made.items()}


def fields(one: Summary) -> dict[str, Any]:
    """All that a summary holds; what a kernel uses at the moment is another thing each time."""
    values = {name: getattr(one, name) for name in (*FORM[2], "text", "standing", "scores")}
    return {**values, "row": dataclasses.replace(one.row, usage=None)}
