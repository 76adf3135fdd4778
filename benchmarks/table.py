"""How long does the server work on what the full-width table asks, with 10,000 runs in the project?

The project is that of :mod:`.listing`: one kernel runs, and writes between two questions, so that nothing of the answer
is known from the question before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .figures import Figure, median, percentile
from .kernels import workplace
from .listing import BUDGET, RUNS, fill, live_kernel

ROWS = 100


def measure(quick: bool) -> list[Figure]:
    """Questions of one bench, as the table asks them."""
    from jupyter_bioml.config import destination, find_project
    from jupyter_bioml.runs.query import Query
    from jupyter_bioml.server.bench import ServerBench

    with workplace() as folder:
        root = folder / "table"
        (root / ".bioml").mkdir(parents=True)
        project = find_project(root)
        live = live_kernel(project, fill(project, RUNS))
        bench = ServerBench(project, destination(project))
        try:
            while bench.page(Query()).loading:
                time.sleep(0.02)
            return [_figure(what, ask, live, 5 if quick else 30) for what, ask in _questions(bench).items()]
        finally:
            bench.close()


def _questions(bench: Any) -> dict[str, Callable[[], Any]]:
    from jupyter_bioml.runs.query import Query

    by_auc = Query(flat=True, sort="column", column="metrics.auc", limit=ROWS)
    found = Query(flat=True, where="auc > 0.5 and params.depth = 7", limit=ROWS)
    return {
        "100 rows sorted by a metric": lambda: bench.page(by_auc),
        "100 rows that a filter finds": lambda: bench.page(found),
        "groups by a parameter": lambda: bench.groups(Query(flat=True), "params.depth", "auc"),
        "a metric over a parameter": lambda: bench.values(Query(flat=True), ("params.depth", "metrics.auc")),
    }


def _figure(what: str, ask: Callable[[], Any], live: Callable[[], None], repetitions: int) -> Figure:
    from jupyter_bioml.views.encoding import encode

    walls, cpus = [], []
    for _ in range(repetitions):
        live()
        began, busy = time.perf_counter(), time.process_time()
        encode(ask())
        walls.append((time.perf_counter() - began) * 1e3)
        cpus.append((time.process_time() - busy) * 1e3)
    note = f"p95 {percentile(walls, 0.95):.0f} ms; of its own CPU {median(cpus):.0f} ms"
    return Figure(what, "ms", median(walls), BUDGET, note=note)
