"""``runs``, ``show``, ``compare``: journal and MLflow as one list, found by any beginning of an id."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import fields

import pytest
from front_case import Bench

from jupyter_bioml.config import destination
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.pages.run import run_page
from jupyter_bioml.records.card import card_lines
from jupyter_bioml.records.card_html import card_bundle
from jupyter_bioml.runs.row import RunRow
from jupyter_bioml.workbench import Workbench

#: A row is the same document everywhere.
KEYS = {item.name for item in fields(RunRow)}


def test_an_empty_project_says_what_to_do(bench: Bench) -> None:
    code, out, _ = bench.run("runs")
    assert code == 0 and "%%experiment" in out and "bioml run NOTEBOOK" in out
    assert bench.json("runs") == []
    assert not (bench.project.home / "mlflow.db").exists(), "looking makes no database"


def test_published_waiting_and_running_in_one_list(bench: Bench) -> None:
    journal = bench.journal()
    published = journal.run("baseline", {"auc": 0.9712})
    run_id = bench.publish(journal.record(published))
    waiting = journal.run("depth3", {"auc": 0.99314})
    running = journal.start("depth5")
    rows = bench.json("runs")
    assert [row["record_id"] for row in rows] == [running, waiting, published], "newest first"
    assert [row["run_id"] for row in rows] == [None, None, run_id]
    assert [row["state"] for row in rows] == ["RUNNING", "FINISHED", "FINISHED"]
    assert all(set(row) == KEYS for row in rows)
    assert rows[1]["metrics"] == {"auc": 0.99314} and rows[1]["notebook"] == "diagnosis.ipynb"
    assert rows[2]["verdict"] is None
    code, out, _ = bench.run("runs")
    lines = out.splitlines()
    assert code == 0 and "0.9931" in lines[2] and "finished, waits" in lines[2] and published[:8] in lines[3]
    assert "1 is not in MLflow yet: bioml publish --wait" in out


def test_a_run_in_both_places_is_one(bench: Bench) -> None:
    journal = bench.journal()
    record_id = journal.run("baseline", {"auc": 0.9})
    run_id = bench.publish(journal.record(record_id))
    rows = bench.json("runs")
    assert [(row["run_id"], row["record_id"]) for row in rows] == [(run_id, record_id)]


def test_a_killed_kernels_run_is_killed_although_mlflow_says_running(bench: Bench) -> None:
    journal = bench.journal()
    record_id = journal.start("long")
    bench.publish(journal.record(record_id))
    assert bench.json("runs")[0]["state"] == "RUNNING"
    journal.die()
    assert bench.json("runs")[0]["state"] == "KILLED"


def test_a_run_that_its_user_stopped_is_interrupted_wherever_it_is_shown(bench: Bench) -> None:
    journal = bench.journal()
    failure = {"kind": "KeyboardInterrupt", "message": "", "traceback": "Traceback"}
    stopped = journal.run("long", status="KILLED", cause="interrupted", failure=failure)
    lost = journal.run("other", status="KILLED", cause="the kernel's process ended")
    records = [journal.record(one) for one in (stopped, lost)]
    for record in records:
        bench.publish(record)
    journal.die()
    for where in ("in journal and MLflow", "in MLflow alone"):
        rows = {row["record_id"]: row for row in bench.json("runs")}
        states = [(rows[one]["state"], rows[one]["interrupted"]) for one in (stopped, lost)]
        assert states == [("KILLED", True), ("KILLED", False)], where
        out = bench.run("runs")[1]
        assert "⊘ interrupted" in out and "⊘ killed" in out, where
        shutil.rmtree(bench.project.journal, ignore_errors=True)
    texts = [" ".join(card_lines(record)) for record in records]
    assert "interrupted" in texts[0] and "KeyboardInterrupt" not in texts[0] and "killed" in texts[1]
    shown = card_bundle(records[0])["text/html"]
    assert "interrupted" in str(shown) and "--jp-warn-color1" in str(shown)


def test_runs_deleted_in_mlflow_stay_away(bench: Bench) -> None:
    journal = bench.journal()
    run_id = bench.publish(journal.record(journal.run("baseline")))
    bench.store()._client.delete_run(run_id)
    assert bench.json("runs") == []


def test_reproductions_are_left_out_unless_all(bench: Bench) -> None:
    journal = bench.journal()
    first = journal.run("baseline")
    again = journal.run("baseline", reproduces=first)
    sent = journal.run("baseline", reproduces=first)
    bench.publish(journal.record(sent))
    assert [row["record_id"] for row in bench.json("runs")] == [first]
    assert [row["record_id"] for row in bench.json("runs", "--all")] == [sent, again, first]


def test_limit_says_how_many_more(bench: Bench) -> None:
    journal = bench.journal()
    for number in range(5):
        journal.run(f"run {number}")
    assert [row["name"] for row in bench.json("runs", "--limit", "2")] == ["run 4", "run 3"]
    _, out, _ = bench.run("runs", "--limit", "2")
    assert "3 older: --limit 5" in out
    code, out, _ = bench.run("runs", "--limit", "0", "--json")
    assert code == 2 and json.loads(out)["code"] == "usage"


def test_other_destinations_runs_are_not_listed(bench: Bench, down: Callable[[], str]) -> None:
    bench.journal().run("embedded")
    down()
    bench.journal("20261121T130000-00000002").run("server")
    code, out, err = bench.run("runs", "--json")
    assert code == 0 and [row["name"] for row in json.loads(out)] == ["server"]
    assert "does not answer" in err


def test_with_the_server_down_the_journal_answers(bench: Bench, down: Callable[[], str]) -> None:
    uri = down()
    journal = bench.journal()
    record_id = journal.run("depth3", {"auc": 0.5})
    code, out, _ = bench.run("runs")
    assert code == 0 and "depth3" in out and f"{uri} does not answer" in out
    code, out, _ = bench.run("show", record_id[:10])
    assert code == 0 and "● depth3" in out and "does not answer" in out
    document = bench.json("show", "ffff", code=1)
    assert document["code"] == "store-unavailable" and "ffff" in document["message"] and document["next"]
    document = bench.json("register", record_id, "m", code=1)
    assert document["code"] == "store-unavailable" and "Nothing was registered" in document["message"]


def test_with_the_server_down_the_ledger_knows_the_run_ids(bench: Bench, down: Callable[[], str]) -> None:
    down()
    journal = bench.journal()
    record_id = journal.run("sent before")
    target = destination(bench.project)
    ledger = Segment(bench.project.publishing / f"{target.key}.ledger")
    assert ledger.append({"t": "created", "at": 1.0, "run": record_id, "run_id": "feed" * 8, "adopted": None})
    ledger.close()
    assert bench.json("runs")[0]["run_id"] == "feed" * 8
    assert bench.json("show", "feedfeed")["record_id"] == record_id


def test_a_cell_that_joined_a_run_is_found_as_that_run(bench: Bench) -> None:
    journal = bench.journal()
    whole = journal.run("fit", {"auc": 0.9})
    part = journal.run("fit", {"f1": 0.8}, part_of=whole)
    run_id = bench.publish(journal.record(whole))
    bench.store().write(run_id, tags={"bioml.parts": part})
    assert [row["record_id"] for row in bench.json("runs")] == [whole]
    assert bench.json("show", part[:16])["run_id"] == run_id


def test_found_by_any_unique_beginning(bench: Bench) -> None:
    journal = bench.journal()
    one = journal.run("one", record_id="aa" + "0" * 30)
    two = journal.run("two", record_id="ab" + "0" * 30)
    run_id = bench.publish(journal.record(two))
    for text in (one, one[:2], one[:20].upper(), one[:8] + "…"):
        assert bench.json("show", text)["record_id"] == one
    for text in (run_id, run_id[:12], two, two[:2]):
        assert bench.json("show", text)["run_id"] == run_id
    ambiguous = bench.json("show", "a", code=1)
    if run_id.startswith("a"):
        assert ambiguous["message"].startswith("a is the beginning of")
    assert ambiguous["code"] == "ambiguous" and one in ambiguous["message"] and two in ambiguous["message"]


def test_what_is_no_id(bench: Bench) -> None:
    journal = bench.journal()
    record_id = journal.run("depth3")
    document = bench.json("show", "depth3", code=1)
    assert document["code"] == "not-found" and record_id[:8] in document["message"]
    assert bench.json("show", "", code=2)["code"] == "usage"
    assert bench.json("show", "0" * 32, code=1)["next"] == "List the runs with: bioml runs"
    assert bench.json("show", "last", code=1)["code"] == "not-found"


def test_show_in_full(bench: Bench) -> None:
    journal = bench.journal()
    journal.run("depth3", {"auc": 0.9889})
    data = [{"name": "cohort.csv", "role": "read", "digest": "a41c" * 8, "size": 125_204, "path": "/x/cohort.csv"}]
    gaps = [{"part": "model", "reason": "3 earlier fits of clf not kept: use bioml.run"}]
    record_id = journal.run(
        "depth3", {"auc": 0.99314}, params={"depth": 3, "rate": 0.1}, data=data, gaps=gaps, values={"ok": True}
    )
    figure = {"kind": "display", "mime": "image/png", "blob": "b" * 64, "size": 12_000}
    journal.entry(t="output", run=record_id, o=[{"kind": "stdout", "text": "epoch 1\nepoch 2\n"}, figure])
    code, out, _ = bench.run("show", record_id)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("● depth3   finished · 3.2 s · run ")
    assert "auc 0.9931  ▲ +0.00424 vs previous" in lines[1]
    assert "depth 3  rate 0.1" in lines[2] and "data cohort.csv a41c…" in lines[2] and "after 1 cell" in lines[2]
    assert "412 MB peak" in lines[3] and "verdict: not checked" in lines[3]
    for text in (
        "125 kB",
        "3 earlier fits of clf",
        "auc = 0.9",
        "diagnosis.ipynb, cell c2",
        "not yet: bioml publish --wait",
        "  epoch 2",
        "[display: image/png, 12 kB]",
    ):
        assert text in out
    document = bench.json("show", record_id)
    assert document["record"]["params"] == {"depth": 3, "rate": 0.1} and document["run_id"] is None
    assert document["previous"]["metrics"] == {"auc": 0.9889}


def test_show_prefers_the_published_record(bench: Bench) -> None:
    """The publisher finds the digests: they are in MLflow's record, not in the journal."""
    journal = bench.journal()
    record_id = journal.run("depth3", data=[{"name": "a.csv", "role": "read", "path": "/a.csv"}])
    record = journal.record(record_id)
    digested = tuple(type(use)(**{**vars(use), "digest": "beef" * 8}) for use in record.data)
    bench.publish(record, data=digested)
    assert bench.json("show", record_id)["record"]["data"][0]["digest"] == "beef" * 8


def test_a_failed_run_shows_its_traceback(bench: Bench) -> None:
    failure = {"kind": "ValueError", "message": "no rows", "traceback": "Traceback…\nValueError: no rows"}
    record_id = bench.journal().run("broken", status="FAILED", failure=failure)
    _, out, _ = bench.run("show", record_id)
    assert out.startswith("✗ broken   failed") and "ValueError: no rows" in out.splitlines()[0] and "Traceback…" in out


def test_hostile_names_stay_on_their_line(bench: Bench) -> None:
    journal = bench.journal()
    name = "evil\x1b[2J\n\u202e日本 \udc80"
    record_id = journal.run(name, {"a\nb": 1.0}, params={"k\x07": "v\r"})
    for verb in (["runs"], ["show", record_id]):
        code, out, _ = bench.run(*verb)
        assert code == 0 and "\x1b" not in out and "\r" not in out and "\x07" not in out
    assert len(bench.run("runs")[1].splitlines()) == 3
    assert bench.json("runs")[0]["name"] == name.replace("\udc80", "\ufffd"), "as MLflow will keep it"


def test_not_a_number_is_no_json(bench: Bench) -> None:
    record_id = bench.journal().run("nan", values={"auc": {"$float": "NaN"}})
    assert bench.json("show", record_id)["record"]["values"] == {"auc": {"$float": "NaN"}}
    assert "NaN" in bench.run("show", record_id)[1]


def test_show_says_where_each_score_comes_from(bench: Bench) -> None:
    journal = bench.journal()
    fit = journal.run("gbm", source="clf.fit(X, y)", values={"scale": 1.7})
    journal.score(fit, "auc", 0.99312, source="sklearn.metrics.roc_auc_score", model="clf")
    journal.score(fit, "loss", 0.0, "loss", values=[0.5, 0.25], steps=[0, 1])
    later = journal.start("", source="# the report\n\nprint('Accuracy:', score)", record_id="c" * 32)
    journal.finish(later, execution_count=7)
    journal.score(fit, "accuracy", 0.9, "printed", source="Accuracy", digits=2, model="clf", cell=later)
    journal.score(fit, "f1", 0.8, model="clf", cell="d" * 32)
    other = journal.run("report")
    journal.score(other, "brier", 0.08, model="clf", of=fit)
    lines = bench.run("show", fit)[1].splitlines()
    cells = {words[0]: words[1:] for line in lines if (words := line.split())}
    assert cells["auc"] == ["0.9931", "returned", "by", "sklearn.metrics.roc_auc_score", "clf"]
    assert cells["loss"] == ["0.25", "2", "loss", "of", "training", "steps"], "the last of two steps"
    assert " ".join(cells["accuracy"]) == "0.90 as printed: “Accuracy” clf [7] print('Accuracy:', score)"
    assert " ".join(cells["f1"]) == "0.8 returned by a scoring call clf a later cell", "its journal is not here"
    place = lines.index("Other values (not scores, or not numbers)")
    assert lines[place + 1].split() == ["scale", "1.7"] and lines.index("Metrics") < place
    assert f"clf of gbm ({fit[:8]}…)" in bench.run("show", other)[1]
    document = bench.json("show", fit)
    assert [score["key"] for score in document["record"]["scores"]] == ["auc", "loss", "accuracy", "f1"]
    assert document["record"]["values"] == {"scale": 1.7}
    assert document["later_cells"] == [
        {"record_id": later, "cell_id": "c2", "execution_count": 7, "line": "print('Accuracy:', score)"}
    ]
    assert bench.json("show", other)["scored_runs"] == {fit: "gbm"}


def test_a_narrow_terminal_gets_the_function_without_its_modules(bench: Bench) -> None:
    journal = bench.journal()
    fit = journal.run("gbm")
    journal.score(fit, "auc", 0.99312, source="some_package.some_module.another_module.roc_auc_score", model="clf")
    lines = list(run_page(Workbench.at().runs.show(fit), 72))
    (line,) = (line for line in lines if "returned by" in line)
    assert line.split()[2:] == ["returned", "by", "roc_auc_score", "clf"] and len(line) <= 72


def test_another_projects_runs_on_the_same_server_are_left_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the git remote; a run of this project's other clone is listed, its journal is elsewhere."""
    (bench.project.root / ".git").mkdir()
    (bench.project.root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (bench.project.root / ".git/config").write_text('[remote "origin"]\n\turl = https://example.org/ours.git\n')
    store = bench.store()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    experiment, _ = store.open_experiment("diagnosis.ipynb")
    for number, remote in enumerate(("https://example.org/ours.git", "https://example.org/theirs.git", "")):
        tags = {"bioml.record_id": f"{number}" * 32} | ({"mlflow.source.git.repoURL": remote} if remote else {})
        store.create_run(experiment, f"run {number}", 1000.0 - number, tags)
    assert [row["name"] for row in bench.json("runs")] == ["run 0", "run 2"]
    assert bench.json("show", "1" * 32, code=1)["code"] == "not-found"


def test_a_newer_journal_is_named_and_the_rest_listed(bench: Bench) -> None:
    bench.journal().run("ours")
    newer = bench.journal("20261121T140000-00000003")
    newer.entry(t="session", schema=99, session="x")
    code, out, err = bench.run("runs", "--json")
    assert code == 0 and len(json.loads(out)) == 1 and "newer version" in err


def test_compare_says_what_differs_first(bench: Bench) -> None:
    journal = bench.journal()
    one = journal.run("depth3", {"auc": 0.9931, "loss": 0.1}, params={"depth": 3, "rate": 0.1})
    two = journal.run("depth5", {"auc": 0.9921, "loss": 0.1}, params={"depth": 5, "rate": 0.1}, source="auc = 0.8")
    code, out, _ = bench.run("compare", one, two)
    assert code == 0 and out.startswith("✗ The results differ: auc.")
    lines = out.splitlines()
    assert any(line.split()[:3] == ["auc", "0.9931", "0.9921"] and "▼ −0.001" in line for line in lines)
    assert any(line.split() == ["depth", "3", "5"] for line in lines)
    assert "+auc = 0.8" in out and "parameters 1" in out
    document = bench.json("compare", one, two)
    assert document["results_agree"] is False and document["left"]["record_id"] == one
    assert bench.json("compare", one, one)["equal"] is True


def test_compare_tells_none_from_what_a_run_does_not_have(bench: Bench) -> None:
    journal = bench.journal()
    one = journal.run("gbm", params={"weight": None, "seed": None, "depth": 3}, values={"cut": None})
    two = journal.run("gbm", params={"seed": 7, "depth": 3}, values={"cut": 0.5})
    _, out, _ = bench.run("compare", one, two)
    rows = [line.split() for line in out.splitlines()]
    assert ["weight", "None", "–"] in rows and ["seed", "None", "7"] in rows and ["cut", "None", "0.5"] in rows
    missing = {item["name"]: item["absent"] for item in bench.json("compare", one, two)["differences"]}
    assert missing == {"weight": "right", "seed": "", "cut": ""}


def test_compare_tells_origins_that_differ_and_puts_values_apart(bench: Bench) -> None:
    journal = bench.journal()
    one, two = (journal.run("gbm", values={"scale": scale, "n": 3}) for scale in (1.7, 2.7))
    for run, score in (
        (one, {"origin": "printed", "source": "AUC", "digits": 2}),
        (two, {"source": "m.roc_auc_score"}),
    ):
        journal.score(run, "auc", 0.93 if run == one else 0.9342, **score)
        journal.score(run, "f1", 0.8, source="m.f1_score")
    _, out, _ = bench.run("compare", one, two)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "✗ The results differ: scale (a value)."
    place = lines.index("auc 0.93 0.9342 = (as printed)")
    assert lines[place + 1] == "comes from as printed: “AUC” returned by roc_auc_score"
    assert sum("comes from" in line for line in lines) == 1, "f1 comes from the same function"
    assert lines[lines.index("Other values (not scores, or not numbers)") + 2] == "scale 1.7 2.7"
    pair = bench.json("compare", one, two)["metrics"][0]
    assert (pair["relation"], pair["left_score"]["digits"]) == ("agrees as printed", 2)
