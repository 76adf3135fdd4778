"""The shelf: small sessions with one planted fault each, and healthy ones.

Each is a list of cells that a real kernel runs (the last one becomes the run), what is done to the project before it is
made again, and what is to be found.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_bioml.reproduce.verdict import (
    CODE_CHANGED,
    CODE_ERROR,
    CODE_MISSING,
    COULD_NOT_RUN,
    DATA_CHANGED,
    DATA_MISSING,
    DIFFERENT,
    HIDDEN_STATE,
    KERNEL_DIED,
    MISSING_PACKAGE,
    NEEDS_INPUT,
    NETWORK,
    NONDETERMINISM,
    NOT_COMPARED,
    PATH_NOT_PORTABLE,
    REPRODUCED,
    TIME_DEPENDENCE,
    TIMEOUT,
    UNSEEDED_RANDOMNESS,
    VERSION_CHANGED,
)

#: Done to the project between recording and reproducing.
Change = Callable[[Path], Any]


def nothing(root: Path) -> None:
    """The project stays as it is."""


@dataclass(frozen=True)
class Case:
    """One session of the shelf."""

    name: str
    cells: tuple[str, ...]
    cause: str | None = None
    verdict: str = REPRODUCED
    files: dict[str, str] = field(default_factory=dict)
    change: Change = nothing
    """What happens to the project before the run is made again."""
    prepare: Change = nothing
    """What happens before it is recorded, after the commit."""
    tracked: bool = False
    """Its files are committed before."""
    untracked: tuple[str, ...] = ()
    """Code that a front end runs before tracking begins, which IPython's history does not have."""
    env: dict[str, str] = field(default_factory=dict)
    """Variables of the recorded session; ``{root}`` is the project's folder."""
    asked: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    """A part of the evidence."""
    repair: str = ""
    """A part of the repair."""
    proved: bool | None = None
    fails: bool = False
    """The run failed when it was recorded."""


def outside(root: Path) -> Path:
    """A folder of the case that does not belong to the project."""
    return root.parent.parent / "outside" / root.name


def package(root: Path, version: str, source: str, name: str = "assaylib") -> None:
    """An installed distribution beside the project, in a folder that is on ``PYTHONPATH``."""
    folder = outside(root) / "site"
    shutil.rmtree(folder, ignore_errors=True)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / f"{name}.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}.py,sha256={abs(hash(source))},{len(source)}\n")


SITE = {"PYTHONPATH": "{site}"}
ROWS = {"rows.csv": "3\n4\n5.5\n"}
READ = "rows = [float(line) for line in open('rows.csv')]"
MEAN = "mean = sum(rows) / len(rows)"

HEALTHY = (
    Case("plain-numbers", ("x = 3", "y = x * 2.5")),
    Case("seeded-random", ("import random\nrandom.seed(7)", "score = random.random()")),
    Case("seeded-numpy", ("import numpy as np\nrng = np.random.default_rng(3)", "score = float(rng.normal())")),
    Case(
        "unseeded-but-recorded",
        ("import random\nimport numpy as np", "a = random.random()", "score = a + float(np.random.rand())"),
        says="recorded random state was restored",
    ),
    Case("data-in-the-tree", (READ, MEAN), files=ROWS),
    Case(
        "data-from-git",
        (READ, MEAN),
        files=ROWS,
        tracked=True,
        change=lambda root: (root / "rows.csv").write_text("9\n"),
    ),
    Case(
        "module-changed-since",
        ("import lab", "score = lab.score(4)"),
        files={"lab.py": "def score(n):\n    return n * 2.2\n"},
        change=lambda root: (root / "lab.py").write_text("def score(n):\n    return -1.0\n"),
    ),
    Case(
        "code-from-git-and-patch",
        ("import importlib\nlab = importlib.import_module('lab')", "score = lab.score()"),
        files={"lab.py": "from conf import FACTOR\ndef score():\n    return FACTOR\n", "conf.py": "FACTOR = 1.5\n"},
        tracked=True,
        prepare=lambda root: (root / "conf.py").write_text("FACTOR = 2.5\n"),
        change=lambda root: [(root / name).unlink() for name in ("lab.py", "conf.py")],
    ),
    Case(
        "intermediate-file",
        ("open('made.txt', 'w').write('12.5')", "score = float(open('made.txt').read())"),
        change=lambda root: (root / "made.txt").unlink(),
    ),
    Case("durations", ("import time\nt0 = time.time()", "took = time.time() - t0\nscore = 3 / 2")),
    Case(
        "deleted-cell",
        ("factor = 3.25", "score = factor * 2"),
        says="no longer in the notebook",
        files={"n.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'},
    ),
)

FAULTY = (
    Case(
        "missing-package",
        ("import assaylib", "score = assaylib.score()"),
        MISSING_PACKAGE,
        COULD_NOT_RUN,
        prepare=lambda root: package(root, "1.0", "def score():\n    return 1.0\n"),
        change=lambda root: shutil.rmtree(outside(root) / "site"),
        env=SITE,
        repair="pip install assaylib==1.0",
    ),
    Case(
        "version-changed",
        ("import assaylib", "score = assaylib.score()"),
        VERSION_CHANGED,
        DIFFERENT,
        prepare=lambda root: package(root, "1.0", "def score():\n    return 1.0\n"),
        change=lambda root: package(root, "2.0", "def score():\n    return 2.0\n"),
        env=SITE,
        says="assaylib 1.0 → 2.0",
        repair="pip install assaylib==1.0",
    ),
    Case(
        "version-broken",
        ("import assaylib", "score = assaylib.score()"),
        VERSION_CHANGED,
        COULD_NOT_RUN,
        prepare=lambda root: package(root, "1.0", "def score():\n    return 1.0\n"),
        change=lambda root: package(root, "2.0", "def score2():\n    return 2.0\n"),
        env=SITE,
        says="assaylib 1.0 → 2.0",
    ),
    Case(
        "data-changed",
        (READ, MEAN),
        DATA_CHANGED,
        DIFFERENT,
        files=ROWS,
        change=lambda root: (root / "rows.csv").write_text("9\n"),
        says="rows.csv",
    ),
    Case(
        "data-changed-same-result",
        (READ, "count = 0.0 + len(rows)"),
        DATA_CHANGED,
        DIFFERENT,
        files=ROWS,
        change=lambda root: (root / "rows.csv").write_text("7\n8\n9\n"),
    ),
    Case(
        "data-missing",
        (READ, MEAN),
        DATA_MISSING,
        COULD_NOT_RUN,
        files=ROWS,
        change=lambda root: (root / "rows.csv").unlink(),
        repair="rows.csv",
    ),
    Case(
        "data-missing-in-a-librarys-words",
        (
            "import os, posix\nclass IOException(Exception): pass\ndef connect(path):\n    try: return posix.open(path, 0)\n"
            "    except OSError: raise IOException(f'IO Error: Cannot open database \"{os.path.abspath(path)}\" in '\n"
            "        'read-only mode: database does not exist') from None",
            "base = connect('rows.csv'); score = float(posix.read(base, 1)); posix.close(base)",
        ),
        DATA_MISSING,
        COULD_NOT_RUN,
        files=ROWS,
        change=lambda root: (root / "rows.csv").unlink(),
        repair="rows.csv",
    ),
    Case(
        "absolute-path-read",
        ("import os\nrows = open(os.environ['LAB_FILE']).read().split()", "count = 0.5 * len(rows)"),
        PATH_NOT_PORTABLE,
        COULD_NOT_RUN,
        prepare=lambda root: (outside(root) / "lab.txt").write_text("a b c"),
        change=lambda root: (outside(root) / "lab.txt").unlink(),
        env={"LAB_FILE": "{lab}"},
        repair="data/lab.txt",
    ),
    Case(
        "absolute-path-write",
        ("import os\nplace = os.environ['LAB_ROOT']", "open(place + '/out.txt', 'w').write('1')\nscore = 0.5 + 1"),
        PATH_NOT_PORTABLE,
        COULD_NOT_RUN,
        env={"LAB_ROOT": "{root}"},
        says="out.txt",
        repair="'out.txt'",
    ),
    Case(
        "left-over-name",
        ("x = 2", "score = x * factor"),
        HIDDEN_STATE,
        COULD_NOT_RUN,
        untracked=("factor = 3.0",),
        says="factor",
    ),
    Case(
        "later-cell",
        ("y = 2.0 * factor",),
        HIDDEN_STATE,
        COULD_NOT_RUN,
        files={
            "n.ipynb": '{"cells": [{"cell_type": "code", "id": "c0", "source": "y = 2.0 * factor", "metadata": {}},'
            ' {"cell_type": "code", "id": "zz", "source": "factor = 3", "metadata": {}}],'
            ' "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        },
        untracked=("factor = 3.0",),
        repair="move cell 2 before cell 1",
    ),
    Case(
        "code-missing",
        ("import lab", "score = lab.score()"),
        CODE_MISSING,
        COULD_NOT_RUN,
        files={"lab.py": "def score():\n    return 2.0\n" + "# padding\n" * 120_000},
        change=lambda root: (root / "lab.py").unlink(),
        repair="lab.py",
    ),
    Case(
        "code-changed",
        ("import lab", "score = lab.score()"),
        CODE_CHANGED,
        DIFFERENT,
        files={"lab.py": "def score():\n    return 2.0\n" + "# padding\n" * 120_000},
        change=lambda root: (root / "lab.py").write_text("def score():\n    return 3.0\n"),
        says="lab.py",
    ),
    Case(
        "unseeded-generator",
        ("import numpy as np", "rng = np.random.default_rng()", "score = float(rng.normal())"),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
        says="default_rng()",
        repair="np.random.default_rng(0)",
        proved=True,
    ),
    Case(
        "fresh-rng",
        ("import random", "score = random.random()"),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
        asked={"fresh": True},
        proved=True,
    ),
    Case(
        "hash-order",
        (
            "names = {'ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gil', 'hal'}",
            "score = sum((i + 1.0) * len(n) * ord(n[0]) for i, n in enumerate(names))",
        ),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
        env={"PYTHONHASHSEED": "random"},
        says="in hash order",
        repair="sorted(names)",
        proved=True,
    ),
    Case(
        "clock",
        ("import time", "score = time.time() % 1000"),
        TIME_DEPENDENCE,
        DIFFERENT,
        says="time.time()",
        proved=True,
    ),
    Case(
        "nondeterminism",
        ("import threading, ctypes", "score = float(id(object()) % 100003) + float(threading.get_native_id())"),
        NONDETERMINISM,
        DIFFERENT,
        proved=True,
    ),
    Case(
        "network",
        (
            "import os, urllib.request\nhere = os.environ.get('LAB_ONLINE')",
            "text = '1.5' if here else urllib.request.urlopen('http://127.0.0.1:9/x').read()\nscore = float(text)",
        ),
        NETWORK,
        COULD_NOT_RUN,
        env={"LAB_ONLINE": "1"},
    ),
    Case(
        "asks-a-person",
        (
            "import os\nage = os.environ.get('LAB_AGE')",
            "score = float(age or input('age? ')) / 10",
        ),
        NEEDS_INPUT,
        COULD_NOT_RUN,
        env={"LAB_AGE": "42"},
        repair="a cell tagged parameters",
    ),
    Case(
        "magic-of-an-extension",
        (
            "import os\nfrom IPython.core.magic import register_line_magic\n"
            "if os.environ.get('LAB_PROFILE'):\n    @register_line_magic\n    def half(line):\n        return float(line) / 2",
            "score = %half 3",
        ),
        HIDDEN_STATE,
        COULD_NOT_RUN,
        env={"LAB_PROFILE": "1"},
        repair="%load_ext",
    ),
    Case(
        "kernel-died",
        (
            "import os, signal\nsafe = os.environ.get('LAB_SAFE')",
            "safe or os.kill(os.getpid(), signal.SIGKILL)\nscore = 1.0 + 1",
        ),
        KERNEL_DIED,
        COULD_NOT_RUN,
        env={"LAB_SAFE": "1"},
    ),
    Case(
        "time-out",
        ("import os, time\nquick = os.environ.get('LAB_QUICK')", "quick or time.sleep(600)\nscore = 1.0 + 1"),
        TIMEOUT,
        COULD_NOT_RUN,
        env={"LAB_QUICK": "1"},
        asked={"cell_timeout": 2.0},
    ),
    Case(
        "code-error",
        ("import os\nwell = os.environ.get('LAB_WELL')", "score = 1.0 / len(well or '')"),
        CODE_ERROR,
        COULD_NOT_RUN,
        env={"LAB_WELL": "1"},
        says="ZeroDivisionError",
    ),
    Case(
        "failed-before",
        ("score = missing_name + 1.0",),
        HIDDEN_STATE,
        COULD_NOT_RUN,
        fails=True,
        says="The recorded run ended with an error, too",
    ),
)


SKLEARN = "from sklearn.linear_model import LinearRegression\nimport numpy as np"
#: A run without a result, or whose one result is shown, as it repeats and as it does not.
SHOWN = (
    Case(
        "cell-magics",
        (
            "%%time\nrows = [float(line) for line in open('rows.csv')]",
            "%%capture kept\n%%time\n%time total = sum(rows)",
            "%timeit -n1 -r1 sum(rows)",
            "%%prun -q\nmean = total / len(rows)",
            "%%time\nbest_score = 0.0\nfor row in rows:\n    best_score = max(best_score, row - mean)\nprint(best_score)",
        ),
        files=ROWS,
    ),
    Case("only-a-shape", ("import numpy as np\nX = np.arange(60.0).reshape(20, 3)", "X.shape"), None, NOT_COMPARED),
    Case("only-its-end", ("x = [1]", "y = [x]"), None, NOT_COMPARED),
    Case("only-a-repr", (SKLEARN, "model = LinearRegression()\nmodel"), None, NOT_COMPARED),
    Case(
        "shape-hides-result",
        (
            "import numpy as np\nX = np.arange(60.0).reshape(20, 3)",
            "n_columns = X.shape[1]\nprint('accuracy', np.random.default_rng().random())",
        ),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
        says="default_rng()",
        repair="np.random.default_rng(0)",
        proved=True,
    ),
    Case(
        "only-a-model",
        (
            SKLEARN,
            "r = np.random.default_rng(7)\nX = r.normal(size=(50, 3)); y = r.normal(size=50)\n"
            "model = LinearRegression().fit(X, y)",
        ),
    ),
    Case(
        "vacuous-reproduced",
        (
            SKLEARN,
            "r = np.random.default_rng()\nX = r.normal(size=(50, 3)); y = r.normal(size=50)\n"
            "model = LinearRegression().fit(X, y)",
        ),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
        says="default_rng()",
        repair="np.random.default_rng(0)",
        proved=True,
    ),
    Case("printed", ("import numpy as np", "print('accuracy', np.random.default_rng(3).random())")),
    Case(
        "printed-beside-a-duration",
        ("import time\nt0 = time.time()", "print(f'auc {1 / 3:.3f} after {time.time() - t0:.6f} and more')"),
    ),
    Case(
        "unseeded-without-effect",
        ("import numpy as np\nrng = np.random.default_rng()", "kept = [rng.integers(9)]\nprint('auc', 1 / 3)"),
        says="default_rng()",
        proved=False,
    ),
    Case(
        "unseeded-and-not-proved",
        ("import numpy as np\nrng = np.random.default_rng()", "print('auc', 1 / 3)"),
        UNSEEDED_RANDOMNESS,
        NOT_COMPARED,
        asked={"prove": False},
        repair="np.random.default_rng(0)",
    ),
    Case(
        "drawn-by-an-import",
        ("import assaylib", "print('auc', 1 / 3)"),
        prepare=lambda root: package(root, "1.0", "import numpy\nnumpy.random.rand()\n"),
        env=SITE,
    ),
    Case(
        "words-of-the-result",
        ("import random\ngenes = ['TP' + c for c in 'abcdefgh'] * 9", "print(random.SystemRandom().sample(genes, 9))"),
        UNSEEDED_RANDOMNESS,
        DIFFERENT,
    ),
)


def filled(values: dict[str, str], root: Path) -> dict[str, str]:
    """The variables of a case with the folders of this machine."""
    place = outside(root)
    known = {"root": str(root), "site": str(place / "site"), "lab": str(place / "lab.txt")}
    return {name: value.format(**known) for name, value in values.items()}


def kept(variables: dict[str, str]) -> dict[str, str]:
    """Those that are set when the run is made again: paths are, what only the recorded session had is not."""
    return {name: value for name, value in variables.items() if os.path.isabs(value)}
