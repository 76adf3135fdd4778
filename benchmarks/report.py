"""The figures as a table, as JSON, and in ``docs/benchmarks.md``."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .figures import Figure
from .peers import installed

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
#: Load average for each core up to which a machine counts as quiet.
QUIET = 0.4
BEGIN, END = "<!-- figures: written by python -m benchmarks --write-docs -->", "<!-- end of figures -->"


def machine() -> str:
    """The machine in general terms: nothing that names it."""
    cores = len(os.sched_getaffinity(0))
    packages = ", ".join(f"{name} {version(name)}" for name in ("ipykernel", "ipython", "mlflow"))
    return f"{cores} cores, {_processor()}, {platform.system()}, Python {platform.python_version()}, {packages}"


def busy() -> str | None:
    """A warning when other work keeps the processors busy: times of milliseconds mean little then."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    if load <= cores * QUIET:
        return None
    return f"The machine is busy (load {load:.1f} on {cores} cores): its figures say little; measure when it is quiet."


def _processor() -> str:
    """The processor's family: its name without marks, numbers of the model and clock rates."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    if found is None:
        return platform.machine()
    name = re.sub(r"\((?:R|TM)\)|CPU|Processor|@.*|\d+-Core", "", found[1])
    return f"{' '.join(name.split())} ({platform.machine()})"


def shown(value: float | str | None, unit: str) -> str:
    """A value with as many digits as it deserves."""
    if value is None:
        return "could not be measured"
    if isinstance(value, str):
        return value
    if unit == "%":
        return f"{value:+.1f} %"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}" if unit != "×" else f"{value:.2f} ×"


def verdict(figure: Figure) -> str:
    """``pass``, ``miss``, or nothing without a budget."""
    return {True: "pass", False: "MISS", None: ""}[figure.passed]


def table(figures: Iterable[Figure]) -> str:
    """Plain text for a terminal: a line a figure, its peers and its note below."""
    lines = []
    for figure in figures:
        budget = "" if figure.budget is None else f"≤ {shown(figure.budget, figure.unit).lstrip('+')}"
        lines.append(f"{figure.what:<54}{shown(figure.ours, figure.unit):>14}  {budget:<12}{verdict(figure)}")
        lines += [f"  {name:<52}{value:>14}" for name, value in figure.apart.items()]
        lines += [f"    {name:<22}{shown(value, figure.unit):>14}" for name, value in _ordered(figure)]
        if figure.note:
            lines.append(f"    ({figure.note})")
    return "\n".join(lines)


def _ordered(figure: Figure) -> list[tuple[str, float | str]]:
    return sorted(figure.peers.items(), key=lambda item: (isinstance(item[1], str), item[1]))


def document(figures: Sequence[Figure], quick: bool) -> dict[str, Any]:
    """What ``--json`` writes."""
    return {
        "machine": machine(),
        "load": os.getloadavg()[0],
        "quick": quick,
        "peers": dict(installed()),
        "figures": [{**figure.__dict__, "passed": figure.passed} for figure in figures],
    }


def markdown(figures: Iterable[Figure]) -> str:
    """The table for the page of the documentation."""
    peers = ", ".join(f"{name} {number}" for name, number in installed()) or "none installed"
    lines = [f"Measured on {machine()}. Peers: {peers}.", ""]
    lines += [
        "| what | ours | budget | | the kernel's own thread | beside it | how |",
        "|---|---:|---:|---|---|---|---|",
    ]
    for figure in figures:
        beside = "; ".join(f"{name} {shown(value, figure.unit)}" for name, value in _ordered(figure))
        budget = "" if figure.budget is None else f"≤ {shown(figure.budget, figure.unit).lstrip('+')}"
        ours = shown(figure.ours, figure.unit)
        own = "; ".join(f"{name} {value}" for name, value in figure.apart.items())
        lines.append(f"| {figure.what} | {ours} | {budget} | {verdict(figure)} | {own} | {beside} | {figure.note} |")
    return "\n".join(lines)


def write_page(figures: Iterable[Figure]) -> None:
    """Put the figures between the marks of ``docs/benchmarks.md``; the text around them stays."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{markdown(figures)}\n{END}{after}", encoding="utf-8")
