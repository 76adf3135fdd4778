"""Runs after cells that nobody saw: each of the common first cells reproduces, and the reads that were unknown are known
then. Real kernels, started as users start them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import last_session, records_of
from kernels import Kernel

from jupyter_bioml.config import Project
from jupyter_bioml.doctor.enable import BLOCK, FILE_NAME
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.records.card import card_lines
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.records.untracked import VERDICT, reads_seen, settled, unknown_reads
from jupyter_bioml.reproduce.announce import announce
from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.verdict import DATA_MISSING, DIFFERENT, REPRODUCED, UNSEEDED_RANDOMNESS, Reproduction

Start = Callable[..., Kernel]
LOAD = "%load_ext jupyter_bioml"
PRESSED = f"{LOAD}\n%bioml on\n%bioml auto on"
READ = "import random\nimport numpy as np\nrandom.seed(1)\nnp.random.seed(2)\nrows = open('rows.csv').read().split()"
DRAW = "noise = np.random.rand() + random.random()"
RUN = "%%experiment fit\nscore = len(rows) + noise + np.random.rand()\nprint(score)"

#: Way → its cells; the last one is the run.
WAYS: dict[str, tuple[str, ...]] = {
    "everything in one cell": (f"{LOAD}\n{READ}\n{DRAW}", RUN),
    "last line": (f"{READ}\n{LOAD}", DRAW, RUN),
    "in the middle": (f"{READ}\n{LOAD}\nmore = [open(name).read() for name in ('rows.csv',)]", DRAW, RUN),
    "pressed late": ("1 / 0", READ, DRAW, PRESSED, RUN.replace("%%experiment fit\n", "")),
    "by the configuration": (READ, DRAW, RUN),
}


def recorded(kernel: Kernel, cells: tuple[str, ...], project: Path) -> RunRecord:
    for number, source in enumerate(cells):
        silent = {"silent": True, "store_history": False} if source == PRESSED else {}
        ran = kernel.run(source, f"c{number}", **silent)
        assert ran.status == ("error" if source == "1 / 0" else "ok"), ran.error
    kernel.close()
    return records_of(project / ".bioml", last_session(project))[-1]


def again(record: RunRecord, project: Path) -> Reproduction:
    return reproduce(Project(project, project / ".bioml"), record, Asked(prove=False))


@pytest.fixture
def rows(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    file = project_dir / "rows.csv"
    file.write_text("a\nb\nc\n")
    return file


@pytest.mark.parametrize("way", WAYS)
def test_the_common_first_cells_reproduce(
    way: str, start_kernel: Start, project_dir: Path, rows: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if way == "by the configuration":
        profile = tmp_path / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        (profile / FILE_NAME).write_bytes(b"c = get_config()\n" + BLOCK)
        monkeypatch.setenv("IPYTHONDIR", str(profile.parent))
    record = recorded(start_kernel(load=False), WAYS[way], project_dir)
    unseen = way not in ("everything in one cell", "by the configuration")
    assert (unknown_reads(record) is not None) == unseen, record.gaps

    report = again(record, project_dir)
    assert (report.verdict, report.cause) == (REPRODUCED, None), report
    assert not any("move cell" in str(item.repair) for item in report.evidence)
    assert report.differences == ()
    if not unseen:
        assert report.before_tracking is None
        return
    assert any("they read rows.csv" in note for note in report.notes) or way == "in the middle", report.notes

    announce(report, Project(project_dir, project_dir / ".bioml"), None)
    known = settled(FactLog(project_dir / ".bioml").with_later(record))
    names = [use.name for use in reads_seen(known.report(VERDICT)) or ()]
    assert names == ([] if way == "in the middle" else ["rows.csv"]), "in the middle the cell read it again, tracked"
    assert unknown_reads(known) is None and not any("read is unknown" in line for line in card_lines(known))
    assert rows.read_text() == "a\nb\nc\n"


def test_what_untracked_cells_need_and_cannot_have_is_the_cause(
    start_kernel: Start, project_dir: Path, rows: Path
) -> None:
    """The file that only an untracked cell read is gone: that, and not the name that is missing then."""
    record = recorded(start_kernel(load=False), (READ, DRAW, LOAD, RUN), project_dir)
    rows.unlink()
    report = again(record, project_dir)
    assert (report.cause, report.before_tracking) == (DATA_MISSING, None), report
    assert "rows.csv" in str(report.repair)


def test_no_state_is_said_to_reach_what_untracked_cells_drew(
    start_kernel: Start, project_dir: Path, rows: Path
) -> None:
    unseeded = READ.replace("np.random.seed(2)\n", "")
    record = recorded(start_kernel(load=False), (unseeded, DRAW, LOAD, RUN), project_dir)
    report = again(record, project_dir)
    (drawn,) = [item for item in report.evidence if item.cause == UNSEEDED_RANDOMNESS and item.decides]
    assert (report.verdict, drawn.cell) == (DIFFERENT, 2) and "no recorded state reaches it" in drawn.message


@pytest.mark.parametrize(
    ("cells", "seeds"),
    [
        (("%%experiment a --seed 3\nimport random\na = random.random()\nimport numpy as np\nprint(a, random.random(), np.random.rand())",), {"random": 3, "numpy": 3}),
        ((f"{LOAD}\nimport numpy as np, random as r\nnp.random.seed(0)\nr.seed(seed_of := 5)\nr.seed(a=4)", "%%experiment b\nprint(np.random.rand(), r.random())"), {"numpy": 0, "random": 4}),
        (("from numpy.random import seed, rand\nseed(7)", "%%experiment c\nprint(rand())"), {"numpy": 7}),
    ],
    ids=["by --seed", "where tracking starts", "by the function alone"],
)  # fmt: skip
def test_a_seed_set_in_the_cell_that_imports_its_library(
    cells: tuple[str, ...], seeds: dict[str, int], start_kernel: Start, project_dir: Path, rows: Path
) -> None:
    record = recorded(start_kernel(load=LOAD not in cells[0]), cells, project_dir)
    assert {name: value for name, value in record.params.items() if name.startswith("seed.")} == {
        f"seed.{library}": value for library, value in seeds.items()
    }
    assert len(set(str(record.outputs[0].text).split())) == len(str(record.outputs[0].text).split()), "no draw repeats"
    report = again(record, project_dir)
    assert (report.verdict, report.cause) == (REPRODUCED, None), report
