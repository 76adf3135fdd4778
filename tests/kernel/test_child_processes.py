"""Cells that leave the reading to other processes: it is data of their runs, or a gap that names who read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_bioml.records.run import RunRecord

SETUP = """import os, multiprocessing as mp
from joblib import Parallel, delayed
def rd(path):
    with open(path) as file: return len(file.read())
names = [f'data/p{n}.csv' for n in range(3)]"""
CELLS = {
    "head": "text = !head -1 data/p2.csv",
    "pool": "pool = mp.get_context('fork').Pool(2)\nfound = pool.map(rd, names)",
    "again": "found = pool.map(rd, names[:1])\npool.terminate()",
    "listing": "!ls data",
    "cat": "!cat data/p2.csv | wc -l",
    "bash": "get_ipython().run_cell_magic('bash', '', 'cat data/p2.csv')",
    "code": "child = os.fork()\nif not child:\n    rd(names[1]); os._exit(3)\nprint(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))",
    "quiet": "found = 1",
    "loky": "found = Parallel(n_jobs=2)(delayed(rd)(name) for name in names)",
}


def test_reads_in_child_processes(
    start_kernel: Callable[..., Any], project_dir: Path, runs: Callable[[], list[RunRecord]]
) -> None:
    (project_dir / "data").mkdir()
    for number in range(3):
        (project_dir / "data" / f"p{number}.csv").write_text(f"a\n{number}\n")
    kernel = start_kernel()
    assert kernel.run(SETUP).status == "ok"
    said = {name: kernel.run(f"%%experiment {name}\n{body}") for name, body in CELLS.items()}
    assert {result.status for result in said.values()} == {"ok"}, {name: item.error for name, item in said.items()}
    assert (said["bash"].stdout, said["code"].stdout) == ("a\n2\n", "3\n")
    assert "data not known" in str(said["head"].displays) and "no data read" not in str(said["head"].displays)
    kernel.close()
    records = {record.name: record for record in runs()}
    read = {name: {use.name for use in record.data if not use.inherited} for name, record in records.items()}
    all_of_them = {"data/p0.csv", "data/p1.csv", "data/p2.csv"}
    assert read["pool"] == all_of_them and read["again"] == {"data/p0.csv"} and read["code"] == {"data/p1.csv"}
    gaps = {name: [gap.reason for gap in record.gaps if gap.part == "data"] for name, record in records.items()}
    own: dict[str, list[str]] = {}
    earlier: set[str] = set()
    for name in CELLS:  # the others are inherited
        own[name] = [reason for reason in gaps[name] if reason not in earlier]
        earlier.update(gaps[name])
    for name, starts in {
        "loky": "2 processes that cells started (joblib's loky workers) are not watched; what they read is unknown",
        "head": "1 command that cells started (head, given data/p2.csv) is not watched; what it read is unknown",
        "cat": "1 command that cells started (cat | wc, given data/p2.csv) is not watched",
        "bash": "1 command that cells started (bash) is not watched",
    }.items():
        (reason,) = own[name]
        assert reason.startswith(starts)
    assert [own[name] for name in ("pool", "again", "listing", "code", "quiet")] == [[]] * 5
