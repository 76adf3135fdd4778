"""What in the code makes a result change from run to run, and the edit that fixes it."""

from __future__ import annotations

import pytest

from jupyter_bioml.notebooks.code_text import Text, bound_names
from jupyter_bioml.reproduce.cause.volatile_code import CLOCK, ESTIMATOR, FRESH, GLOBAL, HASH, Sight, seeded, sights

IMPORTS = (
    "import numpy as np, random, time, os, torch, secrets\nimport datetime as dt\nfrom datetime import datetime, date\n"
    "from sklearn.ensemble import RandomForestClassifier as RF\nfrom sklearn.model_selection import KFold, train_test_split\n"
    "import pandas as pd"
)


def look(source: str) -> list[Sight]:
    return sights((Text(IMPORTS, 1), Text(source, 2)))


@pytest.mark.parametrize(
    ("source", "kind", "library", "repair"),
    [
        ("rng = np.random.default_rng()", FRESH, None, "rng = np.random.default_rng(0)"),
        ("rng = np.random.default_rng(None)", FRESH, None, "np.random.default_rng(0)"),
        ("rng = np.random.RandomState()", FRESH, None, "np.random.RandomState(0)"),
        ("r = random.Random()", FRESH, None, "random.Random(0)"),
        ("np.random.seed()", FRESH, None, "np.random.seed(0)"),
        ("key = os.urandom(8)", FRESH, None, "seeded generator"),
        ("key = secrets.token_hex()", FRESH, None, "seeded generator"),
        ("x = random.gauss(0, 1)", GLOBAL, "random", "random.seed(0)"),
        ("x = np.random.normal(size=3)", GLOBAL, "numpy", "np.random.seed(0)"),
        ("x = torch.randn(3)", GLOBAL, "torch", "torch.manual_seed(0)"),
        ("clf = RF(n_estimators=5)", ESTIMATOR, "numpy", "clf = RF(n_estimators=5, random_state=0)"),
        ("clf = RF(n_jobs=-1, random_state=None)", ESTIMATOR, None, "random_state=0"),
        ("folds = KFold(5, shuffle=True)", ESTIMATOR, "numpy", "KFold(5, shuffle=True, random_state=0)"),
        ("a, b = train_test_split(rows)", ESTIMATOR, "numpy", "train_test_split(rows, random_state=0)"),
        ("now = datetime.now()", CLOCK, None, "fixed value"),
        ("day = date.today()", CLOCK, None, "fixed value"),
        ("day = dt.datetime.utcnow()", CLOCK, None, "fixed value"),
        ("at = pd.Timestamp.now()", CLOCK, None, "fixed value"),
        ("at = pd.to_datetime('today')", CLOCK, None, "fixed value"),
        ("seed = int(time.time())", CLOCK, None, "fixed value"),
        ("stamp = time.strftime('%Y')", CLOCK, None, "fixed value"),
        ("for name in {'a', 'b'}: pass", HASH, None, "sorted({'a', 'b'})"),
        ("genes = set(names)\nfirst = list(genes)", HASH, None, "sorted(genes)"),
        ("text = ','.join(set(names))", HASH, None, "sorted(set(names))"),
        ("bucket = hash(name) % 10", HASH, None, "hashlib"),
    ],
)  # fmt: skip
def test_seen(source: str, kind: str, library: str | None, repair: str) -> None:
    (sight,) = look(source)
    assert (sight.kind, sight.library, sight.where, sight.cell) == (kind, library, "cell 2", 2)
    assert repair in sight.repair, sight.repair


@pytest.mark.parametrize(
    "source",
    [
        "rng = np.random.default_rng(3)\nx = rng.normal()",
        "clf = RF(random_state=1)",
        "clf = RF(**options)",
        "folds = KFold(5)",
        "a, b = train_test_split(rows, shuffle=False)",
        "t0 = time.time()\nwork()\ntook = time.time() - t0",
        "stamp = time.strftime('%Y', moment)",
        "for name in sorted({'a', 'b'}): pass",
        "count = len(set(names))",
        "if name in {'a', 'b'}: pass",
        "for number in {1, 2, 3}: pass",
        "state = np.random.get_state()",
        "def (: broken",
        "%%html\n<b>random.random()</b>",
    ],
)
def test_not_seen(source: str) -> None:
    assert look(source) == []


def test_seeds_are_seen_wherever_they_are_set() -> None:
    def of(source: str) -> set[str]:
        return seeded((Text(IMPORTS, 1), Text(source, 2)))

    assert of("random.seed(1); np.random.seed(seed=2)") == {"random", "numpy"}
    assert of("torch.manual_seed(0)") == {"torch"}
    assert of("from lab import seed_everything\nseed_everything(42)") == {"random", "numpy", "torch"}
    assert of("random.seed()\nnp.random.seed(None)") == set()


def test_a_set_of_an_earlier_cell_is_known() -> None:
    (sight,) = sights((Text("names = {'ada', 'bob'}", 1), Text("for i, name in enumerate(names): pass", 2)))
    assert (sight.kind, sight.where) == (HASH, "cell 2") and "sorted(names)" in sight.repair


def test_magics_are_read_as_python() -> None:
    text = Text("%%time\n%matplotlib inline\nfiles = !ls\nx, (y, *z) = load()\nfor i in y: w = i", 1)
    assert text.tree is not None
    assert {"files", "x", "y", "z", "i", "w"} <= bound_names(text.tree)
    assert text.line_of(text.tree.body[-1]) == "for i in y: w = i"
