"""``doctor``: what is amiss is found, named, and comes with what to do."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from front_case import Bench

from jupyter_bioml.config import Destination, Project
from jupyter_bioml.doctor import diagnose, installation, places


def checks(bench: Bench, code: int = 0) -> dict[str, Any]:
    document = bench.json("doctor", code=code)
    assert document["ok"] is (code == 0)
    return {check["name"]: check for check in document["checks"]}


def test_a_sound_installation_is_ready(bench: Bench) -> None:
    found = checks(bench)
    assert {check["state"] for check in found.values()} <= {"ok", "warn"}
    assert metadata.version("mlflow") in found["packages"]["detail"]
    assert "python3" in found["kernels"]["detail"]
    assert found["mlflow"]["detail"].endswith("will be created when the first run is published")
    assert not (bench.project.home / "mlflow.db").exists(), "looking makes nothing"
    code, out, _ = bench.run("doctor")
    assert code == 0 and out.splitlines()[0].startswith("✓ python") and "Ready" in out.splitlines()[-1]


def test_everything_amiss_says_what_to_do(bench: Bench, down: Callable[[], str]) -> None:
    uri = down()
    bench.journal().run("waits")
    found = checks(bench, code=1)
    assert found["mlflow"]["state"] == "fail" and uri in found["mlflow"]["detail"] and found["mlflow"]["fix"]
    assert found["publishing"]["state"] == "warn" and found["publishing"]["fix"] == "bioml publish --wait"
    code, out, _ = bench.run("doctor")
    assert code == 1 and "→ Start it" in out and out.splitlines()[-1] == "1 to fix."


def test_requirements_are_checked_against_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == "dvc":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "mlflow" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    check = installation.packages()
    assert check.state == "fail" and "dvc missing" in check.detail and "mlflow 1.0 (needs" in check.detail
    assert '"mlflow<4,>=3.10"' in check.fix and "papermill" not in check.fix


def test_entry_points_that_are_gone_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: metadata.EntryPoints())
    check = installation.entry_points()
    assert check.state == "fail" and "papermill.engine is not registered" in check.detail and "pip install" in check.fix


def test_a_kernel_whose_interpreter_is_gone(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kernels" / "kernels" / "old"
    folder.mkdir(parents=True)
    spec = {"argv": ["/no/such/python", "-m", "ipykernel", "-f", "{connection_file}"], "display_name": "Old"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "kernels"))
    assert checks(bench)["kernels"]["fix"] == "jupyter kernelspec remove old"


def test_a_corrupt_line_is_counted_and_the_rest_kept(bench: Bench) -> None:
    journal = bench.journal()
    journal.run("good")
    with open(journal.path, "ab") as file:
        file.write(b"00000000 {}\n")
    found = checks(bench)["journal"]
    assert found["state"] == "warn"
    assert f"1 line of the journal {journal.path.name} is damaged; 1 of its runs is shown." in found["detail"]
    assert [row["name"] for row in bench.json("runs")] == ["good"]


def test_a_setting_that_cannot_be_read(bench: Bench) -> None:
    (bench.project.root / "bioml.toml").write_text("outputs = 3\n")
    found = checks(bench, code=1)
    assert "outputs must be a bool" in found["project"]["detail"]


def test_a_database_that_is_none(bench: Bench) -> None:
    (bench.project.home / "mlflow.db").write_bytes(b"no database at all, but some text" * 100)
    found = checks(bench, code=1)["mlflow"]
    assert "file is not a database" in found["detail"] and "Keep a copy" in found["fix"]


def test_a_network_file_system_is_refused_for_sqlite(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "on_network", lambda path: True)
    monkeypatch.setattr(places, "file_system", lambda path: "nfs4")
    embedded = Destination(f"sqlite:///{bench.project.home / 'mlflow.db'}", "k", True)
    check = places.files(bench.project, embedded)
    assert check.state == "fail" and "nfs4" in check.detail and "MLFLOW_TRACKING_URI" in check.fix
    assert places.files(bench.project, Destination("http://h", "k", False)).state == "ok"


def test_a_home_elsewhere_is_said(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path / "state", "/x/.bioml cannot be written (Permission denied)")
    check = places.project(project, Destination("sqlite:///x", "k", True))
    assert check.state == "warn" and "Permission denied" in check.detail and "chmod" in check.fix


@contextmanager
def server(code: int, body: bytes = b"", seen: list[str] | None = None) -> Iterator[str]:
    """A server that answers everything in one way."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if seen is not None:
                seen.append(self.headers.get("Authorization", ""))
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        listening.server_close()


@pytest.mark.parametrize(
    ("code", "state", "text"),
    [
        (200, "ok", "version 3.17.2"),
        (401, "fail", "credentials"),
        (404, "warn", "not like MLflow"),
        (500, "fail", "HTTP 500"),
    ],
)
def test_a_server_by_its_answer(code: int, state: str, text: str) -> None:
    with server(code, b"3.17.2") as uri:
        check = places.mlflow(Project(Path("/"), Path("/")), Destination(uri, "k", False))
    assert check.state == state and text in check.detail and bool(check.fix) is (state != "ok")


def test_the_users_credentials_are_sent_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    with server(403, seen=seen) as uri:
        host = uri.removeprefix("http://")
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "s3cret")
        named = places.mlflow(Project(Path("/"), Path("/")), Destination(uri, "k", False))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://bob:p%40ss@{host}")
        in_address = places.mlflow(Project(Path("/"), Path("/")), Destination(uri, "k", False))
    assert seen == ["Basic YWRhOnMzY3JldA==", "Basic Ym9iOnBAc3M="]
    assert "s3cret" not in repr(named) and "p%40ss" not in repr(in_address)


def test_a_check_that_breaks_says_so_and_the_others_go_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def gpu() -> Any:
        raise RuntimeError("driver on fire")

    monkeypatch.setattr(installation, "CHECKS", (gpu, installation.python))
    found = diagnose.diagnose(bench.project, Destination("sqlite:////nowhere/mlflow.db", "k", False))
    assert (found.checks[0].name, found.checks[0].state) == ("gpu", "fail") and "on fire" in found.checks[0].detail
    assert found.checks[1].name == "python" and found.checks[1].state == "ok"


def test_doctor_imports_nothing_heavy(project_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys\nfrom jupyter_bioml.cli.main import main\nmain(['doctor'])\n"
         "print({'mlflow', 'papermill', 'dvc', 'torch', 'pandas', 'numpy'} & set(sys.modules), file=sys.stderr)"],
        capture_output=True, text=True, cwd=project_dir, check=False,
    )  # fmt: skip
    assert done.stderr == "set()\n"
