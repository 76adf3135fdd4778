"""Two copies of a project folder send the same runs at the same moment: each run is there once, and whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from jupyter_bioml.config import destination, destination_at, find_project
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.runs import local_runs, read_journal
from jupyter_bioml.publish.scan import waiting_for
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

ROUNDS, RUNS = 6, 3
#: Sends what each folder has, a round at a time, and begins each when the other one is there too.
SENDING = """
import sys, time
from pathlib import Path
import mlflow
from jupyter_bioml.config import destination, find_project
from jupyter_bioml.publish.publisher import Wait, run_publisher

me, other, top, rounds = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
for number in range(rounds):
    project = find_project(top / f"{me}{number}")
    (top / f"{me}{number}.ready").touch()
    end = time.monotonic() + 240
    while not (top / f"{other}{number}.ready").exists():
        assert time.monotonic() < end
        time.sleep(0.0005)
    code = run_publisher(project, destination(project).key, wait=Wait(200.0))
    assert code == 0, number
"""


def kept_quiet(root: Path, key: str, there: Counter[str | None]) -> int:
    """How many runs of a folder are not in MLflow, or not wholly as far as it knows, without its telling so."""
    project = find_project(root)
    ledger = Ledger(project.ledger(key))
    ledger.refresh()
    told = {run.record_id for run in waiting_for(project, key)}
    logs, _ = read_journal(project)
    runs = [run.record.record_id for run in local_runs(logs)]
    assert len(runs) == RUNS
    return sum(run not in told and (ledger.state(run).done is None or not there[run]) for run in runs)


def test_runs_that_two_copies_send_at_once_are_there_once(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "shared.db"
    shutil.copy(empty_database, database)
    uri = f"sqlite:///{database}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    made: dict[str, float] = {}
    for number in range(ROUNDS):
        root = tmp_path / f"first{number}"
        (root / ".git").mkdir(parents=True)
        session = SyntheticSession(find_project(root), destination(find_project(root)))
        for run in range(RUNS):
            value = float(number * RUNS + run)
            made[session.run(metrics={"loss": value}, params={"n": run})] = value
        session.end()
        # the folder was copied, and then renamed: nobody can tell which of the two is the original
        shutil.copytree(root, tmp_path / f"a{number}")
        shutil.move(root, tmp_path / f"b{number}")
    command = [sys.executable, "-c", SENDING]
    senders = [
        subprocess.Popen([*command, me, other, str(tmp_path), str(ROUNDS)], stdout=subprocess.PIPE, text=True)
        for me, other in (("a", "b"), ("b", "a"))
    ]
    try:
        said = [sender.communicate(timeout=500)[0] for sender in senders]
    finally:
        for sender in senders:
            sender.kill()
    assert [sender.returncode for sender in senders] == [0, 0], said
    store = MlflowStore(uri)
    found = store.search(limit=1000, deleted=True, ours=False)
    count = Counter(run.record_id for run in found)
    lost = sum(count[record_id] == 0 for record_id in made)
    doubled = sum(times - 1 for times in count.values())
    doubled += sum(len(store.history(run.run_id, "loss")) - 1 for run in found)
    key = destination_at(uri).key
    silent = 0
    for number in range(ROUNDS):
        for me in "ab":
            silent += kept_quiet(tmp_path / f"{me}{number}", key, count)
    sys.stdout.write(f"copies: rounds {ROUNDS}, lost {lost}, doubled {doubled}, silent {silent}\n")
    assert (lost, doubled, silent) == (0, 0, 0)
    assert {run.record_id: run.metrics["loss"] for run in found} == made
    assert {run.status for run in found} == {"FINISHED"}
