"""What a flag asks for is paid for: a model as long as its pickling, data as long as hashing its bytes."""

from __future__ import annotations

from .cells import in_turns
from .figures import Figure, median
from .kernels import Kernel, kernel, workplace

SETUP = """import cloudpickle, hashlib, numpy as np, pandas as pd
from sklearn.ensemble import RandomForestClassifier
generator = np.random.default_rng(0)
X = generator.normal(size=(4000, 20))
model = RandomForestClassifier(100, random_state=0).fit(X, X[:, 0] + X[:, 1] > 0)
array = generator.normal(size=(1_000_000, 8))
frame = pd.DataFrame(array, columns=list("abcdefgh"))"""
#: Data is looked at twice, at the cell's start and at its end: only that shows whether the cell changed it.
RAW = {
    "--model (100 trees)": "with open('raw.pkl', 'wb') as file:\n    cloudpickle.dump(model, file)",
    "--data (64 MB array)": "for _ in range(2):\n    hashlib.sha256(array).hexdigest()",
    "--data (64 MB frame)": "for _ in range(2):\n    digest = hashlib.sha256()\n"
    "    for name in frame:\n        digest.update(np.ascontiguousarray(frame[name]))",
}
FLAG = {
    "--model (100 trees)": "--model model",
    "--data (64 MB array)": "--data array",
    "--data (64 MB frame)": "--data frame",
}


def measure(quick: bool) -> list[Figure]:
    """The cell with the flag minus the cell without it, over the raw call, all in one kernel and in turns."""
    repetitions = 5 if quick else 25
    with workplace() as folder, kernel(folder, load=True) as tracked:
        tracked.run(SETUP)
        return [_figure(tracked, what, repetitions) for what in RAW]


def _figure(tracked: Kernel, what: str, repetitions: int) -> Figure:
    asked, unasked, raw = in_turns(
        [
            lambda _: tracked.run(f"%%experiment {FLAG[what]}\nx = 1"),
            lambda _: tracked.run("%%experiment\nx = 1"),
            lambda _: _raw(tracked, RAW[what]),
        ],
        repetitions,
    )
    added, plain = median(asked) - median(unasked), median(raw)
    note = f"{added * 1e3:.1f} ms against {plain * 1e3:.1f} ms of the raw call"
    return Figure(f"{what}, against the raw call", "×", added / plain, 1.3, {}, note)


def _raw(tracked: Kernel, code: str) -> float:
    lines = f"import time\nstart = time.perf_counter()\n{code}\nbench_result(time.perf_counter() - start)"
    return float(tracked.result(lines))
