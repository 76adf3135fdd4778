"""The environment document: complete, installable as a lock, equal where environments are equal."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import FakeKernel, wait_until
from packaging.requirements import Requirement

from jupyter_bioml.host import distributions, known_distributions
from jupyter_bioml.host.distributions import installed, requirement
from jupyter_bioml.host.environment import describe, environment_digest, requirements_lock
from jupyter_bioml.host.known_distributions import KnownDistributions


def distribution(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in document["distributions"] if item["name"] == name)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return describe({"OMP_NUM_THREADS": "2", "TZ": "UTC"}, tmp_path_factory.mktemp("state"))


def test_the_document_says_where_we_are(document: dict[str, Any]) -> None:
    assert document["python"]["version"] == sys.version.split()[0]
    assert document["os"]["system"] == "Linux" and document["os"]["name"]
    assert document["cpu"]["count"] >= document["cpu"]["usable"] >= 1
    assert document["memory"] > 2**28
    assert document["threads"] == {"OMP_NUM_THREADS": "2"}
    assert document["variables"] == {"OMP_NUM_THREADS": "2", "TZ": "UTC"}
    assert "openblas" in document["blas"]["name"] and document["blas"]["version"]
    assert json.loads(json.dumps(document)) == document


def test_every_distribution_is_there_once(document: dict[str, Any]) -> None:
    listed = subprocess.run([sys.executable, "-m", "pip", "list", "--format=json"], capture_output=True, check=True)
    expected = {(item["name"].lower().replace("_", "-"), item["version"]) for item in json.loads(listed.stdout)}
    found = [(item["name"].lower().replace("_", "-"), item["version"]) for item in document["distributions"]]
    assert set(found) == expected and len(found) == len(expected)


def test_a_distribution_says_its_origin_and_digest(document: dict[str, Any]) -> None:
    numpy = distribution(document, "numpy")
    assert numpy["origin"] == "index" and numpy["installer"]
    record = next(Path(sysconfig.get_path("purelib")).glob("numpy-*.dist-info/RECORD"))
    assert numpy["record_sha256"] == hashlib.sha256(record.read_bytes()).hexdigest()


def test_pip_takes_the_lock(document: dict[str, Any], tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(requirements_lock(document))
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-index", "-r", str(lock)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Would install" not in ended.stdout, "what is installed is what the lock names"
    assert ended.stdout.count("already satisfied") == len(
        [line for line in lock.read_text().splitlines() if line and not line.startswith("#")]
    )


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        ("index", "thing==1.0"),
        ("unknown", "thing==1.0"),
        ("conda", "thing==1.0  # installed by conda"),
        (
            {
                "url": "https://example.org/t.git",
                "vcs_info": {"vcs": "git", "commit_id": "a" * 40},
                "subdirectory": "s",
            },
            f"thing @ git+https://example.org/t.git@{'a' * 40}#subdirectory=s",
        ),
        (
            {"url": "https://example.org/thing-1.0.whl", "archive_info": {"hash": "sha256=12ab"}},
            "thing @ https://example.org/thing-1.0.whl#sha256=12ab",
        ),
        ({"url": "file:///home/u/thing", "dir_info": {}}, "thing @ file:///home/u/thing"),
        (
            {"url": "file:///home/u/thing", "dir_info": {"editable": True}},
            "# thing 1.0 was an editable installation of /home/u/thing: get that folder, then pip install -e /home/u/thing",
        ),
    ],
)
def test_a_line_for_every_origin(origin: Any, line: str) -> None:
    assert requirement({"name": "thing", "version": "1.0", "origin": origin}) == line
    if not line.startswith("#"):
        assert Requirement(line.partition("  #")[0]).name == "thing"


def test_a_local_version_is_explained() -> None:
    line = requirement({"name": "torch", "version": "2.0+cpu", "origin": "index"})
    assert line == "torch==2.0+cpu  # a local version: it may need --extra-index-url"


def make_distribution(folder: Path, name: str, version: str, **files: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 9 of it\n")
    for file, text in files.items():
        (info / file.replace("direct_url", "direct_url.json")).write_text(text)


def test_what_is_known_of_a_distribution_holds_while_its_files_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, state = tmp_path / "site-packages", tmp_path / "state"
    for name in ("one", "two"):
        make_distribution(packages, name, "1.0", INSTALLER="pip\n", RECORD=f"{name}/__init__.py,sha256=x,1\n")
    monkeypatch.setattr(known_distributions, "_RACY", 0)

    def found() -> dict[str, dict[str, Any]]:
        known = KnownDistributions(state)
        items = installed([str(packages)], known.describe)
        known.keep()
        return {item["name"]: item for item in items}

    plain = {item["name"]: item for item in installed([str(packages)])}
    assert found() == plain and found() == plain

    read: list[str] = []
    real = distributions.describe
    monkeypatch.setattr(distributions, "describe", lambda item: (read.append(item.name), real(item))[1])
    assert found() == plain and read == []
    (packages / "two-1.0.dist-info" / "RECORD").write_text("two/__init__.py,sha256=y,1\n")
    assert found()["two"]["files_sha256"] != plain["two"]["files_sha256"] and read == ["two"]
    (packages / "one-1.0.dist-info" / "direct_url.json").write_text('{"url": "https://example.org/one.whl"}')
    assert found()["one"]["origin"] == {"url": "https://example.org/one.whl"} and read == ["two", "one"]

    (kept,) = state.iterdir()
    for number, broken in enumerate(("{cut off", "{}", "[]", "null"), 2):
        kept.write_text(broken)
        assert set(found()) == {"one", "two"} and len(read) == 2 * number
    shutil.rmtree(state)
    state.write_text("no folder")
    assert set(found()) == {"one", "two"}


def test_a_file_that_has_just_been_written_is_read_again(tmp_path: Path) -> None:
    make_distribution(tmp_path / "site-packages", "new", "1.0")
    known = KnownDistributions(tmp_path / "state")
    assert [item["name"] for item in installed([str(tmp_path / "site-packages")], known.describe)] == ["new"]
    known.keep()
    assert not (tmp_path / "state").exists()


def test_shadowed_broken_and_hostile_distributions(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    make_distribution(first, "Some_Thing", "1.0", INSTALLER="pip\n")
    make_distribution(second, "some.thing", "2.0", INSTALLER="pip\n")
    make_distribution(second, "conda_made", "3.0", INSTALLER="conda\n")
    make_distribution(
        second, "secret", "1", direct_url='{"url": "https://me:pass99@example.org/x.git", "vcs_info": {}}'
    )
    make_distribution(second, "odd", "1", direct_url="not json")
    (second / "remains-1.0.dist-info").mkdir()
    found = {item["name"]: item for item in installed([str(first), str(second), str(tmp_path / "none")])}
    assert set(found) == {"Some_Thing", "conda_made", "secret", "odd"}
    assert found["Some_Thing"]["version"] == "1.0"
    assert found["conda_made"]["origin"] == "conda"
    assert found["secret"]["origin"]["url"] == "https://example.org/x.git"
    assert found["odd"]["origin"] == "unknown"
    assert "record_sha256" not in found["odd"]


def test_the_digest_sees_packages_and_threads_only(tmp_path: Path) -> None:
    """Two environments with one wheel differ in their scripts' first line, and are the same to results."""
    record = (
        "pkg/a.py,sha256={0},3\npkg-1.dist-info/INSTALLER,sha256={1},4\n../../../bin/pkg,sha256={1},9\npkg/a.pyc,,\n"
    )

    def digest(folder: str, content: str, place: str, **changes: Any) -> str:
        make_distribution(tmp_path / folder, "pkg", "1", INSTALLER="pip", RECORD=record.format(content, place))
        document = {
            "python": {"implementation": "CPython", "version": "3.11.2", "executable": f"/{folder}/python"},
            "os": {"system": "Linux", "machine": "x86_64", "libc": "glibc 2.36", "release": folder},
            "cpu": {"model": folder},
            "threads": {},
            "distributions": installed([str(tmp_path / folder)]),
        }
        return environment_digest({**document, **changes})

    one = digest("one", "aaa", "111")
    assert digest("two", "aaa", "222") == one
    assert digest("three", "bbb", "111") != one, "another file under the same version"
    assert digest("four", "aaa", "111", threads={"OMP_NUM_THREADS": "1"}) != one


def wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel of one module, as build tools make it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "x = 1\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return target


def test_packages_installed_in_a_session_are_seen(fake_kernel: Callable[..., FakeKernel], tmp_path: Path) -> None:
    """A cell installs a package: runs before it keep the old environment, runs after it have the new one."""
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "shared.pth").write_text("\n".join({sysconfig.get_path("purelib"), str(Path(__file__).parents[2])}))
    python = str(folder / "bin" / "python")
    kernel = fake_kernel(python=python)
    first = kernel.start()
    before = kernel.entry("environment")
    kernel.finish(first)
    extra = wheel(tmp_path, "extra_thing", "1.5")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", str(extra)]
    subprocess.run(install, check=True, capture_output=True)
    second = kernel.start()
    after = wait_until(lambda: kernel.entries("environment")[1:])[0]
    kernel.finish(second)
    assert after["digest"] != before["digest"]
    started = json.loads(kernel.do("answer = segment.path.read_text().splitlines()[-2]")[9:])
    assert (started["t"], after["at"] <= started["at"]) == ("started", True), "it holds for the run that saw it"
    found = distribution(json.loads(kernel.blob(after["blob"])), "extra_thing")
    assert found["version"] == "1.5" and found["origin"]["url"] == extra.as_uri()
    third = kernel.start()
    kernel.entry("reading", third)
    kernel.kill()
    assert len(kernel.entries("environment")) == 2, "nothing changed, nothing written"
