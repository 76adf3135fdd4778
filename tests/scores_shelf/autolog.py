"""The same notebooks with ``mlflow.autolog()`` at their top, as its manual says, and nothing else added."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from kernels import Kernel

from .case import Case
from .judge import Kept
from .session import Shelf

_START = "import mlflow\nmlflow.set_tracking_uri({uri!r})\nmlflow.autolog(silent=True)"


class Autolog:
    """Kernels with MLflow's autologging. Use as a context manager.

    :param root: an empty folder.
    """

    def __init__(self, root: Path, modules: tuple[str, ...]) -> None:
        from jupyter_bioml.store.mlflow_store import MlflowStore

        root.mkdir()
        self._empty = root / "empty.db"
        MlflowStore(f"sqlite:///{self._empty}")
        self._shelf = Shelf(root / "cases", (*modules, "mlflow", "mlflow.sklearn"))

    def __enter__(self) -> Autolog:
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.__exit__()

    def kept(self, case: Case) -> list[Kept]:
        """Every metric of every run that autologging made, with all its steps."""
        with self._shelf.kernel(case, "autolog") as kernel:
            database = self._shelf.folder(case, "autolog") / "mlflow.db"
            shutil.copy(self._empty, database)
            self._sent(kernel, case, f"sqlite:///{database}")
        return _metrics(database)

    def _sent(self, kernel: Kernel, case: Case, uri: str) -> None:
        started = kernel.run(_START.format(uri=uri))
        assert started.status == "ok", started.error
        for number, source in enumerate(case.plain_cells):
            ran = kernel.run(source, timeout=120)
            assert number in case.raises or ran.status == "ok", f"{case.name}, cell {number}: {ran.error}"


def _metrics(database: Path) -> list[Kept]:
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "select run_uuid, key, step, value from metrics order by run_uuid, key, step, timestamp"
        )
        series: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for run, key, step, value in rows:
            series.setdefault((run, key), []).append((step, value))
    return [
        Kept(run, key, tuple(value for _, value in points), tuple(step for step, _ in points))
        for (run, key), points in series.items()
    ]
