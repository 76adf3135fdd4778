"""How long does a command take that only shows something, in a project with 5 runs and in one with 10,000?

Each command is a process of its own, as in a terminal. Its processor time is shown beside the time on the clock: other
programs of the machine change the one less than the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import listing
from .figures import Figure, median
from .kernels import workplace

BUDGET = 500.0
FEW = 5
#: Settings that must not reach a command; without byte code every import takes two to three times as long.
_FOREIGN = ("BIOML_", "MLFLOW_", "PYTHONDONTWRITEBYTECODE")


def measure(quick: bool) -> list[Figure]:
    """Every verb on both projects."""
    from jupyter_bioml.config import find_project

    with workplace() as folder:
        found = []
        for runs in (FEW, listing.RUNS):
            root = folder / f"runs{runs}"
            (root / ".bioml").mkdir(parents=True)
            found += _figures(root, listing.fill(find_project(root), runs), runs, 2 if quick else 7)
        return found


def _figures(root: Path, records: list[str], runs: int, repetitions: int) -> list[Figure]:
    one, other = records[runs // 2], records[runs // 2 - 1]
    commands = {
        "runs": ["runs"],
        "show": ["show", one],
        "compare": ["compare", one, other],
        "models": ["models"],
        "groups": ["groups"],
    }
    figures = []
    for verb, arguments in commands.items():
        _once(root, arguments)
        taken = [_once(root, arguments) for _ in range(repetitions)]
        cpu = median([one for _, one in taken])
        note = f"{cpu:.0f} ms of processor time, medians of {repetitions} processes"
        figures.append(
            Figure(f"bioml {verb}, {runs:,} runs", "ms", median([clock for clock, _ in taken]), BUDGET, note=note)
        )
    return figures


def _once(root: Path, arguments: list[str]) -> tuple[float, float]:
    """Milliseconds on the clock and of processor time."""
    command: Any = [sys.executable, "-m", "jupyter_bioml.cli", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=root, env={**clean, "BIOML_PUBLISH": "off"}, check=True, stdout=subprocess.DEVNULL)
    clock, after = time.perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return clock * 1e3, used * 1e3
