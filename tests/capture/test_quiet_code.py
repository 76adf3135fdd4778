"""Code that reads no data, for sure, and code that may."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_bioml.capture.quiet_code import are_quiet
from jupyter_bioml.config import Project

QUIET = (
    "",
    '"""About this notebook."""',
    "import os, sys\nimport pytest as np\nfrom pathlib import Path",
    "import warnings\nwarnings.filterwarnings('ignore', category=FutureWarning)",
    "np.random.seed(SEED)\ntorch.manual_seed(1)\nrng = np.random.default_rng(0)",
    "DATA = 'data/rows.csv'\nlimits: dict = {'a': [1, -2.5], 'b': (3,)}\nrate = 1 / 3",
    "pd.set_option('display.max_rows', 20)\nlogging.basicConfig(level=logging.INFO)",
    "def load(path='rows.csv'):\n    return open(path).read()",
    "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().run_line_magic('load_ext', 'autoreload')",
    "print('hello')\npass",
)
MAY_READ = (
    "rows = open('rows.csv').read()",
    "import pandas as pd\ndf = pd.read_csv('rows.csv')",
    "df = load()",
    "print(open('rows.csv').read())",
    "import ours",
    "from ours.tables import frame",
    "from . import frame",
    "import a_module_that_was_never_imported",
    "get_ipython().system('cat rows.csv')",
    "get_ipython().run_line_magic('run', 'prepare.py')",
    "get_ipython().run_line_magic('time', 'df = load()')",
    "get_ipython().run_cell_magic('bash', '', 'cat rows.csv')",
    "with open('rows.csv') as file:\n    pass",
    "for name in names:\n    use(name)",
    "def f(rows=load()):\n    return rows",
    "@cached\ndef f():\n    return 1",
    "class Rows:\n    all = load()",
    "table['x'] = 1",
    "names = [name for name in folder.iterdir()]",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """With an imported module of its own."""
    ours = ModuleType("ours")
    ours.__file__ = str(tmp_path / "ours" / "__init__.py")
    monkeypatch.setitem(sys.modules, "ours", ours)
    return Project(tmp_path, tmp_path / ".bioml")


@pytest.mark.parametrize("source", QUIET)
def test_code_that_reads_nothing(source: str, project: Project) -> None:
    assert are_quiet(ast.parse(source).body, project)


@pytest.mark.parametrize("source", MAY_READ)
def test_code_that_may_read(source: str, project: Project) -> None:
    assert not are_quiet(ast.parse(source).body, project)
