"""One run: its page, its files, what can be done with it."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from front_case import Bench, SyntheticJournal
from server_case import API, Server, address

from jupyter_bioml.canonical import bytes_digest
from jupyter_bioml.config import Project, destination_at
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.store.base import SHARED_FILE
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.shared import Shared, SharedFile
from jupyter_bioml.views.detail import links_of
from jupyter_bioml.views.shapes import Links

Make = Callable[..., SyntheticJournal]
PIXEL = bytes.fromhex("89504e470d0a1a0a")
SCRIPT = "<script>alert(document.cookie)</script>"


@pytest.fixture
def ask(server: Server, project: Project) -> Callable[..., Any]:
    """The document of a GET in the project."""
    return lambda path, **query: server.json(path, path=project.root.name, **query)


@pytest.fixture
def tell(server: Server, project: Project) -> Callable[..., Any]:
    """A request that changes something: (status, document)."""

    def send(verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        reply = server.send(verb, address(path, path=project.root.name), body)
        return reply.status, reply.json

    return send


def test_the_page_of_a_run(project: Project, journal: Make, ask: Callable[..., Any]) -> None:
    made, blobs = journal(), Blobs(project.blobs)
    document = {
        "python": {"version": "3.11.7"},
        "os": {"system": "Linux"},
        "distributions": [{"name": "numpy", "version": "2.0"}],
    }
    made.entry(t="environment", digest="e1", blob=blobs.put(json.dumps(document).encode()))
    first = made.run("a", {"auc": 0.8}, source="x = 1")
    document["distributions"] = [{"name": "numpy", "version": "2.1"}]
    made.entry(t="environment", digest="e2", blob=blobs.put(json.dumps(document).encode()))
    second = made.run("a", {"auc": 0.9, "timing.fit_s": 1.0}, source="x = 2")
    found = ask(f"/runs/{second[:12]}")
    assert found["row"]["record_id"] == second and found["record"]["code"]["source"] == "x = 2"
    assert found["previous"]["record_id"] == first and found["row"]["environment_changed"] is True
    assert found["group"] == {"name": "a", "runs": 2, "best": second, "latest": second}
    assert found["environment"]["packages"] == {"numpy": "2.1"} and found["environment"]["python"] == "3.11.7"
    assert {"name": "numpy", "before": "2.0", "after": "2.1"} in found["environment_changes"]
    assert [cell["source"] for cell in found["code_before"]] == ["x = 1"]
    assert (
        found["links"] == {"mlflow": None, "mlflow_command": None} and found["versions"] == [] and found["git"] is None
    )


def test_the_page_says_which_later_cell_showed_a_score(journal: Make, ask: Callable[..., Any]) -> None:
    made = journal()
    run = made.run("a", values={"scale": 1.7})
    later = made.start("", source="\n# as a table\nreport(clf)")
    made.finish(later, execution_count=7)
    made.score(run, "auc", 0.9, source="m.roc_auc_score", model="clf", cell=later)
    made.score(run, "f1", 0.8, cell="f" * 32)
    other = made.run("b")
    made.score(other, "auc", 0.7, of=run)
    found = ask(f"/runs/{run}")
    assert [(one["key"], one["cell"]) for one in found["record"]["scores"]] == [("auc", later), ("f1", "f" * 32)]
    assert found["record"]["values"] == {"scale": 1.7} and found["row"]["metrics"] == {"auc": 0.9, "f1": 0.8}
    assert found["later_cells"] == [
        {"record_id": later, "cell_id": "c2", "execution_count": 7, "line": "report(clf)"}
    ], "of a cell that is not in the journal nothing is known"
    assert ask(f"/runs/{other}")["scored_runs"] == {run: "a"} and found["scored_runs"] == {}


def test_series_are_thinned_without_losing_a_spike(journal: Make, ask: Callable[..., Any]) -> None:
    made = journal()
    run = made.start("a")
    for step in range(3000):
        made.entry(t="log", run=run, m={"loss": 100.0 if step == 1234 else 1 / (step + 1)}, step=step)
    made.finish(run, metrics={"auc": 0.5})
    whole = ask(f"/runs/{run}/series", limit=10_000)
    assert (
        list(whole["series"]) == ["loss"] and len(whole["series"]["loss"]["steps"]) == 3000 and not whole["truncated"]
    )
    thin = ask(f"/runs/{run}/series", key=["loss", "auc"], limit=100)
    loss = thin["series"]["loss"]
    assert thin["truncated"] and len(loss["steps"]) <= 100 and loss["steps"] == sorted(loss["steps"])
    assert max(loss["values"]) == 100.0 and (loss["steps"][0], loss["steps"][-1]) == (0, 2999)
    assert thin["series"]["auc"]["values"] == [0.5]
    assert ask(f"/runs/{run}")["series_keys"] == ["loss"]


def test_series_of_metrics_with_any_name(journal: Make, ask: Callable[..., Any]) -> None:
    made = journal()
    names = ["f1, macro", "f1", " macro", ",", "auc&limit=4", "sensitivity (%)", "\U0001f9ec"]
    run = made.start("a")
    for step in range(2):
        made.entry(t="log", run=run, m={name: float(step + at) for at, name in enumerate(names)}, step=step)
    made.finish(run)
    for at, name in enumerate(names):
        assert ask(f"/runs/{run}/series", key=name)["series"] == {
            name: {
                "steps": [0, 1],
                "values": [at, at + 1.0],
                "times": ask(f"/runs/{run}/series", key=name)["series"][name]["times"],
            }
        }
    assert list(ask(f"/runs/{run}/series", key=names[:2])["series"]) == names[:2]
    assert set(ask(f"/runs/{run}/series")["series"]) == set(ask(f"/runs/{run}")["series_keys"]) == set(names)


@pytest.mark.parametrize(
    ("uri", "page", "command"),
    [
        ("http://mlflow.example:5000/", "http://mlflow.example:5000/#/runs/f00d", None),
        ("sqlite:////data/a b/mlflow.db", None, "mlflow ui --backend-store-uri 'sqlite:////data/a b/mlflow.db'"),
        ("postgresql://mlflow.example/runs", None, None),  # its password is known to the user alone
    ],
)
def test_where_a_run_is_seen_in_mlflow(uri: str, page: str | None, command: str | None) -> None:
    target = destination_at(uri)
    assert links_of(target, "f00d") == Links(page, command)
    assert links_of(target, None) == Links(None, None), "it is not there yet"


def test_resources_say_what_is_absent(journal: Make, ask: Callable[..., Any]) -> None:
    made = journal()
    run = made.start("a")
    gpu = {"index": 0, "name": "G", "utilization_percent": 40, "memory_used": 9, "own_memory": 4}
    made.entry(t="reading", cpu_percent=99.5, rss=1000, gpus=[gpu, {"index": 1, "memory_used": 7}])
    made.finish(run)
    found = ask(f"/runs/{run}/resources")
    (point,) = found["points"]
    assert (point["cpu_percent"], point["rss"], point["read_bytes"]) == (99.5, 1000, None)
    assert point["gpus"][0] == {
        "index": 0,
        "utilization_percent": 40,
        "memory": 4,
        "own": True,
        "energy_millijoules": None,
    }
    assert point["gpus"][1]["utilization_percent"] is None and point["gpus"][1]["own"] is False
    assert found["absent"] == [] and found["peak_rss"] == 412_000_000
    short = ask(f"/runs/{made.run('b')}/resources")
    assert short["points"] == [] and short["absent"], "none, with the reason"


def test_outputs_are_text_or_bytes_never_a_page(project: Project, journal: Make, ask: Callable[..., Any]) -> None:
    made, blobs = journal(), Blobs(project.blobs)
    run = made.start("a")
    outputs = [
        {"kind": "stdout", "text": SCRIPT, "mime": "text/plain", "size": len(SCRIPT)},
        {"kind": "display", "mime": "image/png", "blob": blobs.put(PIXEL), "size": 8},
        {"kind": "result", "mime": "text/html", "blob": blobs.put(SCRIPT.encode()), "size": 40},
        {"kind": "display", "mime": "image/png", "blob": "0" * 64, "size": 8, "cut": True},
    ]
    made.entry(t="output", run=run, o=outputs)
    made.finish(run)
    text, picture, page, gone = ask(f"/runs/{run}/outputs")
    assert (text["kind"], text["text"]) == ("stdout", SCRIPT)
    assert base64.b64decode(picture["data"]) == PIXEL and picture["text"] is None
    assert page["text"] == SCRIPT and page["mime"] == "text/html"
    assert (gone["text"], gone["data"], gone["cut"]) == (None, None, True)


def test_files_are_saved_never_shown(
    server: Server, project: Project, journal: Make, store: MlflowStore, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    made = journal()
    content = Blobs(project.blobs).put(SCRIPT.encode())
    run = made.start("a")
    made.entry(t="artifact", run=run, path="plots/page.html", blob=content, size=len(SCRIPT))
    made.finish(run)
    assert ask(f"/runs/{run}/files") == [{"path": "plots/page.html", "size": len(SCRIPT)}]
    reply = server.get(f"/runs/{run}/files/plots/page.html", path=project.root.name)
    assert reply.body == SCRIPT.encode()
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "sandbox"
    assert reply.headers["content-type"] == "application/octet-stream"
    for path in ("plots", "plots/../plots/page.html", "../x", "/etc/passwd", "plots/page.html%00"):
        refused = server.send("GET", f"{API}/runs/{run}/files/{path}?path={project.root.name}")
        assert refused.status == 404 and set(refused.json) == {"code", "message", "next"}


def test_the_files_of_a_published_run(
    server: Server,
    project: Project,
    journal: Make,
    empty_database: Path,
    capfd: pytest.CaptureFixture[str],
    ask: Callable[..., Any],
) -> None:
    made = journal()
    run_id = Bench(project, empty_database, capfd).publish(made.record(made.run("a")))
    listed = ask(f"/runs/{run_id}/files")
    (entry,) = [one for one in listed if one["path"] == "bioml/record.json"]
    reply = server.get(f"/runs/{run_id}/files/bioml/record.json", path=project.root.name)
    assert len(reply.body) == entry["size"] and reply.json["name"] == "a"


def test_files_that_a_child_shares_are_listed_and_saved(
    server: Server,
    project: Project,
    journal: Make,
    empty_database: Path,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    ask: Callable[..., Any],
) -> None:
    made, bench = journal(), Bench(project, empty_database, capfd)
    above, child = (bench.publish(made.record(made.run(name))) for name in ("above", "child"))
    content = bench.store().read_artifact(above, "bioml/record.json")
    file = SharedFile("bioml/record.json", bytes_digest(content), len(content))
    (tmp_path / "shared" / "bioml").mkdir(parents=True)
    (tmp_path / "shared" / SHARED_FILE).write_bytes(Shared(above, "0" * 32, {"cell.py": file}).dump())
    bench.store().add_artifacts(child, tmp_path / "shared")
    assert {"path": "bioml/cell.py", "size": len(content)} in ask(f"/runs/{child}/files")
    assert server.get(f"/runs/{child}/files/bioml/cell.py", path=project.root.name).body == content


def test_comparing(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    first = made.run("a", {"auc": 0.8, "loss": 0.1}, source="x = 1\ny = 2", params={"depth": 3, "kind": "f"})
    second = made.run("b", {"auc": 0.9, "loss": 0.2}, source="x = 1\ny = 3", params={"depth": 5, "kind": "f"})
    third = made.run("c", {"auc": 0.9}, source="x = 1\ny = 2")
    status, found = tell("POST", "/compare", {"runs": [first, second, third]})
    assert status == 200 and [row["name"] for row in found["runs"]] == ["a", "b", "c"]
    sections = {one["section"]: {row["key"]: row for row in one["rows"]} for one in found["sections"]}
    assert list(sections) == ["metrics", "parameters", "defaults", "values", "data", "environment"]
    assert sections["parameters"]["depth"]["values"] == [3, 5, None] and sections["parameters"]["depth"]["differs"]
    assert sections["metrics"]["auc"]["best"] == 1 and sections["metrics"]["loss"]["best"] == 0
    assert [(line["kind"], line["left"], line["right"], line["text"]) for line in found["code"][0]["lines"]] == [
        (" ", 1, 1, "x = 1"), ("-", 2, None, "y = 2"), ("+", None, 2, "y = 3"),
    ]  # fmt: skip
    assert {line["kind"] for line in found["code"][1]["lines"]} == {" "}
    assert tell("POST", "/compare", {"runs": [first]})[0] == 400
    assert tell("POST", "/compare", {"runs": [first, first]})[0] == 400
    assert tell("POST", "/compare", {"runs": [first, "f" * 32]})[0] == 404


def test_what_is_none_is_not_what_is_not_there(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    first = made.run("a", params={"depth": None, "clf.criterion": "gini", "clf.tol": 0.1})
    second = made.run("b", params={"rate": 0.3, "clf.criterion": "gini", "clf.tol": 0.1})
    _, found = tell("POST", "/compare", {"runs": [first, second]})
    rows, defaults = (one["rows"] for one in found["sections"] if one["section"] in ("parameters", "defaults"))
    assert [(row["key"], row["values"], row["absent"], row["differs"]) for row in rows] == [
        ("depth", [None, None], [1], True),
        ("rate", [None, 0.3], [0], True),
        ("clf.criterion", ["gini", "gini"], [], False),
        ("clf.tol", [0.1, 0.1], [], False),
    ]
    assert defaults == [], "earlier versions did not record which they are"


def test_what_nobody_set_is_told_from_what_somebody_did(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    common = {"clf.tol": 0.1, "clf.criterion": "gini"}
    first = made.run("a", params={"depth": 3, **common}, defaults=["clf.tol", "clf.criterion"])
    second = made.run(
        "b", params={"clf.criterion": "log_loss", "clf.tol": 0.1, "clf.cut": None}, defaults=["clf.tol", "clf.cut"]
    )
    _, found = tell("POST", "/compare", {"runs": [first, second]})
    keys = {one["section"]: [row["key"] for row in one["rows"]] for one in found["sections"]}
    assert list(keys)[:3] == ["metrics", "parameters", "defaults"]
    assert keys["parameters"] == ["depth", "clf.criterion"], "one of them set it"
    assert keys["defaults"] == ["clf.cut", "clf.tol"], "what differs first"


def test_comparing_says_where_scores_come_from_and_keeps_values_apart(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    runs = [made.run(name, values={"scale": float(place), "n": 3}) for place, name in enumerate("abc")]
    printed = {"origin": "printed", "source": "AUC", "digits": 2}
    for run, auc, how in zip(runs, (0.93, 0.9342, 0.8), (printed, {}, {}), strict=True):
        made.score(run, "auc", auc, **how)
        made.score(run, "f1", auc)
    _, found = tell("POST", "/compare", {"runs": runs})
    sections = {one["section"]: {row["key"]: row for row in one["rows"]} for one in found["sections"]}
    auc, f1 = sections["metrics"]["auc"], sections["metrics"]["f1"]
    assert [score["digits"] for score in auc["scores"]] == [2, None, None] and f1["scores"] == []
    assert (auc["best"], f1["best"]) == (None, 1), "0.93 as printed may be better than 0.9342"
    scale = sections["values"]["scale"]
    assert (scale["values"], scale["differs"], scale["best"]) == ([0.0, 1.0, 2.0], True, None)
    assert not sections["values"]["n"]["differs"] and not {"scale", "n"} & set(sections["metrics"])
    _, two = tell("POST", "/compare", {"runs": runs[:2]})
    assert not two["sections"][0]["rows"][-1]["differs"], "0.9342 agrees with what was printed as 0.93"


def test_lines_end_where_python_ends_them(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    pair = [made.run("a", source=f"a = '\u2028\x0c\x85'\r\nb = {value}\rc = 2\n") for value in (1, 2)]
    _, found = tell("POST", "/compare", {"runs": pair})
    assert [(line["kind"], line["left"], line["right"], line["text"]) for line in found["code"][0]["lines"]] == [
        (" ", 1, 1, "a = '\u2028\x0c\x85'"), ("-", 2, None, "b = 1"), ("+", None, 2, "b = 2"), (" ", 3, 3, "c = 2"),
    ]  # fmt: skip


def test_errors_have_one_form(journal: Make, tell: Callable[..., Any]) -> None:
    made = journal()
    made.run("a", record_id="ab" + "0" * 30)
    made.run("b", record_id="ab" + "1" * 30)
    status, found = tell("GET", "/runs/ab")
    assert (status, found["code"]) == (409, "ambiguous") and found["next"]
    status, found = tell("GET", "/runs/cd")
    assert (status, found["code"]) == (404, "not-found")
    status, found = tell("GET", "/runs/no-hex")
    assert (status, found["code"]) == (404, "not-found")


def test_a_run_is_changed_and_deleted(
    server: Server, journal: Make, tell: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    made = journal()
    run, other = made.run("a"), made.start("runs still")
    status, row = tell("PATCH", f"/runs/{run}", {"name": "<b>best</b>", "note": "look", "starred": True})
    assert (status, row["name"], row["note"], row["starred"]) == (200, "<b>best</b>", "look", True)
    assert [one["name"] for one in ask("/runs", scope="project", starred=1)["rows"]] == ["<b>best</b>"]
    tell("PATCH", f"/runs/{run}", {"archived": True})
    assert run not in [one["record_id"] for one in ask("/runs", scope="project")["rows"]]
    assert run in [one["record_id"] for one in ask("/runs", scope="project", archived=1)["rows"]]
    assert tell("PATCH", f"/runs/{run}", {})[0] == 400 and tell("PATCH", f"/runs/{run}", {"name": " "})[0] == 400
    assert tell("DELETE", f"/runs/{other}")[0] == 409
    status, deleted = tell("DELETE", f"/runs/{run}")
    assert (status, deleted["record_id"], deleted["deleted"], deleted["unsaid"]) == (200, run, True, None)
    assert tell("GET", f"/runs/{run}")[0] == 404
    assert [one["record_id"] for one in ask("/runs", scope="project", archived=1)["rows"]] == [other]


def test_a_run_is_exported(server: Server, project: Project, journal: Make) -> None:
    made = journal()
    run = made.run("a", {"auc": 0.9})
    reply = server.get(f"/runs/{run}/export", path=project.root.name)
    assert reply.headers["content-type"] == "application/zip" and reply.headers["content-disposition"].startswith(
        "attachment"
    )
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None and any(name.endswith("record.json") for name in archive.namelist())


def test_a_version_is_registered_and_found_by_plain_mlflow(
    server: Server,
    project: Project,
    journal: Make,
    store: MlflowStore,
    tell: Callable[..., Any],
    ask: Callable[..., Any],
) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "front"))
    from test_front_register import ROWS, give_model

    made = journal()
    run, bare = give_model(made, "logreg", {"acc": 0.97}), made.run("bare")
    offer = ask(f"/runs/{run}/register")
    assert (
        offer["can"] and offer["suggested_name"] == "logreg" and offer["will_store"] and "champion" in offer["aliases"]
    )
    refused = ask(f"/runs/{bare}/register")
    assert refused["can"] is False and "no model" in refused["refusal"]["message"] and refused["refusal"]["next"]
    status, version = tell(
        "POST", f"/runs/{run}/register", {"name": "flowers", "alias": "champion", "description": "good"}
    )
    assert (status, version["name"], version["version"], version["aliases"]) == (201, "flowers", "1", ["champion"]), (
        version
    )
    assert (version["record_id"], version["run_name"], version["notebook"], version["user"]) == (
        run,
        "logreg",
        "diagnosis.ipynb",
        "ada",
    )
    import mlflow

    uri = f"sqlite:///{project.home / 'mlflow.db'}"
    plain = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri).get_model_version_by_alias("flowers", "champion")
    assert (str(plain.version), plain.run_id, plain.description) == ("1", version["run_id"], "good")
    assert len(store.load_model(version["uri"]).predict(ROWS)) == len(ROWS)
    (model,) = ask("/models")
    assert (model["name"], model["description"]) == ("flowers", "")
    assert [(one["version"], one["description"]) for one in model["versions"]] == [("1", "good")]
    about = "<b>three</b> species\nby petals"
    mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri).update_registered_model("flowers", about)
    assert ask("/models")[0]["description"] == about
    assert ask(f"/runs/{run}/register")["names"] == [{"name": "flowers", "next_version": "2"}]
    assert ask(f"/runs/{run}")["versions"][0]["uri"] == "models:/flowers/1"
    assert tell("PUT", "/models/flowers/aliases/best", {"version": "1"})[1]["aliases"] == ["best", "champion"]
    assert tell("PUT", "/models/flowers/aliases/v1", {"version": "1"})[0] == 400
    assert tell("PUT", "/models/flowers/aliases/best", {"version": "7"})[0] in (404, 409)
    assert tell("DELETE", "/models/flowers/aliases/best") == (
        200,
        {"name": "flowers", "alias": "best", "deleted": True},
    )
    assert tell("DELETE", "/models/flowers/aliases/best")[0] in (404, 409)
    assert ask("/models")[0]["versions"][0]["aliases"] == ["champion"]
    status, error = tell("POST", f"/runs/{bare}/register", {"name": "flowers"})
    assert (status, error["code"]) == (409, "refused") and "Nothing was registered" in error["message"]
