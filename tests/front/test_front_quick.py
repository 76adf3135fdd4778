"""Commands that only show something import neither MLflow nor pandas, and wait for a server only a little."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from front_case import Bench
from ports import free_port
from servers import silent

from jupyter_bioml import workbench
from jupyter_bioml.config import destination
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.store.base import RECORD_ID
from jupyter_bioml.store.mlflow_store import MlflowStore

#: Runs commands one after another in one process, and says which of the slow libraries it has then.
ALL = """
import sys
from jupyter_bioml import workbench
from jupyter_bioml.cli.main import main
workbench.SOON = 300.0  # the machine may be busy
codes = [main(command.split()) for command in sys.argv[1:]]
print("imported:", sorted({"mlflow", "pandas", "sqlalchemy", "numpy", "sklearn", "pyarrow"} & set(sys.modules)), codes)
"""


@pytest.fixture(params=["database", "server"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, bench: Bench) -> MlflowStore:
    """Where the project's runs are published."""
    if request.param == "database":
        return bench.store()
    server = request.getfixturevalue("tracking_server")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    return MlflowStore(server.uri)


def test_what_only_shows_imports_nothing_slow(bench: Bench, place: MlflowStore, tmp_path: Path) -> None:
    journal = bench.journal()
    ids = [journal.run(f"depth{number}", {"auc": 0.8 + number / 100}, params={"depth": number}) for number in range(3)]
    run_ids = [bench.publish(journal.record(record_id), place) for record_id in ids[:2]]
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: nothing\n")
    place.add_model(run_ids[0], folder, {RECORD_ID: ids[0]})
    place.register_model(run_ids[0], "diagnosis", description="first one", tags={RECORD_ID: ids[0]})
    place.set_alias("diagnosis", "1", "champion")
    verbs = [
        "runs",
        "runs --json",
        f"show {ids[0]}",
        f"show {run_ids[1]}",
        f"compare {ids[0]} {ids[1]}",
        "models",
        "groups",
    ]
    done = subprocess.run([sys.executable, "-c", ALL, *verbs], capture_output=True, text=True, check=True)
    assert f"imported: [] {[0] * len(verbs)}" in done.stdout, done.stdout + done.stderr
    for said in ("finished, waits", "diagnosis", "champion", "first one", run_ids[0]):
        assert said in done.stdout, said
    assert "does not answer" not in done.stdout + done.stderr


def test_a_server_that_does_not_answer_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://ada:s3cr3t@127.0.0.1:{port}")
    monkeypatch.setattr(workbench, "SOON", 0.3)
    target = destination(bench.project)
    record_id = bench.journal().run("depth3", {"auc": 0.8})
    bench.project.publishing.mkdir(parents=True)
    ledger = Ledger(bench.project.ledger(target.key))
    ledger.open()
    ledger.append("created", run=record_id, run_id="f" * 32, at=time.time() - 3 * 3600)
    ledger.close()
    with silent(port):
        for command in (("runs",), ("show", record_id), ("groups",)):
            code, out, err = bench.run(*command)
            assert code == 0 and "depth3" in out, (out, err)
            assert f"http://127.0.0.1:{port} does not answer (no complete answer within 0.3 seconds)" in out
            assert "Runs were last sent to it 3 h ago." in " ".join(out.split()) and "s3cr3t" not in out + err
        code, out, err = bench.run("models")
        assert code == 1 and "no complete answer within 0.3 seconds" in err


def test_writing_still_goes_through_mlflow(bench: Bench, place: MlflowStore) -> None:
    journal = bench.journal()
    record_id = journal.run("depth4", {"auc": 0.8})
    run_id = bench.publish(journal.record(record_id), place)
    code, _, err = bench.run("rename", record_id, "deeper")
    assert code == 0, err
    assert place.get(run_id).name == "deeper"
