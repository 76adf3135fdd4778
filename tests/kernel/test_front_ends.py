"""What each front end says of notebook and cell is known; what it does not say, the card says is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernels import CellResult, Kernel

from jupyter_bioml.capture.front_ends import cell_of, notebook_of
from jupyter_bioml.config import find_project
from jupyter_bioml.journal.renames import Renames
from jupyter_bioml.kernel.card import latest_file
from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]
CODE = "%%experiment gbm\nauc = sum([0.5, 0.25])"


def as_jupyterlab(kernel: Kernel, folder: Path) -> CellResult:
    sent = {"cellId": "c2", "bioml.notebook": str(folder / "sub/fit.ipynb"), "bioml.cells": ["c1", "c2"], "tags": []}
    return kernel.collect(kernel.send(CODE, sent))


def as_vs_code(kernel: Kernel, folder: Path) -> CellResult:
    kernel.run(f"__vsc_ipynb_file__ = {str(folder / 'sub/fit.ipynb')!r}", store_history=False, silent=True)
    return kernel.collect(kernel.send(CODE, {"cellId": f"vscode-notebook-cell:{folder}/sub/fit.ipynb#W1sZmlsZQ%3D%3D"}))


def as_vs_code_over_ssh(kernel: Kernel, folder: Path) -> CellResult:
    return kernel.collect(
        kernel.send(CODE, {"cellId": f"vscode-notebook-cell://ssh-remote%2Blab{folder}/sub/fit.ipynb#W1sZmlsZQ%3D%3D"})
    )


def as_vs_code_unsaved(kernel: Kernel, folder: Path) -> CellResult:
    return kernel.collect(
        kernel.send(CODE, {"cellId": "vscode-notebook-cell:Untitled-1.ipynb?jupyter-notebook#W0sdW50"})
    )


def as_nbclient(kernel: Kernel, folder: Path) -> CellResult:
    return kernel.collect(kernel.send(CODE, {}))


@pytest.mark.parametrize(
    ("send", "notebook", "cell", "said"),
    [
        (as_jupyterlab, "sub/fit.ipynb", "c2", ""),
        (as_vs_code, "sub/fit.ipynb", None, "cell unknown"),
        (as_vs_code_over_ssh, "sub/fit.ipynb", None, "cell unknown"),
        (as_vs_code_unsaved, None, None, "notebook and cell unknown"),
        (as_nbclient, None, None, "notebook and cell unknown"),
    ],
)
def test_notebook_and_cell_are_known_or_the_card_says_that_they_are_not(
    start_kernel: Start, runs: Reader, project_dir: Path, send: Any, notebook: str | None, cell: str | None, said: str
) -> None:
    (card,) = send(start_kernel(), project_dir).displays
    (run,) = runs()
    assert (run.code.notebook, run.code.cell_id) == (notebook, cell)
    for kind in ("text/plain", "text/html"):
        assert said in card[kind] and (said or "unknown" not in card[kind]), card[kind]


@pytest.mark.parametrize(
    ("cell", "namespace", "found"),
    [
        ("c1", {"__vsc_ipynb_file__": 3}, None),
        ("c1", {"__vsc_ipynb_file__": "/a/b.py"}, None),
        (None, {"__vsc_ipynb_file__": "/a/b.ipynb"}, "/a/b.ipynb"),
        ("vscode-notebook-cell:/a%20b/%C3%BC.ipynb#W0", {}, "/a b/ü.ipynb"),
        ("vscode-notebook-cell:/a/b.py#W0", {}, None),
        ("vscode-notebook-cell://[", {}, None),
    ],
)
def test_an_address_of_vs_code_is_read_or_left_alone(cell: Any, namespace: dict[str, Any], found: str | None) -> None:
    assert notebook_of(None, cell, namespace) == found
    assert notebook_of("own.ipynb", cell, namespace) == "own.ipynb"


def test_only_what_a_notebook_can_have_is_a_cells_id() -> None:
    assert [cell_of(said) for said in ("a", "cell-1_B", "0f3a", "x" * 64)] == ["a", "cell-1_B", "0f3a", "x" * 64]
    assert [cell_of(said) for said in (None, "", 3, "a b", "x" * 65, "vscode-notebook-cell:/a#W0")] == [None] * 6


def tagged(kernel: Kernel, cell: str, cells: list[str], code: str = "auc = sum([0.5, 0.25])") -> str:
    sent = {"cellId": cell, "bioml.notebook": "sepsis.ipynb", "bioml.cells": cells, "tags": ["experiment"]}
    card: str = kernel.collect(kernel.send(code, sent)).displays[-1]["text/plain"]
    return card


def test_a_marked_cell_keeps_its_name_from_run_to_run(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    cells = ["a", "b", "c"]
    first, again = tagged(kernel, "c", cells), tagged(kernel, "c", cells, "auc = sum([0.5, 0.375])")
    assert first.startswith("● sepsis, cell 3 ") and again.startswith("● sepsis, cell 3 ")
    assert "vs previous" not in first and "+0.125 vs previous" in again
    assert tagged(kernel, "b", cells).startswith("● sepsis, cell 2 ")
    # another cell that stands where it stood is another cell, and is not compared with it
    assert "vs previous" not in tagged(kernel, "new", ["a", "b", "new", "c"])
    moved = tagged(kernel, "c", ["a", "b", "new", "c"], "auc = sum([0.5, 0.5])")
    assert moved.startswith("● sepsis, cell 4 ") and "+0.125 vs previous" in moved
    assert [run.code.place for run in runs()] == [3, 3, 2, 3, 4]


@pytest.mark.parametrize(("name", "cell"), [("gbm", None), (None, "c2")])
def test_the_card_compares_with_the_last_run_under_the_notebooks_old_name(
    start_kernel: Start, project_dir: Path, name: str | None, cell: str | None
) -> None:
    project = find_project(project_dir)
    file = latest_file(project, "sepsis.ipynb", name or "sepsis, cell 2")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"record_id": "a" * 32, "cell_id": "c2", "at": 1.0, "metrics": {"auc": 0.5}}))
    Renames(project.home).add("sepsis.ipynb", "sub/shock.ipynb")
    kernel = start_kernel()
    sent = {"cellId": "c2", "bioml.notebook": "sub/shock.ipynb", "bioml.cells": ["c1", "c2"], "tags": ["experiment"]}
    code = "auc = sum([0.5, 0.25])" if name is None else f"%%experiment {name}\nauc = sum([0.5, 0.25])"
    card = kernel.collect(kernel.send(code, sent)).displays[-1]["text/plain"]
    assert "+0.25 vs previous" in card


@pytest.mark.parametrize(("first", "named"), [("%%experiment gbm", "gbm"), ("", "sepsis, cell 1")])
def test_the_card_of_a_cell_that_joins_says_which_run(
    start_kernel: Start, runs: Reader, first: str, named: str
) -> None:
    kernel = start_kernel()
    tagged(kernel, "a", ["a", "b"], f"{first}\nauc = sum([0.5, 0.25])".strip())
    card = tagged(kernel, "b", ["a", "b"], "%%experiment --join\nbrier = sum([0.125])")
    assert f"part of {named}, run {runs()[0].record_id[:8]}" in card


@pytest.mark.parametrize("ahead", [True, False])
def test_a_cell_that_the_server_runs_is_known_by_what_was_announced(
    start_kernel: Start, runs: Reader, ahead: bool
) -> None:
    """As jupyter-server-nbmodel runs cells: its requests have no metadata, whatever the front end knows."""
    kernel = start_kernel()
    cells = {"a": "auc = sum([0.5, 0.25])", "b": "auc = sum([0.5, 0.375])", "c": "auc = sum([0.5, 0.375])"}
    for cell, source in cells.items() if ahead else ():
        said = {"cellId": cell, "source": source, "tags": ["experiment"], "notebook": "sub/ä.ipynb", "cells": [*cells]}
        code = (
            "(lambda m, d: m and m.announce(d))(__import__('sys').modules.get('jupyter_bioml.capture.front_ends'), "
            f"bytes.fromhex('{json.dumps(said).encode().hex()}'))"
        )
        kernel.run(code, silent=True, store_history=False)
    shown = [kernel.collect(kernel.send(source, {})).displays for source in cells.values()]
    found = [(run.mark, run.code.cell_id, run.code.notebook, run.code.place) for run in runs()]
    assert found == ([("tag", cell, "sub/ä.ipynb", place) for place, cell in enumerate(cells, 1)] if ahead else [])
    assert len([card for cards in shown for card in cards]) == (3 if ahead else 0)
