"""Short notebooks with many sets of parameters: how long they take beside a loop over papermill.

Every notebook imports pandas and scikit-learn and fits a small model. Ours runs them on both processors, tracked, from
the start of the command; papermill runs them one after another in a process that has imported it already.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .figures import Figure
from .kernels import workplace

COUNT, JOBS = 24, 2
#: ≥ 3 × the notebooks a minute.
BUDGET = 1 / 3
IMPORTS = """import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.datasets import load_iris"""
FIT = """table = load_iris(as_frame=True)
model = RandomForestClassifier(5, max_depth=depth, random_state=0).fit(table.data, table.target)
accuracy = model.score(table.data, table.target) * (1 - rate)"""
CELLS = (("parameters", "rate = 0.1\ndepth = 3"), ("", IMPORTS), ("experiment", FIT))
_LOOP = """import sys, time, papermill
begun = time.perf_counter()
for number in range(int(sys.argv[1])):
    papermill.execute_notebook("a.ipynb", f"loop-{number}.ipynb", parameters={"rate": number / 100}, progress_bar=False)
print(time.perf_counter() - begun)"""


def measure(quick: bool) -> list[Figure]:
    """One sweep by each way; the number of notebooks is the repetition."""
    count = 6 if quick else COUNT
    with workplace() as folder:
        root = folder / "sweep"
        (root / ".bioml").mkdir(parents=True)
        _write_notebook(root / "a.ipynb")
        ran, published = _ours(root, count)
        loop = float(_python(root, "-c", _LOOP, str(count)).splitlines()[-1])
        one = _command_line(root)
    note = (
        f"ours {ran:.1f} s with {JOBS} jobs ({60 * count / ran:.0f} a minute; {published:.1f} s until in MLflow),"
        f" papermill.execute_notebook in one warm process {loop:.1f} s ({60 * count / loop:.0f} a minute)"
    )
    beside: dict[str, float | str] = {"papermill's command line": one * count / loop}
    return [Figure(f"a sweep of {count} short notebooks, against papermill", "×", ran / loop, BUDGET, beside, note)]


def _write_notebook(file: Path) -> None:
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {"tags": [tag] if tag else []}, "execution_count": None,
         "outputs": [], "source": source}
        for number, (tag, source) in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata: dict[str, Any] = {"kernelspec": kernel, "language_info": {"name": "python"}}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    file.write_text(json.dumps(document), encoding="utf-8")


def _ours(root: Path, count: int) -> tuple[float, float]:
    """Seconds until all have run, and until all are published."""
    rates = ",".join(str(number / 100) for number in range(count))
    command = ["-m", "jupyter_bioml.cli", "run", "a.ipynb", "--jobs", str(JOBS), "--grid", f"rate={rates}", "--json"]
    publish = [sys.executable, "-m", "jupyter_bioml.cli", "publish"]
    begun, ran = time.perf_counter(), None
    with subprocess.Popen(
        [sys.executable, *command], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None and process.stdout is not None
        for line in process.stderr:
            if line.startswith("publishing"):
                ran = time.perf_counter() - begun
        answer = json.loads(process.stdout.read())
    if not answer.get("passed") or ran is None:
        raise RuntimeError(f"the sweep did not pass: {answer}")
    for _ in range(5):  # readings that come after a run's end are sent in a moment
        if subprocess.run([*publish, "--wait"], cwd=root, capture_output=True).returncode == 0:
            return ran, time.perf_counter() - begun
    raise RuntimeError("not everything was published")


def _command_line(root: Path) -> float:
    """Seconds of one notebook by papermill's command, a process each."""
    begun = time.perf_counter()
    _python(root, "-m", "papermill", "a.ipynb", "command.ipynb", "-p", "rate", "0.5", "--no-progress-bar")
    return time.perf_counter() - begun


def _python(root: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout
