"""MLflow that does not answer, or answers slowly; jobs, and what becomes of them when the server stops."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from front_case import SyntheticJournal
from server_case import Server, address

from jupyter_bioml.config import Project, find_project

SLEEP = "import time\ntime.sleep(600)"


class Silence:
    """A server that accepts and never answers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.callers: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.callers.append(self._socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._socket.close()
        for caller in self.callers:
            caller.close()


@pytest.fixture(scope="module")
def silence() -> Iterator[Silence]:
    made = Silence()
    yield made
    made.close()


@pytest.fixture(scope="module")
def lonely(silence: Silence, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose MLflow never answers."""
    base = tmp_path_factory.mktemp("lonely")
    (base / "root" / ".bioml").mkdir(parents=True)
    variables = {"MLFLOW_TRACKING_URI": silence.uri, "MLFLOW_HTTP_REQUEST_TIMEOUT": "2"}
    server = Server(base / "root", base / "home", variables).start()
    yield server
    server.stop()


@pytest.fixture
def run(lonely: Server, silence: Silence, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished run in its project that would sleep if it were run again."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", silence.uri)
    project: Project = find_project(lonely.root)
    made = SyntheticJournal(project, f"20261121T120000-{os.urandom(4).hex()}")
    record_id = made.run("sleeper", {"auc": 0.9}, source=SLEEP)
    made.entry(t="closed")
    made.die()
    return record_id


def test_while_mlflow_is_silent_the_journal_answers(lonely: Server, silence: Silence, run: str) -> None:
    """The event loop and the quick threads go on while requests wait for MLflow."""
    waiting: list[int] = []

    def ask() -> None:
        waiting.append(lonely.get("/models").status)

    called = len(silence.callers)
    threads = [threading.Thread(target=ask) for _ in range(10)]  # more than there are patient threads
    for thread in threads:
        thread.start()
    lonely.wait(lambda: len(silence.callers) > called, "a request to be at MLflow")
    page = lonely.json("/runs", scope="project")
    assert [row["record_id"] for row in page["rows"]].count(run) == 1
    assert lonely.json("/status")["waiting"] and lonely.json("/live")["runs"] == []
    assert not waiting, "all of that was answered while the others waited"
    for thread in threads:
        thread.join(60)
    assert set(waiting) == {503}


def test_mlflow_down_is_said_and_the_run_is_there(lonely: Server, run: str) -> None:
    down = lonely.wait(lambda: lonely.json("/runs", scope="project")["down"], "the outage to be noticed")
    assert "does not respond" in down
    assert lonely.json("/")["down"] == down and lonely.json("/")["embedded"] is False
    detail = lonely.json(f"/runs/{run}")
    assert detail["row"]["state"] == "FINISHED" and detail["record"]["code"]["source"] == SLEEP
    reply = lonely.send("POST", address(f"/runs/{run}/register"), {"name": "m"})
    assert reply.status == 503 and reply.json["code"] == "store-unavailable" and reply.json["next"]
    assert lonely.send("PATCH", address(f"/runs/{run}"), {"starred": True}).json["starred"] is True


def test_a_job_ends_with_its_answer(server: Server, project: Project) -> None:
    where = {"path": project.root.name}
    reply = server.send("POST", address("/jobs", **where), {"kind": "publish"})
    assert reply.status == 202 and reply.json["state"] == "running"
    identity = reply.json["job_id"]
    done = server.wait(lambda: _ended(server, identity, where), "the job's end", 60)
    assert (done["state"], done["error"]) == ("done", None) and done["result"]["waiting"] == []
    assert [job["job_id"] for job in server.json("/jobs", **where)] == [identity]
    assert server.json("/jobs", path="") == [], "another project's jobs are not listed"
    assert server.get(f"/jobs/{identity}", path="").status == 404
    for wrong in ({"kind": "reproduce"}, {"kind": "publish", "run": "ab"}, {"kind": "rm"}):
        assert server.send("POST", address("/jobs", **where), wrong).status == 400
    unknown = {"kind": "reproduce", "run": "f" * 32}
    assert server.send("POST", address("/jobs", **where), unknown).status == 404


def test_a_job_imports_nothing_from_the_projects_folder(server: Server, project: Project) -> None:
    """``python -m`` alone would look for click and json in the folder where the job works."""
    for module in ("click", "json", "jupyter_bioml"):
        trap = f"raise SystemExit('the project's {module}.py was imported')\n"
        (project.root / f"{module}.py").write_text(trap, encoding="utf-8")
    where = {"path": project.root.name}
    identity = server.send("POST", address("/jobs", **where), {"kind": "publish"}).json["job_id"]
    done = server.wait(lambda: _ended(server, identity, where), "the job's end", 60)
    assert (done["state"], done["error"], done["progress"]) == ("done", None, []), done


def _ended(server: Server, identity: str, where: dict[str, str]) -> Any:
    job = server.json(f"/jobs/{identity}", **where)
    return job if job["state"] != "running" else None


def family(run: str) -> set[int]:
    """Processes that reproduce a run: the command, and the kernel it started."""
    found = set()
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                text = Path(f"/proc/{name}/cmdline").read_bytes() + Path(f"/proc/{name}/environ").read_bytes()
            except OSError:
                continue
            if run.encode() in text and b"pytest" not in text.split(b"\x00")[0]:
                found.add(int(name))
    return found


def test_jobs_are_cancelled_and_end_with_the_server(lonely: Server, run: str) -> None:
    request = {"kind": "reproduce", "run": run}
    first, second = (lonely.send("POST", address("/jobs"), request) for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    third = lonely.send("POST", address("/jobs"), request)
    assert (third.status, third.json["code"]) == (409, "refused")
    identity = first.json["job_id"]
    cell = lonely.wait(lambda: _progress(lonely, identity, "cell 1 of 1"), "the kernel to run the cell", 90)
    assert cell
    before = family(run)
    cancelled = lonely.send("DELETE", address(f"/jobs/{identity}"))
    assert (cancelled.status, cancelled.json["state"], cancelled.json["error"]["code"]) == (
        200,
        "cancelled",
        "cancelled",
    )
    assert cancelled.json["ended"] is not None
    assert len(before - family(run)) >= 2, "the first command and its kernel are gone"
    assert lonely.send("DELETE", address(f"/jobs/{identity}")).json["state"] == "cancelled", "a second time is none"
    lonely.wait(lambda: _progress(lonely, second.json["job_id"], "cell 1 of 1"), "the other to run", 90)
    assert family(run)
    lonely.stop()
    lonely.wait(lambda: not family(run), "every process of the job to end")


def _progress(server: Server, identity: str, words: str) -> bool:
    job = server.json(f"/jobs/{identity}")
    assert job["state"] == "running", job
    return any(words in line for line in job["progress"])
