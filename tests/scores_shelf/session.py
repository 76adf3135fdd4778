"""A notebook of the shelf in real kernels: plainly, for the truth and for what its user sees, and tracked."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from headless_case import last_session, records_of
from jupyter_client.manager import KernelManager
from kernels import Kernel
from seen import seen

from jupyter_bioml.config import find_project
from jupyter_bioml.headless.forked import TemplateProcess
from jupyter_bioml.headless.provisioner import forking_manager

from .case import TRUTH, Case, expressions
from .judge import Kept

HERE = Path(__file__).parent
#: Stand-ins of packages, as they would be installed.
SITE = HERE / "site-packages"
#: What nearly every notebook of the shelf imports: in the template that their kernels are forked from.
COMMON = (
    "numpy",
    "pandas",
    "scipy.stats",
    "sklearn.cluster",
    "sklearn.datasets",
    "sklearn.ensemble",
    "sklearn.inspection",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.neighbors",
    "sklearn.pipeline",
    "sklearn.svm",
)
#: Written into a module of the kernel, so that the notebook's own names stay as they are.
_PROBE = (
    "import sys as _s, types as _t\n"
    "_s.modules['shelf_probe'] = _t.ModuleType('shelf_probe')\n"
    "exec(compile({source!r}, 'probe', 'exec'), vars(_s.modules['shelf_probe']))\n"
    "_s.modules['shelf_probe'].seed()\n"
    "del _s, _t"
)
_LOOK = (
    "import json as _j, sys as _s\n_p = _s.modules['shelf_probe']\n"
    "print(_j.dumps([_p.generators(), _p.looks() if {looks} else {{}}, _p.identities()]))\ndel _j, _s, _p"
)


@dataclass
class Ran:
    """What a notebook left."""

    seen: list[Any]
    """What its user sees of each cell."""
    generators: dict[str, str]
    looks: dict[str, list[str]]
    """How the observed functions of libraries look afterwards."""
    moved: list[str]
    """Functions that are other objects than before."""
    kept: list[Kept] = field(default_factory=list)
    truth: dict[str, Any] = field(default_factory=dict)


class Shelf:
    """Runs cases in kernels of this Python; each gets a kernel and a project of its own. Use as a context manager.

    :param root: an empty folder.
    :param modules: what the template of the kernels imports, beside what most notebooks do.
    :param forked: False: every kernel is started, and its libraries are imported after the extension is loaded.
    """

    def __init__(self, root: Path, modules: Sequence[str] = (), forked: bool = True) -> None:
        self.root = root
        self.refusals: list[str] = []
        self._site = root / "lib" / "site-packages"
        shutil.copytree(SITE, self._site)
        self._template: TemplateProcess | None = None
        self._manager: type[KernelManager] = KernelManager
        if forked:
            known = [name for name in (*COMMON, *modules) if find_spec(name.split(".")[0])]
            self._template = TemplateProcess(sys.executable, known)
            self._manager = forking_manager(KernelManager, self._template, self.refusals.append)

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        if self._template is not None:
            self._template.close()

    def plain(self, case: Case) -> Ran:
        """The case without the extension, with the truth."""
        with self.kernel(case, "plain") as kernel:
            kernel.run(_probe())
            before = _look(kernel, looks=False)[2]
            outputs = _sent(kernel, case, case.plain_cells, self.folder(case, "plain"))
            generators, looks, after = _look(kernel)
            truth = evaluated(kernel, case)
        return Ran(outputs, generators, looks, _moved(before, after), truth=truth)

    def tracked(self, case: Case) -> Ran:
        """The case with the extension, and what was kept of it."""
        folder = self.folder(case, "tracked")
        with self.kernel(case, "tracked") as kernel:
            kernel.run(_probe())
            before = _look(kernel, looks=False)[2]
            loaded = kernel.run("%load_ext jupyter_bioml")
            assert loaded.status == "ok", loaded.error
            outputs = _sent(kernel, case, case.cells, folder)
            generators, looks, after = _look(kernel)
        return Ran(outputs, generators, looks, _moved(before, after), kept=kept_in(folder))

    def folder(self, case: Case, kind: str) -> Path:
        """The project of a case, for one way of running it."""
        return self.root / f"{case.name}-{kind}"

    @contextmanager
    def kernel(self, case: Case, kind: str) -> Iterator[Kernel]:
        """A kernel in a project of its own, without the extension."""
        folder = self.folder(case, kind)
        (folder / ".bioml").mkdir(parents=True)
        for name, text in case.files.items():
            (folder / name).write_text(text)
        env = {"BIOML_PUBLISH": "off", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
        kernel = Kernel(folder, env=env, load=False, manager=self._manager)
        try:
            for name in case.site:
                assert (self._site / name).is_dir(), f"no stand-in for {name}"
            if case.site:
                kernel.run(f"import sys\nsys.path.append({str(self._site)!r})\ndel sys")
            yield kernel
        finally:
            kernel.close()


def kept_in(folder: Path) -> list[Kept]:
    """Every metric of the runs of the last session in a project."""
    records = records_of(find_project(folder, create=False).home, last_session(folder))
    names = {record.record_id: record.name or "unnamed" for record in records}
    series: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for record in records:
        if not record.is_run:
            continue
        run = names[record.record_id] if record.parent is None else f"{names[record.parent]}/{record.name}"
        for metric in record.metrics:
            series.setdefault((run, metric.key), []).append((metric.step, float(metric.value)))
    return [
        Kept(run, name, tuple(value for _, value in sorted(points)), tuple(step for step, _ in sorted(points)))
        for (run, name), points in series.items()
    ]


def evaluated(kernel: Kernel, case: Case) -> dict[str, Any]:
    """The value of every expression of the right list, in the kernel that has run the cells."""
    asked = expressions(case)
    if not asked:
        return {}
    pairs = ", ".join(f"{key!r}: _wire({text})" for key, text in asked.items())
    ran = kernel.run(f"{TRUTH}\nimport json as _json\nprint(_json.dumps({{{pairs}}}))")
    assert ran.status == "ok", f"{case.name}: {ran.error}"
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def missing_modules(case: Case) -> list[str]:
    """Libraries of a case that this Python does not have."""
    return [name for name in case.modules if find_spec(name) is None]


def _probe() -> str:
    return _PROBE.format(source=(HERE / "probe.py").read_text())


def _look(kernel: Kernel, looks: bool = True) -> tuple[dict[str, str], dict[str, list[str]], dict[str, int]]:
    ran = kernel.run(_LOOK.format(looks=looks))
    assert ran.status == "ok", ran.error
    generators, seen_looks, identities = json.loads(ran.stdout)
    return generators, seen_looks, identities


def _moved(before: dict[str, int], after: dict[str, int]) -> list[str]:
    return [name for name, identity in before.items() if after[name] != identity]


def _sent(kernel: Kernel, case: Case, cells: Sequence[str], folder: Path) -> list[Any]:
    outputs = []
    for number, source in enumerate(cells):
        ran = kernel.run(source, f"c{number}", (), str(folder / "n.ipynb"))
        wanted = "error" if number in case.raises else "ok"
        assert ran.status == wanted, f"{case.name}, cell {number}: {ran.error}"
        outputs.append(list(seen(ran)))
    return outputs
