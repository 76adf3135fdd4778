"""Each way of writing a version, put into PEP 440: pip's, conda's, poetry's."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.environments.declared.conda_specs import of_conda
from jupyter_bioml.environments.declared.gather import declared_for
from jupyter_bioml.environments.declared.project_files import poetry_versions
from jupyter_bioml.environments.declared.statement import LONGEST, Declaration, NotCompared, of_requirement


@pytest.mark.parametrize(
    ("line", "name", "versions"),
    [
        ("numpy==1.11.1", "numpy", ("==1.11.1",)),
        ("Scikit_Learn [alldeps] >= 0.18, <0.20", "scikit-learn", ("<0.20,>=0.18",)),
        ("torch>=1.4.*", "torch", (">=1.4",)),
        ("torch==1.4.0+cpu", "torch", ("==1.4.0+cpu",)),
        ("pandas", "pandas", ()),
        ("lab @ git+https://user:word@example.org/lab.git@v1", "lab", ()),
        ("http://example.org/whl/torch-0.3.0.post4-cp36-cp36m-linux_x86_64.whl", "torch", ("==0.3.0.post4",)),
        ("torch @ https://example.org/torch-1.4.0%2Bcpu-cp36-cp36m-linux_x86_64.whl", "torch", ("==1.4.0+cpu",)),
        ("git+https://example.org/lab.git#egg=Lab_Tools", "lab-tools", ()),
    ],
)
def test_a_requirement_of_pip(line: str, name: str, versions: tuple[str, ...]) -> None:
    found = of_requirement(line, "requirements.txt:1")
    assert isinstance(found, Declaration) and (found.name, found.versions) == (name, versions)
    assert "word" not in found.requirement and "word" not in (found.address or "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("git+https://example.org/lab.git", "states no version"),
        ("./lab", "states no version"),
        ("..", "states no version"),
        ("C:\\lab", "states no version"),
        ("numpy 1.11", "not a requirement"),
        ("=1 what", "not a requirement"),
        ("a" * (LONGEST + 1), "longer than"),
        ("numpy==1\n--index-url https://example.org", "not a requirement"),
        ("numpy==1\x1b[2J", "not a requirement"),
    ],
)
def test_what_states_no_version_is_named(line: str, reason: str) -> None:
    found = of_requirement(line, "requirements.txt:1")
    assert isinstance(found, NotCompared) and reason in found.reason
    assert "\x1b" not in found.sentence and "\n" not in found.sentence


@pytest.mark.parametrize(
    ("spec", "name", "versions"),
    [
        ("numpy", "numpy", ()),
        ("numpy=1.26", "numpy", ("==1.26.*",)),
        ("numpy==1.26.*", "numpy", ("==1.26.*",)),
        ("numpy==1.26", "numpy", ("==1.26",)),
        ("numpy 1.26", "numpy", ("==1.26",)),
        ("numpy 1.11.1 py35_0", "numpy", ("==1.11.1",)),
        ("numpy=1.11.1=py35_0", "numpy", ("==1.11.1",)),
        ("numpy=1.8*", "numpy", ("==1.8.*",)),
        ("numpy >=1.8,<2", "numpy", (">=1.8,<2",)),
        ("numpy >= 1.8 , < 2", "numpy", (">=1.8,<2",)),
        ("numpy>=1.8.*", "numpy", (">=1.8",)),
        ("numpy >=1.26|1.11.*", "numpy", (">=1.26", "==1.11.*")),
        ("conda-forge::pytorch=1.4", "torch", ("==1.4.*",)),
        ("numpy[version='>=1.2,<2']", "numpy", (">=1.2,<2",)),
        ("numpy[build=py35]", "numpy", ()),
        ("numpy=*", "numpy", ()),
        ("python=3.8", "Python", ("==3.8.*",)),
        ("python=3.8.12=h12debd9_0", "Python", ("==3.8.12",)),
        ("python >=3.8", "Python", (">=3.8",)),
    ],
)
def test_a_spec_of_conda(spec: str, name: str, versions: tuple[str, ...]) -> None:
    found = of_conda(spec, "environment.yml:3")
    assert isinstance(found, Declaration) and (found.name, found.versions) == (name, versions)


@pytest.mark.parametrize("spec", ["openssl=1.1.1k", "jpeg=9e", "?", "numpy=1.2.3.4&", "a" * 5000, "numpy >="])
def test_a_version_of_conda_that_is_not_one_by_pep_440_is_named(spec: str) -> None:
    found = of_conda(spec, "environment.yml:3")
    assert isinstance(found, NotCompared) and found.place == "environment.yml:3"


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("^1.2.3", (">=1.2.3,<2",)),
        ("^0.2.3", (">=0.2.3,<0.3",)),
        ("^0.0.3", (">=0.0.3,<0.0.4",)),
        ("^0.0", (">=0.0,<0.1",)),
        ("^0", (">=0,<1",)),
        ("~1.2.3", (">=1.2.3,<1.3",)),
        ("~1.2", (">=1.2,<1.3",)),
        ("~1", (">=1,<2",)),
        ("~=1.2", ("~=1.2",)),
        ("1.2.3", ("==1.2.3",)),
        ("=1.2.3", ("==1.2.3",)),
        ("1.2.*", ("==1.2.*",)),
        ("*", ()),
        (">= 1.2, < 2", (">=1.2,<2",)),
        (">=1.2 <2", (">=1.2,<2",)),
        ("^1.2 || ^2.0", (">=1.2,<2", ">=2.0,<3")),
    ],
)
def test_a_constraint_of_poetry(text: str, versions: tuple[str, ...]) -> None:
    assert poetry_versions(text) == versions


FILES = {
    "pyproject.toml": (
        """
[project]
name = "lab"
requires-python = ">=3.8,<3.10"
dependencies = ["numpy==1.20", "scipy>=1.5 ; python_version < '4'"]
[project.optional-dependencies]
plots = ["seaborn==0.11"]
[dependency-groups]
test = ["pytest==6", {include-group = "x"}]
""",
        ["Python>=3.8,<3.10@4", "numpy==1.20@5", "scipy>=1.5@5", "seaborn==0.11@7?plots", "pytest==6@9?test"],
    ),
    "poetry/pyproject.toml": (
        """
[tool.poetry.dependencies]
python = "^3.7"
numpy = "~1.19"
torch = { version = "1.4", extras = ["x"], markers = "sys_platform == 'linux'" }
gone = { version = "^1", optional = true }
lab = { git = "https://example.org/lab.git" }
pandas = [{version = "1.1", python = "<3.8"}, {version = "1.5", python = ">=3.8"}]
[tool.poetry.group.dev.dependencies]
pytest = "^6"
""",
        [
            "Python>=3.7,<4@3", "numpy>=1.19,<1.20@4", "torch==1.4@5", "gone>=1,<2@6?an extra", "pandas==1.1@8",
            "pandas==1.5@8", "pytest>=6,<7@10?dev", "!lab@7",
        ],
    ),
    "environment.yml": (
        """
name: lab
channels: [conda-forge, bioconda]
dependencies:
  - python=3.8
  - conda-forge::numpy=1.20
  - samtools
  - pip
  - pip:
      - lifelines==0.25
      - git+https://example.org/lab.git
""",
        ["Python==3.8.*@5", "numpy==1.20.*@6", "samtools@7", "pip@8", "lifelines==0.25@10", "!git+https://example.org/lab.git@11"],
    ),
    "setup.cfg": (
        """
[options]
python_requires = >=3.6
install_requires =
    numpy==1.11
    # what plots need
    matplotlib
[options.extras_require]
gpu = torch==1.4
""",
        ["Python>=3.6@3", "numpy==1.11@5", "matplotlib@7", "torch==1.4@9?gpu"],
    ),
    "setup.py": (
        "from setuptools import setup\nraise SystemExit\nsetup(name='x', python_requires='>=3.6',\n"
        "      install_requires=['numpy==1.11'], version=read())\n",
        ["Python>=3.6@3", "numpy==1.11@4"],
    ),
    "Pipfile": (
        '[packages]\nnumpy = "==1.11"\npandas = "*"\n[dev-packages]\npytest = "<6"\n[requires]\npython_version = "3.6"\n',
        ["Python==3.6.*@7", "numpy==1.11@2", "pandas@3", "pytest<6@5?dev"],
    ),
    "Pipfile.lock": ('{"default": {"numpy": {"version": "==1.11"}, "lab": {"git": "x"}}}', ["numpy==1.11@1-"]),
    "poetry.lock": ('[[package]]\nname = "numpy"\nversion = "1.11"\n', ["numpy==1.11@2-"]),
    "uv.lock": (
        '[[package]]\nname = "numpy"\nversion = "1.11"\nsource = { registry = "https://index.example/simple" }\n'
        '[[package]]\nname = "numpy"\nversion = "2.0"\nsource = { registry = "https://index.example/simple" }\n'
        '[[package]]\nname = "lab"\nversion = "0.1"\nsource = { virtual = "." }\n',
        ["numpy==1.11 | ==2.0@2-"],
    ),
    "runtime.txt": ("python-3.7.3\n", ["Python==3.7.3@1"]),
    ".python-version": ("3.8\n", ["Python==3.8.*@1"]),
    "binder/requirements.txt": ("numpy==1.11\n", ["numpy==1.11@1"]),
    "requirements-dev.txt": ("pytest==6\n", ["pytest==6@1?dev"]),
    "requirements.txt": (
        "\ufeff# dated\nnumpy==1.11.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nscipy==0.18  # why\n"
        "-c limits.txt\n-r /etc/passwd\n-r none.txt\n-r https://example.org/r.txt\n--extra-index-url https://example.org/simple\n"
        "-e .\npandas=0.18.1=np111py35_0\n=broken\n",
        [
            "numpy==1.11.1@2", "scipy==0.18@5", "pandas==0.18.1@12", "!/etc/passwd@7", "!none.txt@8",
            "!https://example.org/r.txt@9", "!.@11", "!=broken@13",
        ],
    ),
}  # fmt: skip


def shown(folder: Path) -> list[str]:
    """``name versions @ line``, then what group it is of, or a dash where it only limits; ``!`` is not compared."""
    found = declared_for(folder, folder)
    said = []
    for one in found.statements:
        end = f"?{one.group}" if one.weight == "optional" else "-" if one.weight == "limit" else ""
        said.append(f"{one.text}@{one.place.rpartition(':')[2]}{end}")
    return [*said, *(f"!{one.text}@{one.place.rpartition(':')[2]}" for one in found.not_compared)]


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_file(tmp_path: Path, name: str) -> None:
    text, expected = FILES[name]
    file = tmp_path / name.removeprefix("poetry/")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    if "limits.txt" in text:
        (tmp_path / "limits.txt").write_text("six==1\n")
        expected = [*expected[:2], "six==1@1-", *expected[2:]]
    assert shown(tmp_path) == expected


def test_a_file_of_another_alphabet_or_size_or_kind(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes("numpy==1.11\r\nscipy==0.18\r\n".encode("utf-16"))  # PowerShell's ">"
    assert shown(tmp_path) == ["numpy==1.11@1", "scipy==0.18@2"]
    file.write_bytes(b"\xff\xfe\x00")
    (unclear,) = declared_for(tmp_path, tmp_path).not_compared
    assert "not a text" in unclear.reason
    file.write_bytes(b"#" * (5 << 20))
    (unclear,) = declared_for(tmp_path, tmp_path).not_compared
    assert "larger than 4 MiB" in unclear.reason
    (tmp_path / "outside.txt").write_text("numpy==1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "requirements.txt").symlink_to(tmp_path / "outside.txt")
    (unclear,) = declared_for(inner, inner).not_compared
    assert "out of the project" in unclear.reason


def test_files_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r more.txt\nnumpy==1.11\n")
    (tmp_path / "more.txt").write_text("-r requirements.txt\n-rmore.txt\nscipy==0.18\n")
    assert shown(tmp_path) == ["scipy==0.18@3", "numpy==1.11@2"]
    for number in range(60):
        (tmp_path / f"r{number}.txt").write_text(f"-r r{number + 1}.txt\n")
    (tmp_path / "requirements.txt").write_text("-r r0.txt\n")
    assert "more than 50 files" in declared_for(tmp_path, tmp_path).not_compared[0].reason
