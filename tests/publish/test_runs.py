"""A record becomes one MLflow run that a reader with plain MLflow understands."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_bioml.config import Destination, Project
from jupyter_bioml.journal.liveness import HELPER_SUFFIX
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.publish import scan as scanning
from jupyter_bioml.publish.latest import latest_file
from jupyter_bioml.records.wire import load_record
from jupyter_bioml.store.base import Store
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions, SyntheticSession

Drain = Callable[[], Any]


def only(store: Store, record_id: str) -> Any:
    found = store.find_record(record_id)
    assert len(found) == 1, f"{len(found)} runs of one record"
    return found[0]


def test_a_run_has_its_parameters_metrics_tags_and_record(
    session: SyntheticSession, store: MlflowStore, drain: Drain
) -> None:
    record_id = session.start("auc = 0.9", name="forest", note="first try", tags={"team": "onco"})
    session.write("log", run=record_id, m={"loss": 0.5}, step=0)
    session.write("log", run=record_id, m={"loss": 0.25}, step=1)
    session.finish(record_id, params={"depth": 3, "clf.max_depth": None}, metrics={"auc": 0.9})
    session.end()

    drain()

    run = only(store, record_id)
    assert run.status == "FINISHED" and run.name == "forest" and run.experiment == "analysis.ipynb"
    assert run.params == {"depth": "3", "clf.max_depth": "None"}
    assert run.metrics["auc"] == 0.9 and run.metrics["loss"] == 0.25
    assert [(m.step, m.value) for m in store.history(run.run_id, "loss")] == [(0, 0.5), (1, 0.25)]
    expected = {
        "bioml.record_id": record_id, "bioml.schema": "1", "bioml.session": session.id, "bioml.cell_id": "cell-1",
        "bioml.notebook": "analysis.ipynb", "bioml.mark": "magic", "mlflow.source.name": "analysis.ipynb",
        "mlflow.source.type": "NOTEBOOK", "mlflow.user": "ada", "mlflow.note.content": "first try", "team": "onco",
    }  # fmt: skip
    assert expected.items() <= run.tags.items()
    assert len(run.tags["bioml.fingerprint"]) == 64
    record = store.record(run.run_id)
    assert record.record_id == record_id and record.code.source == "auc = 0.9" and record.params["depth"] == 3


def test_names_are_the_users_else_the_notebooks_and_the_cells_place(
    new_session: Sessions, memory: MemoryStore, send: Drain
) -> None:
    session, chosen = new_session(), new_session(variables={"MLFLOW_EXPERIMENT_NAME": "trial"})
    plain = session.run(start={"code": {"notebook": "deep/study.ipynb"}})
    unknown = session.run(start={"code": {"notebook": None}})
    named = chosen.run(start={"name": "forest"})
    session.write("renamed", notebook=None, path_source=None)
    send()
    found = {key: (only(memory, key).experiment, only(memory, key).name) for key in (plain, unknown, named)}
    assert found == {
        plain: ("deep/study.ipynb", "study [1]"),
        unknown: ("(no notebook)", "cell [2]"),
        named: ("trial", "forest"),
    }


def test_a_cell_that_is_no_run_is_only_in_the_journal(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    session.run("import pandas", start={"mark": "cell"})
    record_id = session.run("y = 2")
    send()
    assert [run.record_id for run in memory.search(ours=False)] == [record_id]
    (before,) = memory.record(memory.search()[0].run_id).before
    assert before.source == "import pandas"


def test_failed_and_cut_off_runs_say_how_they_ended(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    failure = {"kind": "ValueError", "message": "no", "traceback": "Traceback…\nValueError: no\n"}
    failed = session.run(status="FAILED", failure=failure)
    interrupted = session.run(status="KILLED", cause="interrupted")
    cut = session.start("while True: pass")
    send()
    assert memory.find_record(cut) == []
    session.end()
    send()
    assert [only(memory, key).status for key in (failed, interrupted, cut)] == ["FAILED", "KILLED", "KILLED"]
    assert (
        memory.read_artifact(only(memory, failed).run_id, "bioml/outputs/traceback.txt").decode()
        == failure["traceback"]
    )
    assert only(memory, interrupted).tags["bioml.cause"] == "interrupted"
    record = memory.record(only(memory, cut).run_id)
    assert "mid-cell" in str(record.cause) and [gap.part for gap in record.gaps] == ["end"]


def test_every_file_a_reader_needs_is_there(session: SyntheticSession, memory: MemoryStore, send: Drain) -> None:
    put = session.blobs.put
    environment = {
        "python": {"implementation": "CPython", "version": "3.11.9"}, "os": {"name": "Debian", "machine": "x86_64"},
        "distributions": [{"name": "numpy", "version": "2.4.6", "origin": "index"}],
    }  # fmt: skip
    session.run("%load_ext jupyter_bioml\nimport helper", start={"mark": "cell"})
    record_id = session.start(
        "%bioml status\nhelper.go()", git={"commit": "c" * 40, "branch": "main"}, states={"random": put(b"s")}
    )
    session.help("environment", digest="e" * 64, blob=put(json.dumps(environment).encode()))
    session.help("patch", run=record_id, dirty=True, blob=put(b"diff --git"), late=False)
    outputs = [
        {"kind": "stdout", "text": "one\n"}, {"kind": "stderr", "text": "warn\n"}, {"kind": "stdout", "text": "two\n"},
        {"kind": "display", "mime": "image/png", "blob": put(b"\x89PNG"), "size": 4},
        {"kind": "display", "mime": "text/html", "text": "<b>é</b>"}, {"kind": "result", "mime": "text/plain", "text": "42"},
    ]  # fmt: skip
    session.write("output", run=record_id, o=outputs)
    for path in ("plots/roc.svg", "../../etc/passwd", "/abs", "bioml/record.json", "a?b#c%20.txt"):
        session.write("artifact", run=record_id, path=path, blob=put(path.encode()), size=1)
    session.write("artifact", run=record_id, path="gone.bin", blob="0" * 64, size=1)
    session.write(
        "predictions", run=record_id, name="default", blob=put(b"a,b"), rows=1, columns=["a", "b"], format="csv"
    )
    session.finish(
        record_id, modules=[{"name": "helper", "path": "src/helper.py", "blob": put(b"def go(): pass"), "size": 14}]
    )
    session.end()

    send()

    run_id = only(memory, record_id).run_id
    files = {path: memory.read_artifact(run_id, path) for path in memory.artifacts(run_id)}
    assert set(files) == {
        "bioml/record.json", "bioml/cell.py", "bioml/slice.ipynb", "bioml/environment.json", "bioml/requirements.lock",
        "bioml/changes.patch", "bioml/modules/src/helper.py", "bioml/outputs/stdout.txt", "bioml/outputs/stderr.txt",
        "bioml/outputs/display_00.png", "bioml/outputs/display_01.html", "bioml/outputs/result_02.txt",
        "bioml/states/random.pickle", "bioml/predictions/default.csv", "plots/roc.svg", "etc/passwd", "abs",
        "user/bioml/record.json", "a_b_c_20.txt",
    }  # fmt: skip
    assert (
        files["bioml/outputs/stdout.txt"] == b"one\ntwo\n"
        and files["bioml/outputs/display_01.html"] == "<b>é</b>".encode()
    )
    assert b"numpy==2.4.6" in files["bioml/requirements.lock"] and files["bioml/changes.patch"] == b"diff --git"
    assert files["bioml/cell.py"] == b"# %bioml status\nhelper.go()\n"
    assert "gone.bin" in memory.record(run_id).gaps[0].reason
    tags = only(memory, record_id).tags
    assert (tags["mlflow.source.git.commit"], tags["mlflow.source.git.branch"]) == ("c" * 40, "main")


def test_the_slice_runs_without_this_package(
    session: SyntheticSession, memory: MemoryStore, send: Drain, tmp_path: Path
) -> None:
    session.run("%load_ext jupyter_bioml\nimport jupyter_bioml as bioml", start={"mark": "cell"})
    session.run("1 / 0", status="FAILED", start={"mark": "cell"})
    record_id = session.run(
        "with bioml.run('depth=3', depth=3):\n    bioml.log(loss=0.5, step=1)\n"
        "from jupyter_bioml import log_params\nlog_params(a=1)\nopen('done.txt', 'w').write('done')"
    )
    session.end()
    send()
    text = memory.read_artifact(only(memory, record_id).run_id, "bioml/slice.ipynb").decode()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    (tmp_path / "block" / "sitecustomize.py").parent.mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text(
        "import sys\nclass Blocked:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'jupyter_bioml':\n            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "block")}
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, timeout=60).execute(env=environment)
    assert (tmp_path / "done.txt").read_text() == "done"


def test_late_entries_reach_the_run_once(
    session: SyntheticSession, memory: MemoryStore, send: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = session.run(metrics={"auc": 0.5})
    send()
    assert send().published == 0, "nothing new"
    session.write("log", run=record_id, m={"late": 1.0}, after_end=True)
    publisher = send()
    assert publisher.published == 0 and publisher.scan.soon(), "not again in the same moment"
    monkeypatch.setattr(scanning, "AGAIN", 0.0)
    assert not publisher.scan.soon() and not publisher.idle, "what has become due since is not left behind"
    session.write("output", run=record_id, o=[{"kind": "stdout", "text": "late\n"}], after_end=True)
    assert send().published == 1
    run = only(memory, record_id)
    assert run.metrics == {"auc": 0.5, "late": 1.0}
    assert memory.read_artifact(run.run_id, "bioml/outputs/stdout.txt") == b"late\n"
    session.help("environment", digest="e" * 64, blob=session.blobs.put(b"{}"))
    assert send().published == 1, "the environment came after the run"
    assert memory.record(run.run_id).environment is not None


def test_a_part_lands_in_the_run_it_joined(session: SyntheticSession, memory: MemoryStore, send: Drain) -> None:
    whole = session.run("clf.fit(X, y)", start={"name": "forest"}, params={"depth": 3}, metrics={"auc": 0.8})
    figure = {"kind": "display", "mime": "image/png", "blob": session.blobs.put(b"\x89PNG"), "size": 4}
    part = session.start("auc = …; plot()", part_of=whole)
    session.write("output", run=part, o=[figure])
    session.finish(part, params={"depth": 9, "threshold": 0.5}, metrics={"f1": 0.7, "auc": 0.9})
    failed = session.run("1 / 0", start={"part_of": whole}, status="FAILED")
    session.end()

    send()
    send()

    assert [run.record_id for run in memory.search(ours=False)] == [whole], "a part is no run of its own"
    run = only(memory, whole)
    assert run.status == "FINISHED" and run.params == {"depth": "3", "threshold": "0.5"}
    assert run.metrics == {"auc": 0.9, "f1": 0.7}, "the later value is the last one"
    assert [metric.value for metric in memory.history(run.run_id, "auc")] == [0.8, 0.9]
    assert run.tags["bioml.parts"] == f"{part} {failed}"
    assert memory.search(prefix=part[:10]) == [run]
    files = memory.artifacts(run.run_id, f"bioml/parts/{part}")
    assert {f"bioml/parts/{part}/{name}" for name in ("record.json", "cell.py", "outputs/display_00.png")} <= set(files)
    record = load_record(json.loads(memory.read_artifact(run.run_id, f"bioml/parts/{part}/record.json")))
    assert record.part_of == whole and record.code.cell_id == "cell-2" and record.params["depth"] == 9
    assert memory.record(run.run_id).record_id == whole


def test_children_are_nested_runs_sent_when_their_cell_has_ended(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    parent = session.start("for d in (1, 2): …", name="search")
    children = []
    for depth in (1, 2):
        children.append(session.start("", mark="child", name=f"depth={depth}", parent=parent))
        session.finish(children[-1], params={"depth": depth}, metrics={"auc": depth / 10})
    send()
    assert memory.search(ours=False) == []
    session.finish(parent)
    session.end()
    send()
    whole = only(memory, parent)
    for depth, child in enumerate(children, 1):
        run = only(memory, child)
        assert run.tags["mlflow.parentRunId"] == whole.run_id and run.params == {"depth": str(depth)}
        assert memory.read_artifact(run.run_id, "bioml/cell.py") == b"for d in (1, 2): \xe2\x80\xa6\n"


def test_a_child_waits_until_the_run_above_it_is_there(
    session: SyntheticSession, project: Project, memory: MemoryStore, send: Drain
) -> None:
    helper = Segment(project.journal / f"{session.id}{HELPER_SUFFIX}")
    parent = session.start("search()")
    child = session.start("", mark="child", parent=parent)
    for record_id in (child, parent):
        session.finish(record_id)
    assert send().published == 0, "the environment of the run above is still being read"
    blob = session.blobs.put(b"{}")
    helper.append({"t": "environment", "at": time.time(), "digest": "e" * 64, "blob": blob})
    assert send().published == 2
    helper.close()
    assert only(memory, child).tags["mlflow.parentRunId"] == only(memory, parent).run_id


def test_hostile_keys_and_values_are_cleaned_and_stand_whole_in_the_record(
    session: SyntheticSession, store: MlflowStore, drain: Drain
) -> None:
    params = {
        "long": "x" * 7000, "k" * 300: 1, "a/../../b": 1, "..": 1, "": 1, "a\nb": 1, "a b=c": 1, "a_b=c": 2, "a_b:c": 3,
        "nul": "a\x00b", "half": "\ud800", "list": [1, {"b": None}], "nan": {"$float": "NaN"}, "obj": {"$repr": "<X>"},
        "mlflow.runName": "mine", "none": None, "yes": True, "tiny": 1e-300,
    }  # fmt: skip
    tags = {"mlflow.runName": "stolen", "bioml.record_id": "stolen", "a\tb": "x" * 9000, "empty": ""}
    record_id = session.start("x", name="n" * 400, note="é" * 9000, tags=tags)
    session.write(
        "log", run=record_id, m={"bad_key!": 1.0, "bad_key_": 2.0, "inf": {"$float": "Infinity"}, "flag": True}
    )
    session.finish(record_id, params=params, metrics={"huge": 1e308, "int": 2**70})
    session.end()

    drain()

    run = only(store, record_id)
    assert run.status == "FINISHED" and len(run.params) == len(params)
    assert run.params["long"].endswith("… (cut, whole in bioml/record.json)") and len(run.params["long"]) == 6000
    assert run.params["list"] == '[1,{"b":null}]' and run.params["obj"] == "<X>" and run.params["nan"] == "nan"
    assert run.params["none"] == "None" and run.params["tiny"] == "1e-300" and run.params["nul"] == "a\ufffdb"
    assert len({run.params[key] for key in run.params if key.startswith("a_b")}) >= 2
    assert run.metrics["huge"] == 1e308 and "inf" not in run.metrics and "flag" not in run.metrics
    assert sorted(value for key, value in run.metrics.items() if key.startswith("bad")) == [1.0, 2.0]
    assert run.tags["user.mlflow.runName"] == "stolen" and run.tags["user.bioml.record_id"] == "stolen"
    assert len(run.tags["mlflow.note.content"]) == 8000 and len(run.name) == 250
    record = store.record(run.run_id)
    assert record.params["long"] == "x" * 7000 and set(record.params) == set(params)
    assert record.values["inf"] == float("inf") and record.values["flag"] is True


def test_readings_are_system_metrics_with_their_times(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    record_id = session.start("x", at=1e9)
    gpu = {
        "index": 1,
        "utilization_percent": 50,
        "memory_used": 2_000_000,
        "memory_total": 8_000_000,
        "power_watts": 70.5,
    }
    for second in range(3):
        session.write("reading", run=record_id, at=1e9 + second, cpu_percent=100.0, rss=5_000_000, gpus=[gpu])
    session.write("reading", run=record_id, at=1e9 + 3)
    session.finish(record_id, at=1e9 + 4, cpu=3.5, peak_rss=9_000_000)
    session.end()
    send()
    run = only(memory, record_id)
    assert run.metrics == {
        "system/process_cpu_utilization_percentage": 100.0, "system/process_memory_usage_megabytes": 5.0,
        "system/gpu_1_utilization_percentage": 50.0, "system/gpu_1_memory_usage_megabytes": 2.0,
        "system/gpu_1_memory_usage_percentage": 25.0, "system/gpu_1_power_usage_watts": 70.5,
        "system/process_peak_memory_megabytes": 9.0, "system/process_cpu_seconds": 3.5,
    }  # fmt: skip
    series = memory.history(run.run_id, "system/process_memory_usage_megabytes")
    assert [(metric.step, metric.at) for metric in series] == [(0, 1e9), (1, 1e9 + 1), (2, 1e9 + 2)]


def test_the_last_metrics_of_each_name_are_kept_for_the_card(
    session: SyntheticSession, memory: MemoryStore, send: Drain, project: Project
) -> None:
    file = latest_file(project.latest, "analysis.ipynb", "forest")
    for auc in (0.5, 0.75):
        last = session.run(start={"name": "forest"}, metrics={"auc": auc})
    session.run(start={"name": "forest"}, status="FAILED")
    send()
    document = json.loads(file.read_text())
    assert document["record_id"] == last and document["metrics"] == {"auc": 0.75}
    assert document["run_id"] == only(memory, last).run_id


def test_the_fingerprint_is_that_of_the_inputs(session: SyntheticSession, memory: MemoryStore, send: Drain) -> None:
    def fingerprint(**finished: Any) -> str:
        other = SyntheticSession(session.project, Destination(session.uri, session.key, True))
        record_id = other.run("clf.fit(X, y)", **finished)
        other.end()
        send()
        return str(only(memory, record_id).tags["bioml.fingerprint"])

    value = {"name": "X", "role": "read", "kind": "value", "digest": "sha256:" + "a" * 64}
    first = fingerprint(params={"a": 1}, data=[value], metrics={"auc": 0.1})
    assert first == fingerprint(params={"a": 1}, data=[value], metrics={"auc": 0.2})
    assert first != fingerprint(params={"a": 2}, data=[value])
    assert first != fingerprint(params={"a": 1}, data=[{**value, "digest": "sha256:" + "b" * 64}])


def test_a_score_of_a_later_cell_reaches_the_run_that_was_sent(
    session: SyntheticSession, memory: MemoryStore, send: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = session.run("clf.fit(X, y)", values={"n_rows": 30})
    send()
    monkeypatch.setattr(scanning, "AGAIN", 0.0)
    score = {"key": "auc", "value": 0.9, "origin": "returned", "source": "sklearn.metrics.roc_auc_score"}
    session.write("score", run=record_id, cell="c" * 32, **score)
    assert send().published == 1
    run = only(memory, record_id)
    assert run.metrics == {"auc": 0.9}, "a value is not a metric"
    assert json.loads(memory.read_artifact(run.run_id, "bioml/values.json")) == {"n_rows": 30}
    (told,) = memory.record(run.run_id).scores
    assert (told.key, told.origin, told.cell) == ("auc", "returned", "c" * 32)
