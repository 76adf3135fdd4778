"""One notebook by ``bioml run``, by papermill with our engine, and made again, beside plain papermill of the same one.

Each is a command as in a terminal, and no process of ours that has MLflow loaded is there when it starts. Plain
papermill runs the notebook with our extension, as its cells need it, but sends nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import psutil

from .background import ours
from .cells import in_turns
from .figures import Figure, median
from .kernels import OFFLINE, home_of, workplace

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "01-breast-cancer-diagnosis.ipynb"
#: The run of the notebook that is made again.
RUN = "gbm"
#: Seconds that a notebook may take longer than by papermill, that its runs may be in MLflow later, that a reproduction
#: may take longer.
MORE, LATER, AGAIN = 2.0, 5.0, 3.0
#: Seconds until what a command leaves running must have ended.
ENDED = 60.0
#: Folders that a user has.
PLACES = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME")
#: prctl(2): what our detached processes leave behind is waited for here, with the processor time they took.
_SUBREAPER = 36


@dataclass(frozen=True)
class Turn:
    """Seconds of one command.

    :param whole: until its process ended; ``ran``: until the notebook had; ``busy``: processor time of all processes.
    """

    whole: float
    ran: float
    busy: float


def measure(quick: bool) -> list[Figure]:
    """The four commands in turns, after one of each that does not count."""
    repetitions = 1 if quick else 5
    with workplace() as folder, _counted():
        sent, unsent = _project(folder / "sent"), _project(folder / "unsent")
        ways = [partial(_plain, folder, unsent), *(partial(way, folder, sent) for way in (_run, _engine, _again))]
        plain, run, engine, again = in_turns([lambda _, way=way: way() for way in ways], repetitions, warm_up=1)
    note = f"medians of {repetitions}; plain papermill: {_busy(plain)} of processor time"
    beside = {"plain papermill, in all": median([turn.whole for turn in plain])}
    figures = []
    for name, turns in (("bioml run", run), ("papermill --engine bioml", engine)):
        figures.append(
            beside_papermill(f"one notebook by {name}, to its end, more than papermill", plain, turns, MORE, beside)
        )
        later = median([turn.whole - turn.ran for turn in turns])
        figures.append(Figure(f"one notebook by {name}, in MLflow after its end", "s", later, LATER, note=note))
    whole = [Turn(turn.whole, turn.whole, turn.busy) for turn in again]
    return [*figures, beside_papermill("bioml reproduce of its run, more than papermill", plain, whole, AGAIN, beside)]


def _project(root: Path) -> Path:
    """A project with the notebook. What plain papermill leaves unsent has its own, or the others would send it."""
    (root / ".bioml").mkdir(parents=True)
    shutil.copy(NOTEBOOK, root / "nb.ipynb")
    return root


def beside_papermill(
    what: str, plain: Sequence[Turn], turns: Sequence[Turn], budget: float, beside: dict[str, float]
) -> Figure:
    """How much longer than plain papermill, beside which it was run in turns."""
    theirs, mine = median([turn.whole for turn in plain]), median([turn.ran for turn in turns])
    note = (
        f"{mine:.1f} s against {theirs:.1f} s, {mine / theirs:.2f} ×; {_busy(turns)} of processor time in all processes"
    )
    return Figure(what, "s", mine - theirs, budget, dict(beside), note)


def _busy(turns: Sequence[Turn]) -> str:
    return f"{median([turn.busy for turn in turns]):.1f} s"


# -- the commands ----------------------------------------------------------------------------------


def _plain(folder: Path, root: Path) -> Turn:
    return _timed(folder, root, ["papermill", "nb.ipynb", "out.ipynb"], BIOML_PUBLISH="off")


def _engine(folder: Path, root: Path) -> Turn:
    begun = time.time()
    turn = _timed(folder, root, ["papermill", "--engine", "bioml", "nb.ipynb", "out.ipynb"])
    told = json.loads((root / "out.ipynb").read_text(encoding="utf-8"))["metadata"]["papermill"]["end_time"]
    return Turn(turn.whole, datetime.fromisoformat(told).timestamp() - begun, turn.busy)


def _run(folder: Path, root: Path) -> Turn:
    return _timed(folder, root, ["jupyter_bioml.cli", "run", "nb.ipynb"], ": passed, ")


def _again(folder: Path, root: Path) -> Turn:
    told = subprocess.run(
        [sys.executable, "-m", "jupyter_bioml.cli", "runs", "--json"],
        cwd=root, env=_environment(folder), check=True, capture_output=True, text=True,
    )  # fmt: skip
    record_id = next(row["record_id"] for row in json.loads(told.stdout) if row["name"] == RUN)
    return _timed(folder, root, ["jupyter_bioml.cli", "reproduce", record_id])


def _timed(folder: Path, root: Path, words: list[str], end: str | None = None, **more: str) -> Turn:
    """:param end: what the line on standard error holds that says that the notebook has ended."""
    before, begun, ran = _spent(), time.perf_counter(), None
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(
        command,
        cwd=root,
        env=_environment(folder, **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if end is not None and end in line:
                ran = time.perf_counter() - begun
    whole = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    _all_ended(folder)
    return Turn(whole, whole if ran is None else ran, _spent() - before)


def _environment(folder: Path, **more: str) -> dict[str, str]:
    """Nothing of the machine's own settings but how Python is started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BIOML_", "MLFLOW_", "JPY_"))}
    home = home_of(folder)
    for name in (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "XDG_STATE_HOME",
    ):
        kept[name] = str(home / name.lower())
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("HOME", "IPYTHONDIR"):
        Path(kept[name]).mkdir(exist_ok=True)
    return {**kept, "XDG_RUNTIME_DIR": str(runtime), **OFFLINE, **more}


# -- what they leave running -----------------------------------------------------------------------


@contextlib.contextmanager
def _counted() -> Iterator[None]:
    """Processes that were detached come to this one when their parents end."""
    prctl: Callable[..., int] = ctypes.CDLL(None).prctl
    prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_SUBREAPER, 0, 0, 0, 0)


def _all_ended(folder: Path) -> None:
    """Wait for the samplers and publishers, and end the process that has MLflow loaded."""
    until = time.monotonic() + ENDED
    while running := ours(folder):
        if time.monotonic() > until:
            raise TimeoutError(f"{running} did not end")
        for process in running:
            with contextlib.suppress(psutil.Error):
                if len(running) == 1 and "jupyter_bioml.processes.resident" in process.cmdline():
                    process.terminate()
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:  # their processor time counts once they are waited for
            pass


def _spent() -> float:
    """Processor time of everything that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
