"""What did not come from an index comes back from its place, or not at all: no index is ever asked for its name."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from user_git import git

from environments.index_case import Index, write_wheel
from environments.source_case import lab_tools
from jupyter_bioml.environments.build import Built, build
from jupyter_bioml.environments.lock import EnvironmentNotBuildable, lock_of
from jupyter_bioml.host.distributions import installed


@pytest.fixture
def asked(offline: Index, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The local index over http, where a stranger has put distributions of private names; what it is asked for."""
    paths: list[str] = []
    offline.add("lab-tools", "1.0", "raise SystemExit('a stranger')\n")

    class Listening(SimpleHTTPRequestHandler):
        def log_request(self, *_: Any) -> None:
            paths.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Listening, directory=str(offline.root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
    yield paths
    server.shutdown()
    server.server_close()


def built(document: dict[str, Any], origin: Any, cache: Path, **more: Any) -> Built:
    item = {"name": "lab-tools", "version": "1.0", "origin": origin, **more}
    assay = {"name": "assay", "version": "1.0", "origin": "index"}
    return build(lock_of({**document, "distributions": [item, assay]}), cache, lambda _: None, limit=300)


def half(python: str) -> str:
    code = "import lab_tools; print(lab_tools.half(9), lab_tools.__file__)"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout


def private(asked: list[str]) -> list[str]:
    return [path for path in asked if "lab" in path]


@pytest.mark.parametrize("origin", ["unknown", "conda"])
def test_an_unknown_origin_is_refused_before_anything_is_asked(
    asked: list[str], document: dict[str, Any], tmp_path: Path, origin: str
) -> None:
    with pytest.raises(EnvironmentNotBuildable) as refused:
        built(document, origin, tmp_path / "cache")
    assert refused.value.package == "lab-tools" and asked == [] and not (tmp_path / "cache").exists()


def test_a_commit_of_a_repository(asked: list[str], document: dict[str, Any], tmp_path: Path) -> None:
    folder = lab_tools(tmp_path / "lab")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    commit = git(folder, "rev-parse", "HEAD")
    (folder / "lab_tools.py").write_text("def half(x):\n    return 'another commit'\n")
    git(folder, "commit", "-q", "-a", "-m", "two")
    origin = {"url": folder.as_uri(), "vcs_info": {"vcs": "git", "commit_id": commit}}
    assert half(built(document, origin, tmp_path / "cache").python).startswith("4.5 ")
    assert private(asked) == [] and any("assay" in path for path in asked)


def test_an_archive_by_its_digest(asked: list[str], document: dict[str, Any], tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "lab-tools", "1.0", {"lab_tools.py": "def half(x):\n    return x / 2\n"})
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    origin = {"url": wheel.as_uri(), "archive_info": {"hashes": {"sha256": digest}}}
    assert half(built(document, origin, tmp_path / "cache").python).startswith("4.5 ")
    assert private(asked) == []


def test_a_folder_is_built_from_a_copy_and_checked(asked: list[str], document: dict[str, Any], tmp_path: Path) -> None:
    folder = lab_tools(tmp_path / "lab")
    origin = {"url": folder.as_uri(), "dir_info": {}}
    found = built(document, origin, tmp_path / "cache")
    assert half(found.python).startswith("4.5 ")
    assert sorted(path.name for path in folder.iterdir()) == ["backend.py", "lab_tools.py", "pyproject.toml"]
    recorded = next(one for one in installed([str(found.library)]) if one["name"] == "lab-tools")["files_sha256"]
    (folder / "lab_tools.py").write_text("def half(x):\n    return 0\n")
    with pytest.raises(EnvironmentNotBuildable, match="source have changed") as refused:
        built(document, origin, tmp_path / "cache", files_sha256=recorded)
    assert refused.value.package == "lab-tools" and private(asked) == []


def test_an_editable_installation_is_linked_as_it_was(
    asked: list[str], document: dict[str, Any], tmp_path: Path
) -> None:
    folder = lab_tools(tmp_path / "lab")
    venv.create(tmp_path / "recorded", with_pip=False)
    python = str(tmp_path / "recorded" / "bin" / "python")
    install = ["-m", "pip", "--python", python, "install", "-q", "--no-deps", "-e", str(folder)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    item = installed([str(next((tmp_path / "recorded").glob("lib/python*/site-packages")))])[0]
    assert item["origin"]["dir_info"]["editable"] and item["source_sha256"]
    recorded = {**document, "python": {**document["python"], "executable": python}}
    more = {key: item[key] for key in ("record_sha256", "files_sha256", "source_sha256")}
    answer = half(built(recorded, item["origin"], tmp_path / "cache", **more).python).split()
    assert answer == ["4.5", str(folder / "lab_tools.py")]

    (folder / "lab_tools.py").write_text("def half(x):\n    return 0\n")
    with pytest.raises(EnvironmentNotBuildable, match="differ from the record"):
        built(recorded, item["origin"], tmp_path / "cache", **more)
    (folder / "lab_tools.py").write_text("def half(x):\n    return x / 2\n")
    with pytest.raises(EnvironmentNotBuildable, match="no longer installed from"):
        built(document, item["origin"], tmp_path / "elsewhere", **more)
    assert private(asked) == []
