"""What is done once for a notebook that is run or made again, counted in all processes that there are.

How long it takes is the benchmarks' matter; here are the processes that are started, what is imported and read.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from headless_case import last_session, records_of
from notebook_files import write
from resident_case import with_modules

#: Notes, for every process: that Python starts, the first import of each of these libraries, and each reading of the data.
NOTES = """
import os, sys
def say(what, words):
    with open({file!r}, "a") as file:
        print(what, os.getpid(), words, file=file)
words = open("/proc/self/cmdline").read().split("\\0")
say("start", " ".join(words[1:6]).replace("\\n", " ")[:100])
def note(event, arguments, seen=set()):
    if event == "import" and arguments[0] in ("mlflow", "papermill") and (arguments[0], os.getpid()) not in seen:
        seen.add((arguments[0], os.getpid()))
        say(arguments[0], " ".join(words[1:5]))
    elif event == "open" and str(arguments[0]).endswith("rows.csv"):
        say("read", " ".join(words[1:5]))
sys.addaudithook(note)
"""
CELLS = (
    "%load_ext jupyter_bioml",
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "rows = pd.read_csv('rows.csv')",
    "%%experiment fit --model model\nmodel = LogisticRegression().fit(rows[['x']], rows.y)\nscore = model.score(rows[['x']], rows.y)",
)
#: Until the process that forks publishers has imported MLflow.
WAIT = """import os, pathlib, time
until = time.monotonic() + 240
while time.monotonic() < until:
    marks = [file.read_text() for file in pathlib.Path(os.environ["XDG_RUNTIME_DIR"], "bioml").glob("*.lock")]
    if marks == ["ready\\n"]:
        break
    time.sleep(0.1)
else:
    raise TimeoutError(marks)"""


class Noted:
    """What was noted since the last time it was asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def take(self) -> dict[str, list[str]]:
        """Kind → the command lines."""
        found: dict[str, list[str]] = {}
        for line in self.file.read_text(encoding="utf-8").splitlines():
            kind, _, words = line.split(" ", 2)
            found.setdefault(kind, []).append(words)
        self.file.write_text("")
        return found


@pytest.fixture
def noted(tmp_path: Path, project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Noted]:
    """Notes of all processes, a resident process of this test's own, and the notebook."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    notes = NOTES.format(file=str(tmp_path / "notes"))
    monkeypatch.setenv("PYTHONPATH", with_modules(tmp_path / "modules", sitecustomize=notes))
    (project_dir / "rows.csv").write_text("x,y\n1,0\n2,0\n3,1\n4,1\n")
    write(project_dir / "fit.ipynb", *CELLS)
    yield Noted(tmp_path / "notes")
    shutil.rmtree(runtime, ignore_errors=True)


def command(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules(starts: list[str]) -> Counter[str]:
    """How often each program was started."""
    found = (words.split(" -m ", 1)[-1].removeprefix("-m ").split(" ")[0] for words in starts)
    return Counter(name.removeprefix("jupyter_bioml.") for name in found)


def environments(project: Path) -> int:
    """How often the environment was written down, in the last session."""
    helper = project / ".bioml" / "journal" / f"{last_session(project)}.helper"
    return helper.read_text(encoding="utf-8").count('"t":"environment"')


def test_a_notebook_is_run_and_made_again_with_everything_done_once(noted: Noted, project_dir: Path) -> None:
    answer = json.loads(command("jupyter_bioml.cli", "run", "fit.ipynb", "--json"))
    assert answer["passed"] and answer["waiting"] == []
    found = noted.take()
    assert modules(found["start"]) == {
        "cli": 1, "headless.worker": 1, "headless.template": 1, "sampler.loop": 1, "processes.resident": 1,
    }  # fmt: skip
    assert [words for words in found["mlflow"] if "resident" not in words] == [] and len(found["mlflow"]) == 1
    assert len(found["papermill"]) == 1 and "worker" in found["papermill"][0]
    assert len(found["read"]) == 2, "by the cell, and to find its digest"
    assert environments(project_dir) == 1

    (record_id,) = answer["notebooks"][0]["records"]
    verdict = json.loads(command("jupyter_bioml.cli", "reproduce", record_id, "--json"))
    assert (verdict["verdict"], verdict["waiting"]) == ("REPRODUCED", [])
    assert verdict["notes"] == []
    found = noted.take()
    assert modules(found["start"]) == {
        "cli": 1, "headless.worker": 1, "ipykernel_launcher": 1, "sampler.loop": 1, "-c": 1,
    }  # fmt: skip
    assert "mlflow" not in found and len(found["papermill"]) == 1, "what has MLflow loaded was there, and was used"
    assert environments(project_dir) == 1
    (new,) = (record for record in records_of(project_dir / ".bioml", last_session(project_dir)) if record.reproduces)
    assert new.record_id == verdict["new_record_id"]


@pytest.mark.parametrize(
    "words", [("jupyter_bioml.cli", "run"), ("papermill", "--engine", "bioml", "--no-progress-bar")]
)
def test_mlflow_is_imported_while_the_cells_run(words: tuple[str, ...], noted: Noted, project_dir: Path) -> None:
    """A cell before any run waits for it: it ends because it was begun before there was anything to send."""
    write(project_dir / "fit.ipynb", *CELLS[:1], WAIT, *CELLS[1:])
    command(*words, "fit.ipynb", *(["out.ipynb"] if words[0] == "papermill" else []))
    found = noted.take()
    assert len(found["mlflow"]) == 1 and "resident" in found["mlflow"][0]
    started = modules(found["start"])
    assert started["processes.resident"] == started["sampler.loop"] == 1
    assert environments(project_dir) == 1
