"""Models are logged in their native flavour, read back, and load without this package, bit for bit."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_bioml.errors import Refused
from jupyter_bioml.publish import models as publishing
from jupyter_bioml.publish.model_formats import unpickle
from jupyter_bioml.publish.model_process import ModelProcess
from jupyter_bioml.publish.model_requirements import needs_trust
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[..., Any]

#: A reader that cannot import this package, as on another machine.
READER = """
import json, pickle, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jupyter_bioml":
            raise ModuleNotFoundError("jupyter_bioml is not installed here")
sys.meta_path.insert(0, Blocked())
import mlflow, numpy
uri, rows, out, runs = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
mlflow.set_tracking_uri(uri)
rows = pickle.load(open(rows, "rb"))
answers = {}
for name, (run_id, flavor) in runs.items():
    if flavor == "pytorch":
        import torch, mlflow.pytorch
        with torch.no_grad():
            answers[name] = mlflow.pytorch.load_model(f"runs:/{run_id}/model")(torch.from_numpy(rows.to_numpy("float32"))).numpy()
    elif flavor == "sklearn":
        import mlflow.sklearn
        answers[name] = mlflow.sklearn.load_model(f"runs:/{run_id}/model").predict_proba(rows)
    generic = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    answers[name + " pyfunc"] = numpy.asarray(generic.predict(rows.astype("float32") if flavor == "pytorch" else rows))
    answers[name + " signature"] = generic.metadata.signature is not None
assert "jupyter_bioml" not in sys.modules
pickle.dump(answers, open(out, "wb"))
"""


def give_model(session: SyntheticSession, model: Any, sample: Any, flavor: str = "sklearn", name: str = "clf") -> str:
    record_id = session.start(f"{name}.fit(X, y)", name=name)
    session.finish(record_id, pending=["model"])
    data = cloudpickle.dumps(model)
    document = {
        "name": name, "class_name": type(model).__name__, "blob": session.blobs.put(data), "size": len(data),
        "flavor": flavor, "sample_blob": None if sample is None else session.blobs.put(cloudpickle.dumps(sample)),
        "sample_source": "X" if sample is not None else "nothing was passed to fit by name",
    }  # fmt: skip
    session.write("model", run=record_id, model=document)
    return record_id


def notebook_class(source: str, name: str) -> Any:
    """A class as a notebook defines it: in ``__main__``, importable from nowhere."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace[name]


@pytest.mark.slow
@pytest.mark.needs_torch
@pytest.mark.timeout(900)  # five processes that import mlflow: 45 s alone, minutes beside other tests
def test_models_load_without_this_package_bit_for_bit(
    session: SyntheticSession, store: MlflowStore, drain: Drain, tmp_path: Path
) -> None:
    import torch

    rows, labels = load_breast_cancer(return_X_y=True, as_frame=True)
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    ours = notebook_class(
        "from sklearn.ensemble import RandomForestClassifier\n"
        "class Mine(RandomForestClassifier):\n    def predict(self, X):\n        return super().predict(X) + 10\n",
        "Mine",
    )(10, random_state=1).fit(rows, labels)
    torch.manual_seed(0)
    net = notebook_class(
        "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layers = torch.nn.Sequential(torch.nn.Linear(30, 4), torch.nn.Dropout(0.5))\n"
        "    def forward(self, x):\n        return self.layers(x)\n",
        "Net",
    )()
    rule = notebook_class(
        "class Rule:\n    def predict(self, X):\n        return (X['mean radius'] > 15).to_numpy()\n", "Rule"
    )()
    sample = rows.head(5)
    made = {
        "linear": (give_model(session, linear, sample), "sklearn"),
        "ours": (give_model(session, ours, sample), "sklearn"),
        "net": (
            give_model(session, net, torch.from_numpy(sample.to_numpy("float32", copy=True)), "pytorch"),
            "pytorch",
        ),
        "rule": (give_model(session, rule, sample, "pyfunc"), "pyfunc"),
    }
    session.end()

    drain()

    runs = {name: (store.find_record(record_id)[0].run_id, flavor) for name, (record_id, flavor) in made.items()}
    formats = {name: store.get(run_id).tags.get("bioml.model_format") for name, (run_id, _) in runs.items()}
    assert formats == {"linear": "skops", "ours": "cloudpickle", "net": "cloudpickle", "rule": "cloudpickle"}
    assert all(not store.record(run_id).gaps for run_id, _ in runs.values())

    (tmp_path / "rows").write_bytes(pickle.dumps(rows))
    command = [sys.executable, "-W", "ignore", "-c", READER, store.uri, tmp_path / "rows", tmp_path / "out"]
    subprocess.run([*map(str, command), json.dumps(runs)], check=True, cwd=tmp_path)
    answers = pickle.loads((tmp_path / "out").read_bytes())
    with torch.no_grad():
        expected = net.eval()(torch.from_numpy(rows.to_numpy("float32", copy=True))).numpy()
    assert answers["linear"].tobytes() == linear.predict_proba(rows).tobytes()
    assert answers["ours"].tobytes() == ours.predict_proba(rows).tobytes()
    assert answers["ours pyfunc"].tobytes() == ours.predict(rows).tobytes()
    assert answers["linear pyfunc"].tobytes() == linear.predict(rows).tobytes()
    assert answers["net"].tobytes() == expected.tobytes() == answers["net pyfunc"].astype("float32").tobytes()
    assert numpy.array_equal(answers["rule pyfunc"], rule.predict(rows))
    assert all(answers[f"{name} signature"] for name in runs)

    version = store.register_model(runs["linear"][0], "diagnosis", description="first", tags={"stage": "trial"})
    assert (version.version, version.run_id, version.description) == ("1", runs["linear"][0], "first")
    assert store.set_alias("diagnosis", "1", "champion").aliases == ("champion",)
    again = store.load_model("models:/diagnosis@champion").predict(rows)
    assert numpy.asarray(again).tobytes() == linear.predict(rows).tobytes()


@pytest.mark.needs_torch
def test_a_model_of_a_gpu_is_kept_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pickle of a model on a GPU (whose place is written into it) is read where there is none."""
    import torch

    net = torch.nn.Linear(3, 2)
    with monkeypatch.context() as patch:
        patch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
        data = cloudpickle.dumps(net)
    assert b"cuda:0" in data
    again = unpickle(data)
    assert again.weight.device.type == "cpu" and torch.equal(again.weight, net.weight)
    assert unpickle(cloudpickle.dumps([1, 2])) == [1, 2]


def test_what_is_said_to_be_refused_by_skops_is_refused() -> None:
    """The short cut that saves skops's import is right about the skops that is installed."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    rows, labels = load_breast_cancer(return_X_y=True)
    for model in (RandomForestClassifier(2), GradientBoostingClassifier(n_estimators=2)):
        model.fit(rows, labels)
        assert needs_trust(model, cloudpickle.dumps(model))
        with pytest.raises(UntrustedTypesFoundException):
            skops.io.loads(skops.io.dumps(model))


TELLS = """
class Tells:
    def __init__(self, path): self.path = path
    def predict(self, X): return 1
    def __reduce__(self):
        return exec, (TOLD.replace("PATH", self.path),)
TOLD = '''
import json, os, sys
told = [os.getppid(), os.getpid(), "left_behind" in sys.modules, os.getcwd(), sorted(key for key in os.environ if "TRACKING" in key)]
open("PATH", "w").write(json.dumps(told))
sys.modules["left_behind"] = sys
'''
"""


def test_models_share_mlflows_import_and_nothing_else(
    session: SyntheticSession, drain: Drain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    tells = notebook_class(TELLS, "Tells")
    for name in ("first", "second"):
        give_model(session, tells(str(tmp_path / name)), None, "pyfunc", name)
    session.end()
    drain()
    first, second = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("first", "second"))
    assert first[0] == second[0] and first[1] != second[1], "two processes from one host"
    assert not (first[2] or second[2]) and first[3] != second[3] and first[4] == second[4] == []


def test_a_job_ends_with_whoever_asked_for_it(tmp_path: Path) -> None:
    hang = tmp_path / "hang"
    hang.write_bytes(pickle.dumps(_Hangs(str(tmp_path / "pid"))))
    job = {
        "answer": str(tmp_path / "answer"),
        "folder": str(tmp_path / "model"),
        "flavor": "pyfunc",
        "model": str(hang),
    }
    file = tmp_path / "job.json"
    file.write_text(json.dumps(job | {"sample": None, "versions": {}, "paths": [], "seconds": 600}), encoding="utf-8")
    process = ModelProcess(sys.executable, "pyfunc")
    waits = threading.Thread(target=process.run, args=(file, 600))
    waits.start()
    end = time.monotonic() + 120
    while not (tmp_path / "pid").exists() and time.monotonic() < end:
        time.sleep(0.05)
    job_pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    assert process._host is not None
    process._host.stdin.close()  # as the system does when the publisher is killed
    waits.join(60)
    assert not waits.is_alive()
    while os.path.exists(f"/proc/{job_pid}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{job_pid}")


class _Hangs:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return exec, (f"import os, time; open({self.path!r} + '.tmp', 'w').write(str(os.getpid()));"
                      f" os.rename({self.path!r} + '.tmp', {self.path!r}); time.sleep(3600)",)  # fmt: skip


def test_a_model_that_hangs_is_a_gap(
    session: SyntheticSession, store: MlflowStore, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "TIME_LIMIT", 1)
    hang = notebook_class(
        "class Hang:\n    def __reduce__(self):\n        import time\n        return time.sleep, (3600,)\n", "Hang"
    )()
    record_id = give_model(session, hang, None, "pyfunc")
    session.end()
    drain()
    (gap,) = store.record(store.find_record(record_id)[0].run_id).gaps
    assert gap.part == "model" and "longer than 1 s" in gap.reason


def test_a_model_that_crashes_or_is_no_model_is_a_gap_and_the_run_is_sent(
    session: SyntheticSession,
    store: MlflowStore,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "ATTEMPTS", 2)
    crash = notebook_class(
        "class Crash:\n    def __reduce__(self):\n        import os\n        return os._exit, (9,)\n", "Crash"
    )()
    nothing = notebook_class("class Nothing:\n    pass\n", "Nothing")()
    crashed, useless = (give_model(session, model, None, "pyfunc") for model in (crash, nothing))
    gone = session.start("clf", name="gone")
    session.finish(gone, metrics={"auc": 0.5})
    session.write("model", run=gone, model={"name": "clf", "class_name": "C", "blob": "0" * 64, "size": 1})
    session.end()

    drain()

    gaps = {key: store.record(store.find_record(key)[0].run_id).gaps for key in (crashed, useless, gone)}
    assert "crashed 2 times" in gaps[crashed][0].reason and "exit code 9" in gaps[crashed][0].reason
    assert "no predict" in gaps[useless][0].reason
    assert "not in" in gaps[gone][0].reason
    assert {run.status for run in store.search()} == {"FINISHED"}
    assert all(not store.run_models(run.run_id) for run in store.search())
    with pytest.raises(Refused, match="has no model"):
        store.register_model(store.find_record(gone)[0].run_id, "nothing")
