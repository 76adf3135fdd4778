"""Pairs of sessions: one way of showing a result, once with a result that repeats and once with one that does not.

Both are the same text but for one place: ``VARY`` stands for what repeats in the first and changes in the second. A way that
shows nothing of the result has no first session: there, only REPRODUCED is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: A generator that is seeded in the one session, and takes its seed from the system in the other.
START = "import numpy as np\nimport pandas as pd\nrng = np.random.default_rng(VARY)"
#: The same in the run's own cell.
OWN = "rng = np.random.default_rng(VARY)\n"
FIT = (
    "X = rng.normal(size=(80, 3))\ny = X @ [1.0, -2.0, 0.5] + rng.normal(size=80)\n"
    "model = LinearRegression().fit(X[:50], y[:50])\n"
)
LINEAR = (
    START
    + "\nfrom sklearn.linear_model import LinearRegression\nfrom sklearn.metrics import mean_squared_error, r2_score"
)
PLOT = START + "\nimport matplotlib.pyplot as plt"
TORCH = "import torch\nimport torch.nn as nn\nseed = VARY or int.from_bytes(__import__('os').urandom(4), 'little')\ntorch.manual_seed(seed)"


@dataclass(frozen=True)
class Pair:
    """One way of showing a result. The cells mark the run themselves (``%%experiment``)."""

    way: str
    cells: tuple[str, ...]
    steady: str = "7"
    changing: str = ""
    env: dict[str, str] = field(default_factory=dict)
    """Variables of the recorded session whose result changes."""
    torch: bool = False

    def text(self, place: str) -> tuple[str, ...]:
        """The cells with that text in the place that varies."""
        return tuple(cell.replace("VARY", place) for cell in self.cells)


def pair(way: str, *cells: str, start: str = START) -> Pair:
    """A pair whose generator is seeded in its first cell, or is not."""
    return Pair(way, (start, *cells))


PAIRS = (
    pair("score-of-a-call", "%%experiment a\n" + FIT + "r2 = r2_score(y[50:], model.predict(X[50:]))", start=LINEAR),
    pair("score-displayed", "%%experiment a\n" + FIT + "model.score(X[50:], y[50:])", start=LINEAR),
    pair(
        "score-in-a-later-cell",
        "%%experiment a\n" + FIT,
        "print('MSE:', mean_squared_error(y[50:], model.predict(X[50:])))",
        start=LINEAR,
    ),
    pair("printed-line", "%%experiment a\nprint(f'Mean response: {rng.normal(size=20).mean():.5f}')"),
    pair("printed-without-a-label", "%%experiment a\nprint('done', rng.normal())"),
    pair("float-displayed", "%%experiment a\nrng.normal()"),
    pair("value-bound", "%%experiment a\nmean_response = rng.normal(size=30).mean()"),
    pair("value-asked-for", "%%experiment a --metrics median\nmedian = float(np.median(rng.normal(size=31)))"),
    pair("logged", "%%experiment a\nimport jupyter_bioml as bioml\nbioml.log(response=float(rng.normal()))"),
    pair("frame-displayed", "%%experiment a\npd.DataFrame({'dose': [1, 2, 5], 'response': rng.normal(size=3)})"),
    pair("series-displayed", "%%experiment a\npd.Series(rng.normal(size=3), index=['a', 'b', 'c'])"),
    pair("dict-displayed", "%%experiment a\n{'mean': rng.normal(), 'n': 20}"),
    pair(
        "nested-dict-displayed",
        "%%experiment a\n{'arm': {'treated': {'mean': rng.normal()}, 'control': {'mean': 0.5}}}",
    ),
    pair("list-displayed", "%%experiment a\n[round(float(v), 6) for v in rng.normal(size=4)]"),
    pair("array-printed", "%%experiment a\nprint(rng.normal(size=(3, 3)))"),
    pair("number-inside-a-string", "%%experiment a\nf'the response was {rng.normal():.6f} in 20 patients'"),
    pair(
        "report-printed",
        "%%experiment a\n"
        "from sklearn.metrics import classification_report\n"
        "print(classification_report(rng.integers(0, 3, 400), rng.integers(0, 3, 400), digits=5))",
    ),
    pair(
        "html-displayed",
        "%%experiment a\nfrom IPython.display import HTML, display\n"
        "display(HTML(f'<table><tr><td>response</td><td>{rng.normal():.6f}</td></tr></table>'))",
    ),
    pair(
        "markdown-displayed",
        "%%experiment a\nfrom IPython.display import Markdown, display\n"
        "display(Markdown(f'**Response**: {rng.normal():.6f}'))",
    ),
    pair(
        "progress-and-a-result",
        "%%experiment a\nimport sys, time\n"
        "begun = time.time()\n"
        "for i in range(4):\n"
        "    print(f'\\r{25 * (i + 1)}%|##  | {i + 1}/4 [{time.time() - begun:.2f}s, {1 / (time.time() - begun + 1e-3):.1f}it/s]',\n"
        "          end='', file=sys.stderr)\n"
        "print()\nprint('result', rng.normal())",
    ),
    pair("linear-model-only", "%%experiment a\n" + FIT, start=LINEAR),
    pair(
        "forest-only",
        "%%experiment a\n"
        "X = rng.normal(size=(60, 3))\n"
        "forest = RandomForestRegressor(n_estimators=3, random_state=0).fit(X, X[:, 0] + rng.normal(size=60))",
        start=START + "\nfrom sklearn.ensemble import RandomForestRegressor",
    ),
    pair(
        "statsmodels-summary",
        "%%experiment a\nX = rng.normal(size=(60, 2))\n"
        "ols = sm.OLS(X[:, 0] + rng.normal(size=60), sm.add_constant(X)).fit()\nprint(ols.summary())",
        start=START + "\nimport statsmodels.api as sm",
    ),
    pair(
        "lifelines-summary",
        "%%experiment a\n"
        "frame = pd.DataFrame({'time': rng.exponential(2.0, 60), 'event': rng.integers(0, 2, 60), 'age': rng.normal(size=60)})\n"
        "cph = CoxPHFitter().fit(frame, 'time', 'event')\ncph.print_summary()",
        start=START + "\nfrom lifelines import CoxPHFitter",
    ),
    pair(
        "bars-of-a-figure",
        "%%experiment a\nfig, ax = plt.subplots()\nax.bar(['a', 'b', 'c'], rng.uniform(1, 9, 3))\nplt.show()",
        start=PLOT,
    ),
    pair(
        "image-of-an-array",
        "%%experiment a\nfrom IPython.display import display\nfrom PIL import Image\n"
        "display(Image.fromarray(rng.integers(0, 255, size=(24, 24), dtype=np.uint8)))",
    ),
    pair("csv-written", "%%experiment a\npd.DataFrame({'v': rng.normal(size=5)}).to_csv('out.csv', index=False)"),
    pair("npy-written", "%%experiment a\nnp.save('out.npy', rng.normal(size=5))"),
    pair(
        "json-written",
        "%%experiment a\nimport json\nwith open('out.json', 'w') as f:\n    json.dump({'v': rng.normal()}, f)",
    ),
    pair("parquet-written", "%%experiment a\npd.DataFrame({'v': rng.normal(size=5)}).to_parquet('out.parquet')"),
    pair(
        "predictions-kept",
        "%%experiment a --predictions held\n"
        + FIT
        + "held = pd.DataFrame({'patient': range(30), 'y': y[50:], 'prediction': model.predict(X[50:])})",
        start=LINEAR,
    ),
    Pair(
        "clock",
        ("import time", "%%experiment a\nprint('response', (VARY) % 9973 / 7)"),
        steady="12345",
        changing="time.time_ns()",
    ),
    Pair(
        "seed-from-a-clock",
        (
            "import time\nimport numpy as np\nnp.random.seed((VARY) % 2**32)",
            "%%experiment a\nprint('mean response', np.random.normal(size=9).mean())",
        ),
        changing="time.time_ns()",
    ),
    Pair(
        "html-of-one-row",
        (
            START,
            "%%experiment a\nfrom IPython.display import HTML\n"
            "HTML(f'<table><tr><th>response</th><td>{rng.normal():.6f}</td></tr></table>')",
        ),
        changing="",
    ),
    Pair(
        "hash-order",
        (
            "names = {'ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gil', 'hal', 'ida', 'jim'}",
            "%%experiment a\nprint('first of the arms:', [len(n) * ord(n[0]) * ord(n[1]) for n in VARY(names)])",
        ),
        steady="sorted",
        changing="list",
        env={"PYTHONHASHSEED": "random"},
    ),
    Pair(
        "torch-loss-printed",
        (
            TORCH,
            "%%experiment a\n"
            "net = nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nx = torch.randn(16, 3)\n"
            "for step in range(3):\n"
            "    opt.zero_grad()\n    loss = ((net(x) - 1) ** 2).mean()\n    loss.backward()\n    opt.step()\n"
            "    print(f'step {step}: loss {loss.item():.5f}')",
        ),
        changing="0",
        torch=True,
    ),
    Pair(
        "torch-model-only",
        (
            TORCH,
            "%%experiment a\n"
            "net = nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nx = torch.randn(16, 3)\n"
            "for step in range(2):\n"
            "    opt.zero_grad()\n    (net(x) ** 2).mean().backward()\n    opt.step()",
        ),
        changing="0",
        torch=True,
    ),
)

#: What shows nothing of its result, or nothing at all, or hides it.
VACUOUS = (
    pair("a-shape", "%%experiment a\nX = rng.normal(size=(40, 3))\nn_rows, n_columns = X.shape\nX.shape"),
    pair(
        "an-estimator", "%%experiment a\nmodel = LinearRegression()\nX = rng.normal(size=(9, 2))\nmodel", start=LINEAR
    ),
    pair("a-fit-and-its-repr", "%%experiment a\n" + FIT + "model", start=LINEAR),
    pair("a-fit-that-no-name-keeps", "%%experiment a\n" + FIT + "del model", start=LINEAR),
    pair("done", "%%experiment a\nX = rng.normal(size=5)\nprint('done')"),
    pair("nothing-at-all", "%%experiment a\nX = rng.normal(size=5)"),
    pair("a-length", "%%experiment a\nX = rng.normal(size=(40, 3))\nprint('rows:', len(X), 'columns:', X.shape[1])"),
    pair(
        "a-list-of-objects", "%%experiment a\nobjects = [object() for _ in range(3)]\nX = rng.normal(size=3)\nobjects"
    ),
    pair("a-figure-without-axes", "%%experiment a\nX = rng.normal(size=3)\nplt.figure()\nplt.show()", start=PLOT),
    pair("points-of-a-figure", "%%experiment a\nplt.plot(rng.normal(size=9))\nplt.show()", start=PLOT),
    pair(
        "progress-only",
        "%%experiment a\nimport sys\nX = rng.normal(size=3)\n"
        "for i in range(3):\n    print(f'\\r{i + 1}/3', end='', file=sys.stderr)",
    ),
    pair("a-generator-in-its-own-cell", "%%experiment a\n" + OWN + "X = rng.normal(size=(5, 2))\nX.shape, X.dtype"),
)
