"""``run`` and ``reproduce`` from the command line: real kernels, papermill, publisher and MLflow."""

from __future__ import annotations

from pathlib import Path

import nbformat
from front_case import Bench
from nbformat.v4 import new_code_cell, new_notebook


def write(path: Path, *cells: str, tags: tuple[str, ...] = ("nightly",)) -> Path:
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["bioml"] = {"tags": list(tags)}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def test_run_then_reproduce(bench: Bench) -> None:
    root = bench.project.root
    write(
        root / "good.ipynb", "rate = 0.5", "import random\nrandom.seed(3)", "%%experiment good\nauc = random.random()"
    )
    write(root / "bad.ipynb", "rate = 0.5", "%%experiment bad\nrows = []\nrows[3]", "print('never')")
    write(root / "other.ipynb", "x = 1", tags=())

    code, out, err = bench.run("run", ".", "--tag", "nightly", "-p", "rate", "0.25", "--output-dir", "out")
    assert code == 1, err
    assert out.splitlines()[1].startswith("✗ failed  bad.ipynb") and "✓ passed  good.ipynb" in out
    assert "│ rows[3]" in out and "IndexError: list index out of range" in out and "1 failed, 1 passed" in out
    assert "[1/2] bad.ipynb" in err and "never" not in out
    assert sorted(path.name for path in (root / "out").glob("[!.]*")) == ["bad.ipynb", "good.ipynb"]

    rows = {row["name"]: row for row in bench.json("runs")}
    assert {name: row["state"] for name, row in rows.items()} == {"good": "FINISHED", "bad": "FAILED"}
    assert all(row["run_id"] for row in rows.values()), "sent before run returned"
    assert rows["good"]["notebook"] == "good.ipynb"

    report = bench.json("reproduce", rows["good"]["run_id"][:12])
    assert report["verdict"] == "REPRODUCED" and report["comparison"]["metrics"][0]["relation"] == "identical"
    again = {row["record_id"]: row for row in bench.json("runs", "--all")}
    assert len(again) == 3 and again[rows["good"]["record_id"]]["verdict"] == "REPRODUCED"
    assert len(bench.json("runs")) == 2
    assert report["based_on"]["text"] == "1 score" and report["based_on"]["compared"] == {"metric": 1}
    assert "verdict: REPRODUCED (based on 1 score)" in bench.run("show", rows["good"]["run_id"])[1]
    assert bench.json("publish", "--wait")["waiting"] == []
    followed = bench.json("reproduce", report["new_record_id"])
    assert (followed["verdict"], followed["record_id"]) == ("REPRODUCED", rows["good"]["record_id"])
    assert any("is a reproduction of" in note for note in followed["notes"]), "its own folder is no project"


def test_what_cannot_be_run_is_a_usage_error(bench: Bench) -> None:
    assert "nowhere.ipynb" in bench.json("run", "nowhere.ipynb", code=2)["message"]
    write(bench.project.root / "a.ipynb", "x = 1")
    assert "'weekly'" in bench.json("run", ".", "--tag", "weekly", code=2)["message"]
    running = bench.journal().start("running")
    assert bench.json("reproduce", running, code=2)["code"] == "usage"
