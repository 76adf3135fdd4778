"""A small sweep with everything a run can have, and a description of it that is the same every time it is run."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from notebook_files import write

from jupyter_bioml.batch.batch import BatchReport, Running, run_notebooks
from jupyter_bioml.batch.request import BatchRequest
from jupyter_bioml.store.base import PARENT, StoredRun
from jupyter_bioml.store.mlflow_store import MlflowStore

#: Content of a file of a run: (run id, path) → bytes.
Read = Callable[[str, str], bytes]

_SHOP = '"""The project\'s own module."""\n\n\ndef price(lr: float) -> float:\n    return 2 * lr\n' + "# stock\n" * 100
_CELL = """%%experiment fit --tag site=Basel --note "three rates"
print("rate", lr)
for depth in (1, 2):
    with bioml.run(f"depth={depth}", depth=depth) as child:
        child.log(score=depth * lr)
for step in range(3):
    bioml.log(loss=lr / (step + 1), step=step)
bioml.log_artifact("notes.txt")
total = price(lr) * rounds + len(rows)"""
#: Tags that are other ones each time or on each machine.
_VOLATILE = {
    "bioml.record_id", "bioml.session", "bioml.fingerprint", "mlflow.user", "mlflow.runName", PARENT, "bioml.shared",
}  # fmt: skip
#: Files whose content is the same each time.
_STEADY = ("bioml/cell.py", "bioml/slice.ipynb", "bioml/outputs/", "bioml/modules/", "notes.txt")


def run_sweep(root: Path, rates: str = "1,0.5,0.25") -> BatchReport:
    """Run and publish it in the project at ``root``."""
    (root / "shop.py").write_text(_SHOP, encoding="utf-8")
    (root / "data.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (root / "notes.txt").write_text("kept\n", encoding="utf-8")
    notebook = write(
        root / "fit.ipynb",
        "lr = 0.1\nrounds = 3",
        "import jupyter_bioml as bioml\nfrom shop import price\n" + "# what is read below\n" * 40,
        "rows = open('data.csv').read().splitlines()",
        _CELL,
    )
    return run_notebooks(BatchRequest((notebook,), grid=(f"lr={rates}",), parameters={"rounds": "2"}), Running(jobs=2))


def key_of(run: StoredRun) -> str:
    """What a run is, whatever its id: its task and its name."""
    return f"{run.tags.get('bioml.task', 'sweep')}/{run.name}"


def described(store: MlflowStore, read: Read) -> dict[str, Any]:
    """Every run as MLflow has it, ids, times and what a machine adds left out."""
    runs = {run.run_id: run for run in store.search()}
    return {key_of(run): _described(store, run, runs, read) for run in sorted(runs.values(), key=key_of)}


def _described(store: MlflowStore, run: StoredRun, runs: dict[str, StoredRun], read: Read) -> dict[str, Any]:
    above, record = run.tags.get(PARENT), store.record(run.run_id)
    code = [*(cell.source for cell in record.before), record.code.source]
    kept = {key: value for key, value in run.metrics.items() if not key.startswith("system/")}
    return {
        "status": run.status,
        "parent": None if above is None else key_of(runs[above]),
        "params": {**run.params, **({"output_dir": ""} if "output_dir" in run.params else {})},
        "metrics": kept,
        "series": {key: [[point.step, point.value] for point in store.history(run.run_id, key)] for key in kept},
        "tags": {key: value for key, value in run.tags.items() if key not in _VOLATILE},
        "inputs": sorted([item.name, item.digest, item.role or ""] for item in store.inputs(run.run_id)),
        "code": hashlib.sha256("\0".join(code).encode()).hexdigest(),
        "table": _table(read(run.run_id, "sweep.csv")) if record.mark == "sweep" else None,
    }


def _table(text: bytes) -> list[list[str]]:
    """The sweep's table without durations."""
    rows = list(csv.reader(io.StringIO(text.decode())))
    return [row[: rows[0].index("duration")] for row in rows]


def digests(names: list[str], run_id: str, read: Read) -> dict[str, str | None]:
    """File → SHA-256 of its content; None where that is another one each time."""
    return {
        name: hashlib.sha256(read(run_id, name)).hexdigest() if name.startswith(_STEADY) else None for name in names
    }
