"""The lock: what a record's environment needs, and from where each distribution may come."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.environments.lock import (
    DIRECT,
    FOLDER,
    INDEX,
    LINKED,
    EnvironmentNotBuildable,
    check_origins,
    lock_of,
    requirement_lines,
    way_of,
)
from jupyter_bioml.host.distributions import installed, source_digest

COMMIT = "a" * 40


def item(origin: Any = "index", name: str = "assay", version: str = "1.0", **more: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "origin": origin, **more}


def document(*items: dict[str, Any], version: str = "3.11.7") -> dict[str, Any]:
    return {"python": {"implementation": "CPython", "version": version}, "distributions": list(items)}


@pytest.mark.parametrize(
    ("origin", "way"),
    [
        ("index", INDEX),
        ({"url": "https://example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, DIRECT),
        ({"url": "https://example.org/a-1.whl", "archive_info": {"hashes": {"sha256": "12ab"}}}, DIRECT),
        ({"url": "file:///home/u/a", "dir_info": {}}, FOLDER),
        ({"url": "file:///home/u/a", "dir_info": {"editable": True}}, LINKED),
    ],
)
def test_the_way_back_follows_from_the_origin(origin: Any, way: str) -> None:
    assert way_of(item(origin)) == way


@pytest.mark.parametrize(
    "origin",
    [
        "unknown",
        "conda",
        "debian",
        {"url": "https://example.org/a.git", "vcs_info": {"vcs": "git"}},
        {"url": "https://example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "x\n--index-url http://evil"}},
        {"url": "https://example.org/a-1.whl", "archive_info": {}},
        {"url": "https://example.org/a -e .", "archive_info": {"hash": "sha256=1"}},
        {"url": "--index-url", "dir_info": {}},
    ],
)
def test_what_has_no_way_back_is_refused_by_name(origin: Any) -> None:
    with pytest.raises(EnvironmentNotBuildable, match=r"assay 1\.0") as refused:
        way_of(item(origin))
    assert refused.value.package == "assay" and refused.value.next


@pytest.mark.parametrize(
    ("name", "version"), [("a\n--index-url http://evil", "1"), ("a", "1 -r other"), ("-r", "1"), ("x" * 10 + "\0", "1")]
)
def test_no_name_becomes_another_word_for_the_installer(name: str, version: str) -> None:
    with pytest.raises(EnvironmentNotBuildable) as refused:
        requirement_lines([item(name=name, version=version)])
    assert "\n" not in refused.value.message and "\0" not in refused.value.message


def test_the_digest_is_of_packages_and_python_alone() -> None:
    one = lock_of(document(item(), item(name="jupyter-bioml", version="0.1")))
    assert one.digest == lock_of(document(item(name="jupyter_bioml", version="0.2"), item())).digest
    assert one.get("Assay") and one.get("jupyter-bioml") is None and one.own_version == "0.1"
    others = [document(item(version="1.1")), document(item(), version="3.11.8"), document(item("conda"))]
    assert len({one.digest, *(lock_of(other).digest for other in others)}) == 4


def test_a_record_without_an_environment_says_so() -> None:
    with pytest.raises(EnvironmentNotBuildable, match="does not describe"):
        lock_of({"python": {"version": "3.11.7"}})


def test_places_on_this_machine_must_be_what_they_were(tmp_path: Path) -> None:
    wheel, folder = tmp_path / "assay-1.0-py3-none-any.whl", tmp_path / "assay"
    wheel.write_bytes(b"as it was")
    folder.mkdir()
    (folder / "assay.py").write_text("x = 1\n")
    archive = {"url": wheel.as_uri(), "archive_info": {"hashes": {"sha256": hashlib.sha256(b"as it was").hexdigest()}}}
    linked = {"url": folder.as_uri(), "dir_info": {"editable": True}}
    source = source_digest(folder)
    good = document(item(archive), item(linked, name="lab", source_sha256=source))
    check_origins(lock_of(good))

    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.py").write_text("not a source")
    assert source_digest(folder) == source
    wheel.write_bytes(b"another")
    (folder / "assay.py").write_text("x = 2\n")
    with pytest.raises(EnvironmentNotBuildable) as refused:
        check_origins(lock_of(good))
    assert "assay 1.0" in refused.value.message and "lab 1.0" in refused.value.message
    with pytest.raises(EnvironmentNotBuildable, match="was not recorded"):
        check_origins(lock_of(document(item(linked))))
    wheel.unlink()
    with pytest.raises(EnvironmentNotBuildable, match="no longer exists"):
        check_origins(lock_of(document(item(archive))))


def test_a_distribution_says_what_it_is_imported_by_and_its_sources(tmp_path: Path) -> None:
    folder, project = tmp_path / "site-packages", tmp_path / "project"
    project.mkdir()
    (project / "lab.py").write_text("x = 1\n")
    url = f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}'
    lines = {
        "scikit_thing": "skthing/__init__.py,sha256=a,1\nskthing/sub/x.py,sha256=a,1\n_speed.cpython-311-x.so,sha256=b,2\n",
        "plain": "plain/__init__.py,sha256=a,1\nplain.libs/x.so,sha256=a,1\n../../../bin/plain,sha256=a,1\n",
        "space": "org/cloud/storage/__init__.py,sha256=a,1\norg/rpc/code.py,sha256=a,1\norg/__pycache__/x.pyc,,\n",
    }
    for name, record in lines.items():
        info = folder / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
        (info / "RECORD").write_text(record)
        if name == "plain":
            (info / "direct_url.json").write_text(url)
    found = {one["name"]: one for one in installed([str(folder)])}
    assert found["scikit_thing"]["imports"] == ["_speed", "skthing"]
    assert "imports" not in found["plain"]
    assert found["space"]["imports"] == ["org.cloud.storage", "org.rpc"]
    assert found["plain"]["source_sha256"] == source_digest(project)
    assert "source_sha256" not in found["space"]
