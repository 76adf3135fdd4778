"""A journal with a line of every kind, ways to damage its bytes, and what every reader makes of what is left."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from jupyter_bioml.config import Destination, Project
from jupyter_bioml.journal.belonging import key_in
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.log import frame
from jupyter_bioml.journal.reader import JournalReader
from jupyter_bioml.journal.runs import local_runs, read_journal
from jupyter_bioml.pages.lists import run_list
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import Publisher
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.runs import query
from jupyter_bioml.runs.catalog import Catalog
from jupyter_bioml.runs.journal_index import JournalIndex
from jupyter_bioml.runs.snapshot import Snapshot
from jupyter_bioml.store.memory import MemoryStore

HURT, WELL = "20261121T120000-00000001", "20261121T130000-00000002"
START = 1_795_000_000.0
RUNS = 2


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


BLOB = b'{"what": "a stored content"}'


@dataclass
class Written:
    """A session as a kernel and its helper write it: its lines, and which run each one is about."""

    kernel: list[dict[str, Any]] = field(default_factory=list)
    helper: list[dict[str, Any]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)

    def bytes(self) -> bytes:
        return b"".join(map(frame, self.kernel))


def header(project: Project, target: Destination, session: str) -> dict[str, Any]:
    return {
        "t": "session", "at": START, "schema": 1, "session": session, "started": START, "pid": 1,
        "process_started": 5.0, "host": "elsewhere", "boot": "b", "pid_namespace": None, "python": "3.11.9",
        "executable": "/nowhere/python", "user": "ada", "project": str(project.root), "home": str(project.home),
        "cwd": str(project.root), "notebook": "analysis.ipynb", "path_source": "engine", "destination": target.uri,
        "destination_key": target.key, "engine": "papermill", "task": "t", "attempt": 1, "variables": {"LANG": "C"},
        "states": {"numpy": digest(BLOB)}, "reproduces": None, "sweep": None,
    }  # fmt: skip


def write_session(project: Project, target: Destination, session: str, runs: int = RUNS) -> Written:
    """A whole session of that many runs; every kind of line is in it."""
    made, blob, at = Written(), digest(BLOB), START

    def add(kind: str, /, **fields: Any) -> None:
        nonlocal at
        at += 1.0
        (made.helper if kind in ("helper", "reading", "environment", "patch", "died") else made.kernel).append(
            {"t": kind, "at": at, **fields}
        )

    made.kernel.append(header(project, target, session))
    add("helper", pid=2)
    add("environment", digest="e" * 64, blob=blob, variables={"LANG": "C"})
    add("states", states={"torch": blob})
    add("untracked", seq=0, reason="lost", cells=[
        {"source": "import pandas", "execution_count": 1, "status": "UNKNOWN", "unseen": True},
    ])  # fmt: skip
    for number in range(runs):
        run = digest(f"{session} {number}".encode())[:32]
        made.runs.append(run)
        code = {
            "source": f"auc = 0.9  # {number}", "cell_id": f"c{number}", "notebook": "analysis.ipynb",
            "path_source": "engine", "execution_count": number, "tags": ["slow"], "magic": "%%experiment",
        }  # fmt: skip
        git = {"commit": "c" * 40, "branch": "main", "remote": "https://x/y.git", "root": "/r"}
        add("started", run=run, seq=number, mark="magic", name=f"run {number}", note="n", tags={"stage": "try"},
            code=code, git=git, parent=None, part_of=None, reproduces=None, compared=["auc"], states={"numpy": blob},
            alone=False)  # fmt: skip
        for step in range(3):
            add("log", run=run, m={"loss": 1.0 / (step + 1), "word": "x"}, step=step)
        add("params", run=run, p={"depth": number})
        add("score", run=run, key="auc", value=0.9 + number / 100, step=0, origin="returned", source="roc_auc_score",
            digits=3, cell=run, model="clf", of=None)  # fmt: skip
        add("score", run=run, key="fold", values=[0.1, 0.2], steps=[0, 1], origin="loss")
        add("artifact", run=run, path="plot.png", blob=blob, size=len(BLOB))
        add("predictions", run=run, name="hold-out", blob=blob, rows=3, columns=["id", "p"], format="csv")
        add("output", run=run, o=[
            {"kind": "stdout", "text": "hello\n"},
            {"kind": "display", "mime": "image/png", "blob": blob, "size": 5, "cut": False},
        ])  # fmt: skip
        add("user_run", run=run, run_id="m" * 32, uri="http://other", first=False)
        add("model", run=run, model={
            "name": "clf", "class_name": "sklearn.SVC", "blob": None, "size": 0, "flavor": "sklearn",
            "sample_blob": None, "sample_source": "none", "named": False,
        })  # fmt: skip
        add("tags", run=run, tags={"later": "yes", "bioml.seal": "closed"})
        add("report", run=run, kind="taint", state="none", summary={"count": 0}, tags={"bioml.taint": "none"},
            blobs={"a.txt": {"blob": blob, "size": 3}})  # fmt: skip
        add("gap", run=run, part="data", reason="a reader without a file")
        add("finished", run=run, status="FINISHED", cause=None, duration=3.0, cpu=2.0, peak_rss=1000,
            failure={"kind": "E", "message": "m", "traceback": "t"}, params={"seed": 1}, metrics={"f1": 0.5},
            values={"shape": [1, 2]}, data=[{"name": "a.csv", "role": "read", "kind": "value", "digest": "sha256:0"}],
            modules=[{"name": "m", "path": "m.py", "blob": blob, "size": 3}], gaps=[{"part": "x", "reason": "y"}],
            execution_count=number, pending=[])  # fmt: skip
        add("reading", run=run, cpu_percent=3.0, rss=5, read_bytes=1, write_bytes=2, gpus=[{"index": 0}])
        add("patch", run=run, dirty=False, blob=None, late=False)
    add("renamed", notebook="analysis.ipynb", path_source="front-end")
    add("probes", asked=["/a"], listed=["/b"], variables=["LANG"], modules=["/m.py"], hidden=[])
    add("died", cause="the kernel was killed")
    return made


class Place:
    """A project with two dead sessions: one to be damaged, and one that stays well."""

    def __init__(self, project: Project, target: Destination) -> None:
        self.project, self.target = project, target
        self.hurt = write_session(project, target, HURT)
        self.well = write_session(project, target, WELL, 1)
        self.path = project.journal / f"{HURT}.log"
        self.whole = self._lay(self.hurt.bytes(), b"".join(map(frame, self.hurt.helper)))

    def _lay(self, kernel: bytes, helper: bytes) -> dict[str, RunRecord]:
        self.write(kernel, helper)
        return {run.listed.record_id: run.record for run in local_runs(read_journal(self.project)[0])}

    def write(self, kernel: bytes, helper: bytes | None = None) -> None:
        """Lay the journal down afresh: nothing was sent, nothing was said of it."""
        journal = self.project.journal
        shutil.rmtree(self.project.home)
        journal.mkdir(parents=True)
        blob = self.project.blobs / digest(BLOB)[:2] / digest(BLOB)[2:]
        blob.parent.mkdir(parents=True)
        blob.write_bytes(BLOB)
        self.path.write_bytes(kernel)
        self.path.with_suffix(".helper").write_bytes(
            b"".join(map(frame, self.hurt.helper)) if helper is None else helper
        )
        (journal / f"{WELL}.log").write_bytes(self.well.bytes())
        (journal / f"{WELL}.helper").write_bytes(b"".join(map(frame, self.well.helper)))


@dataclass
class Seen:
    """What the readers of one journal found."""

    records: dict[str, RunRecord]
    problems: list[str]
    listed: list[str]
    paged: list[str]
    sent: Counter[str]
    sent_again: int
    metrics: dict[str, dict[str, float]]
    waiting: list[str]
    said: list[str]

    @property
    def doubled(self) -> int:
        rows = (Counter(self.listed), Counter(self.paged), self.sent)
        return sum(count - 1 for counter in rows for count in counter.values()) + self.sent_again


def survey(place: Place) -> Seen:
    """Bytes on the disk → records → rows → page and JSON → runs in a store. Nothing may raise."""
    project, target, store = place.project, place.target, MemoryStore()
    logs, _ = read_journal(project)
    records = {run.listed.record_id: run.record for run in local_runs(logs)}
    json.dumps([to_dict(record) for record in records.values()], allow_nan=False)
    found = Catalog(project, target, lambda: store).runs(children=True)
    list(run_list(found, 120))
    json.dumps(found.as_json())
    paged, said = _paged(place)
    assert set(said) <= set(found.problems), "the server's list says what the command's list says"
    first, second = published(place, store), published(place, store)
    runs = store.search(limit=1000)
    again = Catalog(project, target, lambda: store).runs(children=True)
    assert Counter(row.record_id for row in again.rows) == Counter(row.record_id for row in found.rows)
    return Seen(
        records, list(found.problems), [row.record_id for row in found.rows], paged,
        Counter(run.record_id for run in runs if run.record_id), second.published,
        {run.record_id: dict(run.metrics) for run in runs if run.record_id},
        [item.reason for item in first.scan.waiting()], [text for _, text in Ledger(project.ledger(target.key)).said],
    )  # fmt: skip


def _paged(place: Place) -> tuple[list[str], tuple[str, ...]]:
    """The rows of the server's page, and its problems."""
    index = JournalIndex(JournalReader(place.project.journal), lambda _: False, lambda one: key_in(place.project, one))
    index.refresh(time.monotonic() + 60.0)
    rows = {
        record_id: row
        for session in index.sessions.values()
        if session.key in (place.target.key, "")
        for record_id, row in session.rows.items()
    }
    page = query.page(Snapshot.of(rows, problems=index.problems), query.Query(limit=500))
    json.dumps(asdict(page), allow_nan=False, default=sorted)
    return [row.record_id for row in page.rows], page.problems


def published(place: Place, store: MemoryStore) -> Publisher:
    """Drained once, as one publisher does it."""
    lock = PublisherLock(place.project.publishing / f"{place.target.key}.lock")
    assert lock.acquire()
    publisher = Publisher(place.project, place.target.key, lock, lambda uri: store)
    try:
        assert publisher.drain()
    finally:
        publisher.close()
        lock.release()
    return publisher


def stands(line: bytes, data: bytes) -> bool:
    """Whether a line stands in the bytes, as far as it means anything: its checksum as a number, and its text."""
    number = (b"[0 ]" + line[1:8]) if line.startswith(b"0") else line[:8]
    return re.search(b"(?i:" + number + b")(?s:.)" + re.escape(line[9:]), data) is not None


Damage = Callable[[random.Random, bytes], bytes]


def flip(dice: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data))]


def cut_out(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + data[at + dice.randint(1, 3000) :]


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def swap(dice: random.Random, data: bytes) -> bytes:
    lines = _lines(data)
    for _ in range(dice.randint(1, 3)):
        a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
    return b"".join(lines)


def double(dice: random.Random, data: bytes) -> bytes:
    lines = _lines(data)
    a = dice.randrange(len(lines))
    some = lines[a : a + dice.randint(1, 20)]
    at = dice.choice((a, dice.randrange(len(lines)), len(lines)))
    return b"".join([*lines[:at], *some, *lines[at:]])


def windows(dice: random.Random, data: bytes) -> bytes:
    if dice.random() < 0.5:
        return data.replace(b"\n", b"\r\n")
    return b"".join(line.replace(b"\n", b"\r\n") if dice.random() < 0.5 else line for line in _lines(data))


def byte_order_mark(dice: random.Random, data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + (data.replace(b"\n", b"\r\n") if dice.random() < 0.5 else data)


def zeros(dice: random.Random, data: bytes) -> bytes:
    size, at = dice.choice((1, 100, 4096)), dice.randrange(len(data))
    where = dice.random()
    if where < 0.4:
        return data[:at] + bytes(size) + data[at + size :]
    return (
        data + bytes(size)
        if where < 0.7
        else data[: data.index(b"\n", at) + 1] + bytes(size) + data[data.index(b"\n", at) + 1 :]
    )


def lost_newline(dice: random.Random, data: bytes) -> bytes:
    lines = _lines(data)
    at = dice.randrange(len(lines) - 1)
    lines[at] = lines[at][:-1] + dice.choice((b"", b"\x0b", b"\x0e", b" "))
    return b"".join(lines)


def strange(dice: random.Random, data: bytes) -> bytes:
    """Lines of other programs and versions, giant ones, deep ones, and ones that are no entry."""
    lines = _lines(data)
    line = dice.choice((
        frame({"t": "sparkle", "at": START, "run": "r"}),
        frame({"t": "finished", "run": ["r"], "at": START}),
        frame({"t": ["finished"], "at": None}),
        frame({"at": 1.0}),
        b"[" * 100_000 + b"\n",
        b"<<<<<<< HEAD\n=======\n>>>>>>> theirs\n",
        b"x" * 3_000_000 + b"\n",
        _checked(b"[" * 5000 + b"]" * 5000), _checked(b'{"t":"log","m":' + b'{"a":' * 3000 + b"1" + b"}" * 3001),
        _checked(b'{"t":"died","at":1e999}'), _checked(b"[]"), _checked(b"7"),
    ))  # fmt: skip
    at = dice.randrange(1, len(lines))
    return b"".join([*lines[:at], line, *lines[at:]])


def _checked(payload: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


#: How bytes are damaged.
DAMAGES: tuple[Damage, ...] = (
    flip, cut, cut_out, swap, double, windows, byte_order_mark, zeros, lost_newline, strange,
)  # fmt: skip
