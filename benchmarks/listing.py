"""How long does the server work on a page of the sidebar's list, with 10,000 runs in the project?

Half of the runs are in MLflow and in the journal, a quarter in either alone; one kernel runs, and writes between two
pages. What is timed is everything behind the address: reading what the journal gained, filtering, sorting, JSON.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .figures import Figure, median, percentile
from .kernels import workplace

RUNS, BUDGET = 10_000, 200.0
#: Milliseconds until the first rows and until all of them are listed, where an index was kept.
FIRST, WHOLE = 500.0, 3000.0
SESSIONS = 75
_METRICS = ("auc", "accuracy", "val_loss")


def measure(quick: bool) -> list[Figure]:
    """Pages of one bench, asked as the sidebar asks."""
    from jupyter_bioml.config import destination, find_project
    from jupyter_bioml.server.bench import ServerBench

    with workplace() as folder:
        root = folder / "listing"
        (root / ".bioml").mkdir(parents=True)
        project = find_project(root)
        live = live_kernel(project, fill(project, RUNS))
        found: list[Figure] = []
        for index in ("no index", "an index on the disk"):
            bench = ServerBench(project, destination(project))
            try:
                found += _starts(bench, index)
                if index != "no index":
                    found += _figures(bench, live, 10 if quick else 50)
                else:
                    _until_kept(project)
            finally:
                bench.close()
        return found


def _starts(bench: Any, index: str) -> list[Figure]:
    """The first rows, and all of them; ``index``: what an earlier process left."""
    from jupyter_bioml.runs.query import Query

    began, used = time.perf_counter(), time.process_time()
    asked = time.thread_time()
    first, of_thread = _timed(bench, Query()), (time.thread_time() - asked) * 1e3
    while not (page := bench.page(Query())).rows:
        time.sleep(0.02)
    rows = (time.perf_counter() - began) * 1e3
    while (page := bench.page(Query())).loading:
        time.sleep(0.02)
    whole, cpu = (time.perf_counter() - began) * 1e3, (time.process_time() - used) * 1e3
    return [
        Figure(
            f"first page after the server's start, {index}", "ms", first, FIRST,
            note=f"{of_thread:.0f} ms of the thread's own CPU; first rows: {rows:.0f} ms",
        ),
        Figure(
            f"until all runs are listed, {index}", "ms", whole, WHOLE if index != "no index" else None,
            note=f"{page.total:,} runs, {cpu:.0f} ms of CPU",
        ),
    ]  # fmt: skip


def _until_kept(project: Any) -> None:
    """The server writes the index in the background."""
    until = time.monotonic() + 60.0
    while not list((project.home / "state").glob("index-*")) and time.monotonic() < until:
        time.sleep(0.05)


def _figures(bench: Any, live: Any, repetitions: int) -> list[Figure]:
    from jupyter_bioml.runs.query import Query

    total = bench.page(Query()).total
    found = []
    questions = {
        "newest 50 runs": Query(),
        "500 runs sorted by a metric": Query(sort="metric", metric="auc", limit=500),
        "search for text": Query(text="forest depth=7"),
        "the last page": Query(offset=total - 50),
    }
    for what, query in questions.items():
        times = []
        for _ in range(repetitions):
            live()
            times.append(_timed(bench, query))
        note = f"{total:,} runs, one runs; p95 {percentile(times, 0.95):.0f} ms, most {max(times):.0f} ms"
        found.append(Figure(what, "ms", median(times), BUDGET, note=note))
    return found


def _timed(bench: Any, query: Any) -> float:
    """Milliseconds from the question to the bytes of its answer."""
    from jupyter_bioml.views.encoding import encode

    began = time.perf_counter()
    encode(bench.page(query))
    return (time.perf_counter() - began) * 1e3


def fill(project: Any, runs: int) -> list[str]:
    """Journal and database with so many runs; returns their record ids. Those in the middle are in both."""
    from jupyter_bioml.store.mlflow_store import MlflowStore

    records = [os.urandom(16).hex() for _ in range(runs)]
    in_journal = records[: runs * 3 // 4]
    each = max(1, len(in_journal) // SESSIONS)
    for number, start in enumerate(range(0, len(in_journal), each)):
        _session(project, number, in_journal[start : start + each]).close()
    MlflowStore(f"sqlite:///{project.home / 'mlflow.db'}").open_experiment("diagnosis.ipynb")
    _database(project.home / "mlflow.db", records[runs // 4 :])
    return records


def live_kernel(project: Any, records: list[str]) -> Callable[[], None]:
    """A kernel with a run that runs; returns what it does between two pages."""
    run = os.urandom(16).hex()
    segment = _session(project, SESSIONS, [], closed=False)
    segment.append(_started(run, len(records) + 1, time.time()))
    return lambda: segment.append({"t": "log", "at": time.time(), "run": run, "m": {"auc": 0.9}, "step": 1}) and None


def _session(project: Any, number: int, records: list[str], closed: bool = True) -> Any:
    from jupyter_bioml.config import destination
    from jupyter_bioml.journal.liveness import boot_id, kernel_segment, process_started
    from jupyter_bioml.journal.log import Segment

    name = f"20261121T{number // 60:02d}{number % 60:02d}00-{os.urandom(4).hex()}"
    segment, target = Segment(kernel_segment(project.journal, name)), destination(project)
    at = time.time() - 86_400 + 600 * number
    segment.append(
        {
            "t": "session", "at": at, "schema": 1, "session": name, "started": at, "pid": os.getpid(),
            "process_started": process_started(os.getpid()), "host": os.uname().nodename, "boot": boot_id(),
            "python": "3.11.7", "executable": "python", "user": "ada", "project": str(project.root),
            "home": str(project.home), "cwd": str(project.root), "notebook": "diagnosis.ipynb", "path_source": "engine",
            "destination": target.uri, "destination_key": target.key,
        }
    )  # fmt: skip
    for seq, record in enumerate(records, 1):
        segment.append(_started(record, seq, at + seq))
        metrics = dict.fromkeys(_METRICS, seq * 7 % 100 / 100)
        params = {"depth": seq % 12, "kind": "forest", "rate": 0.1 * seq, "seed.numpy": seq, "n": 100, "path": "a.csv"}
        segment.append(
            {
                "t": "finished", "at": at + seq + 0.5, "run": record, "status": "FINISHED", "duration": 0.5, "cpu": 0.4,
                "peak_rss": 4 * 10**8, "metrics": metrics, "params": params,
            }
        )  # fmt: skip
    if closed:
        segment.append({"t": "closed", "at": at + 500})
    return segment


def _started(record: str, seq: int, at: float) -> dict[str, Any]:
    code = {"source": f"model = fit({seq})\n" * 20, "notebook": "diagnosis.ipynb", "cell_id": f"c{seq % 9}"}
    return {
        "t": "started",
        "at": at,
        "run": record,
        "seq": seq,
        "mark": "magic",
        "name": f"model {seq % 40}",
        "code": code,
    }


def _database(file: Path, records: list[str]) -> None:
    """Runs as MLflow keeps them, written past it: through it this would take minutes."""
    with sqlite3.connect(file) as database:
        ((experiment,),) = database.execute("select max(experiment_id) from experiments").fetchall()
        now = int(time.time() * 1000)
        for number, record in enumerate(records):
            run, at = os.urandom(16).hex(), now - 86_400_000 + 8000 * number
            database.execute(
                "insert into runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
                " artifact_uri, experiment_id) values (?, ?, 'NOTEBOOK', 'ada', 'FINISHED', ?, ?, 'active', ?, ?)",
                (run, f"model {number % 40}", at, at + 500, f"file://{file.parent}/artifacts/{run}", experiment),
            )
            tags = {"bioml.record_id": record, "bioml.notebook": "diagnosis.ipynb", "mlflow.user": "ada", "team": "a"}
            database.executemany(
                "insert into tags (key, value, run_uuid) values (?, ?, ?)", [(k, v, run) for k, v in tags.items()]
            )
            database.executemany(
                "insert into params (key, value, run_uuid) values (?, ?, ?)",
                [(key, str(number % 12), run) for key in ("depth", "kind", "rate", "seed.numpy", "n", "path")],
            )
            for table in ("metrics", "latest_metrics"):
                database.executemany(
                    f"insert into {table} (key, value, timestamp, step, is_nan, run_uuid) values (?, ?, ?, 0, 0, ?)",
                    [(key, (number * 7 % 100) / 100, at, run) for key in _METRICS],
                )
