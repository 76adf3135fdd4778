"""The commands for living with runs: ``rename``, ``note``, ``tag``, ``star``, ``archive``, ``groups``, ``export``, ``forget``."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from front_case import Bench


def test_renamed_noted_starred_archived(bench: Bench) -> None:
    journal = bench.journal()
    record_id, other = journal.run("depth3"), journal.run("depth5")
    bench.publish(journal.record(record_id))
    code, out, _ = bench.run("rename", record_id[:8], "gbm-final")
    assert code == 0 and out.startswith(f"✓ gbm-final   run {record_id[:8]}")
    assert bench.json("note", record_id, "in the paper")["note"] == "in the paper"
    assert bench.json("star", other)["starred"] is True
    assert "not in MLflow yet; it will be sent with this change" in bench.run("star", other)[1], (
        "said again, nothing changes"
    )
    _, out, _ = bench.run("runs")
    assert "★ depth5" in out and "gbm-final" in out and "depth3" not in out
    assert bench.json("archive", other)["archived"] is True
    _, out, _ = bench.run("runs")
    assert "depth5" not in out and "1 archived is left out: --archived" in out
    assert "★ depth5 (archived)" in bench.run("runs", "--archived")[1]
    assert [row["record_id"] for row in bench.json("runs")] == [record_id]
    assert [row["record_id"] for row in bench.json("runs", "--archived")] == [other, record_id]
    assert bench.json("unarchive", other)["archived"] is bench.json("unstar", other)["starred"] is False
    assert len(bench.json("runs")) == 2
    assert "in the paper" in bench.run("show", record_id)[1]


def test_tags_are_set_and_removed_after_the_run(bench: Bench) -> None:
    journal = bench.journal()
    record_id = journal.run("depth3")
    bench.publish(journal.record(record_id))
    code, out, _ = bench.run("tag", record_id[:8], "stage=final", "site=north", "query=a=b", "empty=")
    assert code == 0 and out.splitlines()[1] == "  tags: empty=   query=a=b   site=north   stage=final"
    document = bench.json("tag", record_id, "stage=draft", "--remove", "site", "--remove", "empty")
    assert document["tags"] == {"query": "a=b", "stage": "draft"}
    assert bench.json("runs")[0]["tags"] == document["tags"]
    assert bench.run("tag", record_id, "--remove", "stage", "--remove", "query")[1].splitlines()[1] == "  no tags"


def test_a_word_that_is_no_tag_is_refused(bench: Bench) -> None:
    record_id = bench.journal().run("depth3")
    for words in (["stage"], ["=final"], [], ["a=1", "--remove", "a"], ["mlflow.user=ada"], ["--remove", "bioml.mark"]):
        assert bench.json("tag", record_id, *words, code=2)["code"] == "usage", words
    assert bench.json("runs")[0]["tags"] == {}


def test_with_the_server_down_it_is_kept_and_said(bench: Bench, down: Callable[[], str]) -> None:
    down()
    journal = bench.journal()
    record_id = journal.run("depth3")
    from jupyter_bioml.config import destination
    from jupyter_bioml.journal.log import Segment

    ledger = Segment(bench.project.publishing / f"{destination(bench.project).key}.ledger")
    assert ledger.append({"t": "created", "at": 1.0, "run": record_id, "run_id": "feed" * 8, "adopted": None})
    ledger.close()
    code, out, _ = bench.run("rename", record_id, "kept")
    assert code == 0 and "✓ kept" in out and "MLflow does not have this change yet" in out and "publish --wait" in out
    assert any(item["name"] == "kept" for item in bench.json("status")["waiting"])
    document = bench.json("forget", record_id, "--yes", code=1)
    assert document["code"] == "store-unavailable" and "Nothing was deleted" in document["message"]


def test_hostile_names_stay_on_their_line(bench: Bench) -> None:
    record_id = bench.journal().run("plain")
    code, out, _ = bench.run("rename", record_id, "<img src=x onerror=alert(1)>\x1b[2J\n\u202e" + "x" * 10_000)
    assert code == 0 and "\x1b" not in out and "\u202e" not in out
    code, out, _ = bench.run("runs")
    assert code == 0 and "\x1b" not in out and len(out.splitlines()) == 3
    assert bench.json("rename", record_id, "", code=2)["code"] == "usage"


def test_reproductions_are_marked(bench: Bench) -> None:
    journal = bench.journal()
    first = journal.run("baseline")
    journal.run("baseline", reproduces=first)
    lines = bench.run("runs", "--all")[1].splitlines()
    assert "reproduces" in lines[0] and first[:8] in lines[1] and lines[2].count(first[:8]) == 1
    assert "reproduces" not in bench.run("runs")[1]


def test_groups_have_a_best_and_a_latest(bench: Bench) -> None:
    journal = bench.journal()
    ids = [journal.run("fit", {"auc": auc, "val_loss": loss}) for auc, loss in ((0.9, 0.3), (0.95, 0.5), (0.93, 0.4))]
    journal.run("fit", {"auc": 0.99, "val_loss": 0.01}, status="FAILED")
    last = journal.run("other", {"rmse": 2.0})
    groups = bench.json("groups")
    assert [(group["name"], group["runs"]) for group in groups] == [("other", 1), ("fit", 4)]
    assert (groups[1]["metric"], groups[1]["best"], groups[1]["value"]) == ("auc", ids[1], 0.95), (
        "failed ones do not win"
    )
    assert groups[0]["latest"] == groups[0]["best"] == last
    by_loss = bench.json("groups", "--metric", "val_loss")
    assert by_loss[1]["best"] == ids[0] and by_loss[0]["best"] is None and by_loss[0]["value"] is None
    _, out, _ = bench.run("groups")
    assert "fit" in out and "0.95" in out and ids[1][:8] in out
    refused = bench.json("groups", "--metric", "nowhere", code=2)
    assert refused["code"] == "usage" and "'nowhere'" in refused["message"] and "--metrics NAME" in refused["next"]
    assert "not a score is a value" in refused["message"], "what may have become of the name"


def test_export_writes_a_zip(bench: Bench, tmp_path: Path) -> None:
    record_id = bench.journal().run("depth 3/4")
    code, out, _ = bench.run("export", record_id)
    assert code == 0 and f"depth_3_4-{record_id[:8]}.zip" in out
    document = bench.json("export", record_id, str(tmp_path / "named.zip"))
    assert document["file"] == str(tmp_path / "named.zip") and document["bytes"] > 0
    with zipfile.ZipFile(document["file"]) as archive:
        assert {"README.txt", "record.json", "cell.py", "slice.ipynb", "metrics.csv"} <= set(archive.namelist())
    assert bench.json("export", "0" * 32, code=1)["code"] == "not-found"


def test_forget_deletes_after_it_was_confirmed(bench: Bench) -> None:
    journal = bench.journal()
    record_id = journal.run("bad idea")
    run_id = bench.publish(journal.record(record_id))
    document = bench.json("forget", record_id, code=2)
    assert document["code"] == "usage" and "--yes" in document["next"] and len(bench.json("runs")) == 1
    assert answered("n\n", "forget", record_id) == 1 and len(bench.json("runs")) == 1
    running = journal.start("long")
    assert bench.json("forget", running, "--yes", code=1)["code"] == "refused"
    document = bench.json("forget", record_id[:10], "--yes", "--why", "wrong cohort")
    assert document["deleted"] is True and document["run_id"] == run_id
    assert [row["record_id"] for row in bench.json("runs")] == [running]
    again = bench.json("forget", record_id, "--yes", code=1)
    assert again["code"] == "not-found" and "was deleted by" in again["message"]


def answered(text: str, *arguments: str) -> int:
    """A command on a terminal at which somebody types ``text``; its exit code."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "jupyter_bioml.cli", *arguments], stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    os.write(leader, text.encode())
    code = child.wait(60)
    os.close(leader)
    return code


def test_forget_on_a_terminal(bench: Bench) -> None:
    record_id = bench.journal().run("bad idea")
    assert answered("y\n", "forget", record_id) == 0
    assert bench.json("runs") == []
