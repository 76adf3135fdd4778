"""Lines of cells that install: what they declare, however they are written, and what is only told beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.environments.declared.gather import declared_for
from jupyter_bioml.environments.declared.install_lines import CellText


def found_in(folder: Path, *cells: str) -> list[str]:
    """``name versions @ line`` of each; ``!`` is not compared, ``#`` a hint."""
    found = declared_for(folder, folder, [CellText("a.ipynb, cell 1", source) for source in cells])
    said = [f"{one.text}@{one.place.rpartition(' ')[2]}" for one in found.statements]
    return [*said, *(f"!{one.text}" for one in found.not_compared), *(f"#{one}" for one in found.hints)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("!pip install numpy==1.11.1", ["numpy==1.11.1@1"]),
        ("import os\n%pip install -q 'pandas>=1,<2' lifelines", ["pandas<2,>=1@2", "lifelines@2"]),
        ('!pip3 install --upgrade --user "scanpy[leiden]==1.4.*" > /dev/null 2>&1', ["scanpy==1.4.*@1"]),
        ("!pip install pandas>=1.0 scipy<1.5", ["pandas>=1.0@1", "scipy<1.5@1"]),
        ("!pip install numpy==1.11 \\\n    scipy==0.18 \\\n  pandas", ["numpy==1.11@1", "scipy==0.18@1", "pandas@1"]),
        ("!{sys.executable} -m pip install numpy==1.11", ["numpy==1.11@1"]),
        ("!$PYTHON -m pip -q install numpy==1.11", ["numpy==1.11@1"]),
        ("!sudo -H python3.6 -m pip install numpy==1.11", ["numpy==1.11@1"]),
        ("!/opt/conda/bin/pip install numpy==1.11", ["numpy==1.11@1"]),
        ("!uv pip install numpy==1.11", ["numpy==1.11@1"]),
        ("!apt-get update && pip install numpy==1.11; pip install scipy==0.18 || true", ["numpy==1.11@1", "scipy==0.18@1"]),
        ("!yes | pip uninstall numpy\n!pip install numpy==1.11  # scipy==1", ["numpy==1.11@2"]),
        ("%%bash\n# pip list\npip install numpy==1.11\nls", ["numpy==1.11@3"]),
        ("%%capture\n!pip install numpy==1.11", ["numpy==1.11@2"]),
        ("if colab:\n    !pip install numpy==1.11", ["numpy==1.11@2"]),
        ("out = !pip install numpy==1.11", ["numpy==1.11@1"]),
        ("pip install numpy==1.11", ["numpy==1.11@1"]),
        ("%tensorflow_version 1.x\nimport tensorflow", ["tensorflow==1.*@1"]),
        ("print 'Python 2'\n!pip install numpy==1.11", ["numpy==1.11@2"]),
        ("!pip install -i https://example.org/simple -f https://e.org/w torch==1.4 --timeout 10", ["torch==1.4@1"]),
        ("!conda install -y -c conda-forge numpy=1.11 python=3.5", ["numpy==1.11.*@1", "Python==3.5.*@1"]),
        ("%conda install --yes --prefix {sys.prefix} numpy=1.11", ["numpy==1.11.*@1"]),
        ("!mamba install -qy 'numpy>=1.11'", ["numpy>=1.11@1"]),
        ("import os\nos.system('pip install numpy==1.11')", ["numpy==1.11@2"]),
        (
            "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'numpy==1.11'])",
            ["numpy==1.11@2"],
        ),
        ("import pip\npip.main(['install', 'numpy==1.11'])", ["numpy==1.11@2"]),
        ("get_ipython().system('pip install numpy==1.11')", ["numpy==1.11@1"]),
        ("get_ipython().run_line_magic('pip', 'install numpy==1.11')", ["numpy==1.11@1"]),
        ("!pip install numpy==1.11\n!pip install numpy==1.12", ["numpy==1.12@2"]),
        ("!pip install -r wanted.txt -c limits.txt", ["scipy==0.18@wanted.txt:1", "six==1@limits.txt:1"]),
        ("!conda install --file wanted.txt", ["scipy==0.18@wanted.txt:1"]),
        ("!pip install git+https://u:word@example.org/lab.git", ["!git+https://example.org/lab.git"]),
        ("!pip install .", ["!."]),
        ("!pip install -e ./lab", ["!./lab"]),
        ("!pip install numpy=={version} $MORE", ["!numpy=={version}", "!$MORE"]),
        ("!conda install -n other numpy=1.11", ["!conda install -n other"]),
        ("!pip install 'numpy==1.11", ["!pip install 'numpy==1.11"]),
        ("# !pip install numpy==1.11\n#pip install scipy", ["#a.ipynb, cell 1, line 1 (a comment): numpy==1.11"]),
        ("!pip list\n!pip freeze\n!pip show numpy\n!echo pip install numpy==1\nprint('pip install numpy==1')", []),
        ("x = 3  # pip install numpy==1\ny = '''\npip installs numpy==1\n'''", []),
        ("!pip install", []),
        ("%load_ext x\n%matplotlib inline\n!ls", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_cell_installs(tmp_path: Path, cell: str, expected: list[str]) -> None:
    (tmp_path / "wanted.txt").write_text("scipy==0.18\n")
    (tmp_path / "limits.txt").write_text("six==1\n")
    assert found_in(tmp_path, cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "!pip install " + "a" * 100_000,
        "!pip install " + "'" * 9_999,
        "!pip install " + " ".join(["-r"] * 5_000),
        " " * 200_000 + "x",
        "a " * 100_000 + "= !pip install numpy",
        "!pip install x \\\n" * 5_000,
        "!pip install x==1\n--index-url=https://example.org",
        "!pip install 'x==1\n--index-url=https://example.org'",
        "!pip install x[" + "a," * 5_000 + "]",
        "!pip install x==" + "1." * 900,
        "!pip install x;" * 1_300,
        "!pip install -r /dev/zero",
        "!pip install -r /etc/passwd",
        "!pip install -r ../../../../etc/passwd",
        "!conda install " + "[" * 1_900,
        "!conda install x" + "[version=" * 200,
        "%%bash\n" + "pip install \x00\x1b[2J\u202e x==1\n",
        "get_ipython().system(" * 80 + "'pip install x'" + ")" * 80,
    ],
)
def test_hostile_lines_cost_little_open_nothing_and_add_no_option(tmp_path: Path, cell: str) -> None:
    found = declared_for(tmp_path, tmp_path, [CellText("a.ipynb, cell 1", cell)])
    for line in found.requirements:
        assert "\n" not in line and not line.startswith("-")
    for one in found.not_compared:
        assert "root:" not in one.sentence and "\x1b" not in one.sentence and "\u202e" not in one.sentence
    for said in found.statements:
        assert len(said.text) <= 200
