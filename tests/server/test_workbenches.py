"""The server's workbenches know of a rename from the next request on, whatever the threads are busy with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_bioml.config import find_project
from jupyter_bioml.server.workbenches import QUICK, Workbenches


@pytest.fixture
def benches(project_dir: Path) -> Iterator[Workbenches]:
    find_project(project_dir)
    made = Workbenches(project_dir)
    yield made
    made.close()


def test_a_request_after_a_rename_knows_of_it(benches: Workbenches) -> None:
    done = threading.Event()
    for _ in range(QUICK):
        benches.submit(done.wait, patient=False)
    benches.renamed("fit.ipynb", "late.ipynb")
    bench = benches.bench(benches.root)
    bench.renames.refresh()
    done.set()
    assert bench.renames.now("fit.ipynb", 0.0) == "late.ipynb"


def test_renames_are_kept_in_their_order(benches: Workbenches) -> None:
    for number in range(50):
        benches.renamed(f"{number}.ipynb", f"{number + 1}.ipynb")
    bench = benches.bench(benches.root)
    bench.renames.refresh()
    assert bench.renames.now("0.ipynb", 0.0) == "50.ipynb"
