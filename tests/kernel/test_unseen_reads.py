"""What a library read unseen is a gap of every run that may depend on it, not only of the first one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

#: Stand-ins that read a file as C does: through a descriptor that nobody saw opening and that is closed at the end.
LIBRARY = "import ctypes\n\ndef read(path):\n    return len(open(path, 'rb').read()) * 1.5\n"


def _gaps(run: RunRecord) -> list[str]:
    return [gap.reason.split(" opens by itself")[0] for gap in run.gaps if gap.part == "data"]


def test_every_run_after_an_unseen_read_has_the_gap(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    for name in ("h5py", "pysam"):
        (project_dir / f"{name}.py").write_text(LIBRARY)
    (project_dir / "cohort.h5").write_bytes(b"12345")
    kernel = start_kernel()
    kernel.run("%%experiment before\na = 1.5 * 2")
    kernel.run("import h5py\nframe = h5py.read('cohort.h5')")
    kernel.run("%%experiment first\nauc = frame / 10")
    kernel.run("%%experiment second\nimport pysam\nf1 = frame / 20")
    kernel.run("%%experiment third\nmcc = frame / 30")
    kernel.run("%%experiment again --data nosuch\nmcc = frame / 30")
    kernel.run("%%experiment last\nmcc = frame / 40")
    kernel.close()
    h5py, pysam = "files that h5py", "files that pysam"
    found = {run.name: _gaps(run) for run in runs()}
    assert {name: sorted(gaps) for name, gaps in found.items()} == {
        "before": [],
        "first": [h5py],
        "second": [h5py, pysam],
        "third": [h5py, pysam],
        "again": [h5py, pysam],
        "last": [h5py, pysam],
    }, "a name that --data does not find is a mistake of one cell, which no other one inherits"
