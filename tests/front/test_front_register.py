"""``register``, ``models`` and the register form: real publisher, real MLflow, a real scikit-learn model."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from front_case import Bench, SyntheticJournal
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.promote import models
from jupyter_bioml.server.bench import ServerBench
from jupyter_bioml.store.load_code import load_code
from jupyter_bioml.widgets.register import RegisterForm, register_widget
from jupyter_bioml.workbench import Workbench

ROWS, KINDS = load_iris(return_X_y=True)


def give_model(journal: SyntheticJournal, name: str, metrics: dict[str, float], **more: str) -> str:
    """A finished run with a fitted model, as a kernel leaves it."""
    record_id = journal.run(name, metrics, pending=["model"], **more)
    blobs = Blobs(journal.project.blobs)
    data = cloudpickle.dumps(LogisticRegression(max_iter=300).fit(ROWS, KINDS))
    model = {
        "name": "clf",
        "class_name": "sklearn.linear_model.LogisticRegression",
        "flavor": "sklearn",
        "blob": blobs.put(data),
        "size": len(data),
        "sample_blob": blobs.put(cloudpickle.dumps(ROWS[:5])),
    }
    journal.entry(t="model", run=record_id, model=model)
    return record_id


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    """A project with one run that was sent by ``register`` itself: (root, record id, run id)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.delenv("BIOML_PROJECT", raising=False)
        root = tmp_path_factory.mktemp("shop")
        (root / ".bioml").mkdir()
        journal = SyntheticJournal(find_project(root))
        record_id = give_model(journal, "logreg", {"acc": 0.97333})
        made = Workbench.at(root).models.register(record_id, "flowers", alias="challenger", tags={"team": "a"})
        assert (made.name, made.version, made.record_id) == ("flowers", "1", record_id)
        yield root, record_id, made.run_id


@pytest.fixture
def sent(shop: tuple[Path, str, str], bench: Bench, monkeypatch: pytest.MonkeyPatch) -> tuple[Bench, str, str]:
    """The commands in that project."""
    root, record_id, run_id = shop
    monkeypatch.chdir(root)
    return Bench(find_project(root), bench.empty_database, bench.capture), record_id, run_id


def test_a_run_that_waits_is_sent_first_and_the_version_is_tied_to_it(sent: tuple[Bench, str, str]) -> None:
    bench, record_id, run_id = sent
    (version,) = [item for item in bench.json("models") if item["name"] == "flowers"]
    assert version["run_id"] == run_id and version["aliases"] == ["challenger"]
    assert version["tags"]["team"] == "a" and version["tags"]["bioml.record_id"] == record_id
    assert version["tags"]["bioml.notebook"] == "diagnosis.ipynb"
    assert bench.json("runs")[0]["run_id"] == run_id
    predicted = bench.store().load_model(version["uri"]).predict(ROWS)
    assert list(predicted) == list(LogisticRegression(max_iter=300).fit(ROWS, KINDS).predict(ROWS))


def test_the_code_that_loads_it_works_in_a_kernel_that_is_not_tracked(
    sent: tuple[Bench, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another folder, without a variable, and nothing is made there."""
    bench, *_ = sent
    server = ServerBench(bench.project, destination(bench.project))
    try:
        code = next(one for one in server.models.registered() if one.name == "flowers").versions[-1].load_code
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:secret@mlflow.example")
        elsewhere = load_code("models:/m/1", destination(bench.project))
        assert "secret" not in elsewhere and "set_tracking_uri" not in elsewhere, (
            "its password is in the variable alone"
        )
    finally:
        server.close()
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    script = f"{code}\nimport numpy\nprint(len(model.predict(numpy.array([[5.1, 3.5, 1.4, 0.2]]))))"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.stdout.split() == ["1"], done.stderr[-2000:]
    assert list(folder.iterdir()) == []


def test_register_again_makes_the_next_version_and_moves_the_alias(sent: tuple[Bench, str, str]) -> None:
    bench, record_id, run_id = sent
    first = bench.json("register", run_id[:10], "irises", "--alias", "champion", "--description", "the first")
    code, out, _ = bench.run("register", record_id, "irises", "--alias", "champion")
    assert code == 0 and out.startswith("✓ irises v2 @champion   from run ") and "models:/irises/2" in out
    assert (first["version"], first["description"], first["format"]) == ("1", "the first", "skops")
    versions = {item["version"]: item["aliases"] for item in bench.json("models") if item["name"] == "irises"}
    assert versions == {"1": [], "2": ["champion"]}
    assert "registered  irises v2 @champion" in bench.run("show", run_id)[1]
    _, out, _ = bench.run("models")
    assert out.splitlines()[0].split() == ["model", "version", "alias", "run", "registered", "description"]


def test_what_cannot_be_registered_says_why_and_what_to_do(bench: Bench) -> None:
    journal = bench.journal()
    failure = {"kind": "ValueError", "message": "no rows", "traceback": "…"}
    failed = journal.run("broken", status="FAILED", failure=failure)
    killed = journal.run("long", status="KILLED", cause="interrupted")
    none = journal.run("fits nothing")
    gap = [{"part": "model", "reason": "over the limit of 2048 MiB"}]
    large = journal.run("large", gaps=gap)
    running = journal.start("running")
    bench.publish(journal.record(none))
    for identity, why in (
        (failed, "failed: ValueError: no rows"),
        (killed, "interrupted"),
        (running, "still runs"),
        (none, "has no model: no fitted estimator"),
        (large, "over the limit of 2048 MiB"),
    ):
        document = bench.json("register", identity, "m", code=1)
        assert document["code"] == "refused" and why in document["message"], document
        assert "Nothing was registered" in document["message"] or "nothing was registered" in document["message"]
        assert document["next"]
    assert bench.json("models") == []


def test_a_run_that_is_not_wholly_sent_in_time_is_no_run_without_a_model(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "PATIENCE", 0.0)
    document = bench.json("register", give_model(bench.journal(), "slow", {}), "m", code=1)
    assert document["code"] == "refused" and "not wholly in MLflow yet" in document["message"]
    assert "publish --wait" in document["next"]
    assert bench.json("publish", "--wait")["waiting"] == [], "the publisher went on by itself"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("", []),
        (" spaces ", []),
        ("a/b", []),
        ("a:b", []),
        ("new\nline", []),
        ("x" * 300, []),
        ("m", ["--alias", "latest"]),
        ("m", ["--alias", "v3"]),
        ("m", ["--alias", "no spaces"]),
        ("m", ["--tag", "bioml.record_id=x"]),
        ("m", ["--tag", "novalue"]),
    ],
)
def test_names_the_registry_could_not_take(bench: Bench, name: str, options: list[str]) -> None:
    record_id = bench.journal().run("r")
    assert bench.json("register", record_id, name, *options, code=2)["code"] == "usage"


def test_the_form_registers_what_is_chosen(sent: tuple[Bench, str, str]) -> None:
    bench, record_id, run_id = sent
    form = register_widget()
    assert isinstance(form, RegisterForm) and form.run.value == record_id
    assert "logreg (acc 0.9733" in form.run.options[0][0]
    offer = ServerBench(bench.project, destination(bench.project)).models.offer(record_id)
    assert all(f"{one.label}: {one.text}" in unescape(form.stored.value) for one in offer.will_store), (
        "as the lab's form"
    )
    assert form.name.options == tuple(one.name for one in offer.names) and form.alias.options == offer.aliases
    assert form.name.value == offer.suggested_name == "flowers", "runs of this name were registered as that"
    form.name.value = " "
    assert form.button.disabled, "no name"
    form.name.value = "flowers"
    assert not form.button.disabled and "next version: 2" in form.next_version.value
    form.name.value = "from the form"
    assert "next version: 1" in form.next_version.value
    form.alias.value = "champion"
    form.description.value = "<b>bold</b> & more"
    form.button.click()
    assert form.name.value == "from the form", "what was typed stays"
    assert form.made is not None and "from the form version 1 @champion" in form.said.value
    (version,) = [item for item in bench.json("models") if item["name"] == "from the form"]
    assert version["run_id"] == run_id and version["description"] == "<b>bold</b> & more"
    assert "next version: 2" in form.next_version.value and "from the form" in form.name.options


def test_the_form_shows_refusals_escaped_and_never_raises(bench: Bench, down: Callable[[], str]) -> None:
    journal = bench.journal()
    record_id = give_model(journal, "<script>alert(1)</script>", {"<i>": 1.0})
    form = register_widget(record_id[:8])
    assert form.run.value == record_id
    form.name.value = "a/<img src=x>"
    form.button.click()
    assert "✗" in form.said.value and "is not a valid model name" in form.said.value
    assert "<img" not in form.said.value and "&lt;img" in form.said.value and form.made is None
    assert not form.button.disabled, "try again"
    uri = down()
    away = RegisterForm(Workbench.at())
    assert f"{uri} does not answer" in away.said.value


def test_the_form_says_why_a_run_cannot_be_registered(bench: Bench) -> None:
    record_id = bench.journal().run("<b>fits</b> nothing")
    form = register_widget(record_id)
    assert form.run.value == record_id and form.button.disabled
    assert "has no model" in form.stored.value and "--model VARIABLE" in form.stored.value
    form.name.value = "still"
    assert form.button.disabled


def test_the_form_offers_no_reproductions(bench: Bench) -> None:
    journal = bench.journal()
    first = give_model(journal, "logreg", {"acc": 0.97})
    again = give_model(journal, "logreg", {"acc": 0.97}, reproduces=first)
    assert [identity for _, identity in register_widget().run.options] == [first]
    assert register_widget(again).run.value == again, "one that is named is there"


def test_an_empty_form_says_what_to_do(bench: Bench) -> None:
    bench.journal().run("fits nothing")
    form = register_widget()
    assert form.run.value is None and "%%experiment" in form.stored.value and form.button.disabled
    unknown = register_widget("ffff")
    assert "No run ffff" in unknown.said.value


def test_the_form_in_a_kernel(sent: tuple[Bench, str, str], start_kernel: Callable[..., Any]) -> None:
    """Shown by the last expression, with widgets that a front end draws; importing the package costs nothing."""
    bench, _, _ = sent
    kernel = start_kernel(bench.project.root)
    ran = kernel.run("import jupyter_bioml as bioml\nform = bioml.register_widget()\nform")
    assert ran.status == "ok" and "application/vnd.jupyter.widget-view+json" in (ran.result or {}), ran.error
    ran = kernel.run("form.name.value = 'in a kernel'\nform.button.click()\nprint(form.made.name, form.made.version)")
    assert (ran.status, ran.stdout) == ("ok", "in a kernel 1\n"), ran.error
    shown = kernel.run("%bioml register ffff nothing")
    assert "No run ffff" in shown.stderr + (shown.error or "")


def test_nothing_is_made_in_the_working_directory(sent: tuple[Bench, str, str], tmp_path: Path) -> None:
    """MLflow likes to make its own database where it is called."""
    bench, _, run_id = sent
    folder = bench.project.root / "deep"
    folder.mkdir()
    command = [sys.executable, "-m", "jupyter_bioml.cli", "register", run_id, "elsewhere"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert os.listdir(folder) == [] and not (bench.project.root / "mlflow.db").exists()
