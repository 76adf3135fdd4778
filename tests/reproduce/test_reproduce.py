"""A run made again from its record: real kernels, a fresh folder, the user's tree left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from headless_case import last_session, records_of
from kernels import Kernel

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.config import Project
from jupyter_bioml.errors import BiomlError, StoreUnavailable, UsageError
from jupyter_bioml.headless.results import PASSED, NotebookResult
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.compare import compare_records
from jupyter_bioml.records.run import FINISHED, Code, DataUse, Metric, Module, RunRecord
from jupyter_bioml.reproduce.announce import announce
from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.setup.sources import export_code, import_folders
from jupyter_bioml.reproduce.setup.workfolder import Input, WorkFolder, inputs_of, mapped_path_list, provide
from jupyter_bioml.reproduce.telling import tell
from jupyter_bioml.reproduce.verdict import (
    COULD_NOT_RUN,
    DATA_CHANGED,
    DATA_MISSING,
    DIFFERENT,
    ENVIRONMENT_NOT_BUILDABLE,
    REPRODUCED,
    UNSEEDED_RANDOMNESS,
    WITHIN_NOISE,
    Evidence,
    Reproduction,
    Verdict,
)
from jupyter_bioml.workbench import Workbench

SCORING = "def score(rows, scale):\n    return scale * sum(len(row) for row in rows)\n"
#: (cell id, source): a session as people work. One cell fails, one is run twice, files are written and read again.
CELLS = [
    ("auto", "%bioml status"),
    ("parameters", "scale = 2.0"),
    ("imports", "import random\nimport numpy as np\nimport scoring\nrows = open('rows.csv').read().split()"),
    ("clean", "open('clean.csv', 'w').write('\\n'.join(rows))"),
    ("mistake", "undefined_name"),
    ("noise", "noise = random.random()"),
    ("noise", "noise = noise + np.random.rand()"),
    ("baseline", "%%experiment baseline\nbase = float(len(rows))"),
    (
        "fit",
        "%%experiment first --metrics score,noise\n"
        "clean = open('clean.csv').read().split()\n"
        "noise = noise + np.random.rand() + random.random()\n"
        "score = scoring.score(clean, scale)\n"
        "report = open('report.txt', 'w').write(str(score))",
    ),
]


@pytest.fixture
def session(project_dir: Path, start_kernel: Callable[..., Kernel]) -> RunRecord:
    """An interactive session in ``study/``, published; its last cell's record."""
    study = project_dir / "study"
    study.mkdir()
    (study / "rows.csv").write_text("alpha\nbeta\ngamma\n")
    (study / "scoring.py").write_text(SCORING)
    kernel = start_kernel(study)
    for cell_id, source in CELLS:
        found = kernel.run(source, cell_id, notebook=str(study / "train.ipynb"))
        assert found.status == "error" if cell_id == "mistake" else found.status == "ok", found.error
    kernel.close()
    Workbench.at(project_dir).publish(wait=True, timeout=60)
    return records_of(project_dir / ".bioml", last_session(project_dir))[-1]


def files(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and change time of every file of the user's."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".bioml" not in path.parts]
    return {str(path): (path.read_text(), path.stat().st_mtime_ns) for path in paths if path.suffix != ".pyc"}


def test_a_session_is_made_again_from_its_record(
    session: RunRecord, project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, random numbers included, though code and intermediate files have changed since."""
    study = project_dir / "study"
    (study / "scoring.py").write_text("def score(rows, scale):\n    return -1.0\n")
    (study / "clean.csv").unlink()
    before = files(project_dir)
    bench = Workbench.at(project_dir)

    report = bench.reproduce(session.record_id)

    json.dumps(report.as_json(), allow_nan=False)
    assert (report.verdict, report.cause, report.exit_code) == (REPRODUCED, None, 0), report
    unseeded = [item for item in report.evidence if item.cause == UNSEEDED_RANDOMNESS]
    assert unseeded and "the recorded random state was restored" in unseeded[0].message, "unseeded, and said so"
    assert report.comparison is not None
    assert [(pair.key, pair.relation) for pair in report.comparison.metrics] == [
        ("score", "identical"),
        ("noise", "identical"),
    ]
    assert report.comparison.of("data") == () and not report.comparison.earlier and not report.comparison.code
    assert files(project_dir) == before, "the user's tree is as it was"

    assert report.new_record_id is not None and report.new_run_id is not None
    new = bench.runs.find(report.new_record_id).record
    assert new.reproduces == session.record_id and new.code.notebook == "study/train.ipynb"
    assert new.modules[0].path == "study/scoring.py" and new.modules[0].blob == session.modules[0].blob
    assert {use.name for use in new.data} == {use.name for use in bench.runs.find(session.record_id).record.data}
    assert report.result.records == (new.record_id,), "no other cell became a run"
    work = Path(report.work)
    assert (work / "study" / "report.txt").read_text() == (study / "report.txt").read_text()
    assert not (work / "study" / "clean.csv").is_symlink(), "made again, not linked"
    assert (work / "study" / "rows.csv").is_symlink()
    assert_written(report, bench)
    assert_kept_while_mlflow_is_down(report, bench, monkeypatch)


def assert_written(report: Reproduction, bench: Workbench) -> None:
    """The verdict is in the tags of both runs, among the files of the new one, and in the audit log."""
    assert report.run_id and report.new_run_id and not report.notes, report.notes
    store = bench.open_store()
    assert store is not None
    tags = store.get(report.run_id).tags
    assert tags["bioml.verdict"] == REPRODUCED == store.get(report.new_run_id).tags["bioml.verdict"]
    assert tags["bioml.verdict.run"] == report.new_run_id and tags["bioml.verdict.environment"] == "current"
    assert tags["bioml.verdict.based_on"] == report.based_on.text == "2 scores, 1 file"
    assert tags["bioml.verdict.cause"] == "" and tags["bioml.verdict.at"].endswith("+00:00")
    assert len(tags["bioml.verdict.environment_digest"]) == 64
    kept = json.loads(store.read_artifact(report.new_run_id, "bioml/verdict.json"))
    assert kept["verdict"] == REPRODUCED and kept["run_id"] == report.run_id
    assert b"REPRODUCED" in store.read_artifact(report.new_run_id, "bioml/verdict.html")
    (event,) = AuditLog.of(bench.project).events()
    assert (event.action, event.object_id, event.hash) == ("verdict", report.run_id, report.audit["hash"])
    assert event.new["verdict"] == REPRODUCED
    said = store.record(report.run_id).report("verdict")
    assert said is not None and said.state == REPRODUCED == tags["bioml.report.verdict"]
    assert said.summary["sentence"] == report.sentence and said.summary["audit"] == report.audit
    assert bench.publish(wait=True).published == 0, "told already"


def assert_kept_while_mlflow_is_down(report: Reproduction, bench: Workbench, patch: pytest.MonkeyPatch) -> None:
    """A verdict that MLflow could not be told is told by the next publisher."""
    assert report.run_id is not None and report.new_run_id is not None
    store = bench.open_store()
    assert store is not None

    def down(_: str) -> None:
        raise StoreUnavailable("down")

    with patch.context() as away:
        away.setattr(store, "get", down)
        other = replace(report, decided=Verdict(DIFFERENT, DATA_CHANGED), notes=())
        again = announce(other, bench.project, partial(tell, store=store))
        assert again.notes == (
            "The verdict is not in MLflow: down",
            "The new run's verdict is not in MLflow: down",
            "The audit event has no copy in MLflow: down",
        )
    assert bench.publish(wait=True).waiting == ()
    tags = store.get(report.run_id).tags
    assert (tags["bioml.verdict"], tags["bioml.verdict.cause"]) == (DIFFERENT, DATA_CHANGED)
    assert store.get(report.new_run_id).tags["bioml.verdict"] == DIFFERENT


def test_other_data_is_told_and_missing_data_too(session: RunRecord, project_dir: Path) -> None:
    study = project_dir / "study"
    (study / "rows.csv").write_text("alpha\nbeta\n")
    bench = Workbench.at(project_dir)
    changed = bench.reproduce(session.record_id)
    assert (changed.verdict, changed.cause, changed.exit_code) == (DIFFERENT, DATA_CHANGED, 1), changed
    assert changed.sentence.startswith("Not reproduced: score (") and "study/rows.csv" in changed.sentence
    assert not changed.proofs, "nothing has to be proved where the data are others"

    (study / "rows.csv").unlink()
    gone = bench.reproduce(session.record_id)
    assert (gone.verdict, gone.cause, gone.new_record_id, gone.exit_code) == (COULD_NOT_RUN, DATA_MISSING, None, 3)
    assert "rows.csv" in (gone.repair or "")
    assert any("rows.csv no longer exists" in note for note in gone.notes)


# -- what is refused, and what is said -----------------------------------------------------------------


def test_noise_is_told_from_change_by_repeats(
    project_dir: Path, start_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    """A notebook that gives 0.900, 0.901, 0.902, 0.900, … in turn: alone it differs, with repeats it is noise."""
    count = tmp_path / "count"  # below the temporary folder, where a reproduction may write
    kernel = start_kernel(project_dir)
    source = (
        f"from pathlib import Path\ncount = Path({str(count)!r})\n"
        "n = len(count.read_text()) if count.exists() else 0\n_ = count.write_text('x' * (n + 1))\n"
        "score = 0.9 + 0.001 * (n % 3)"
    )
    assert kernel.run(f"%%experiment noisy\n{source}", "c", notebook="n.ipynb").status == "ok"
    kernel.close()
    record = records_of(project_dir / ".bioml", last_session(project_dir))[-1]
    project = Workbench.at(project_dir).project

    alone = reproduce(project, record, Asked(prove=False))
    assert (alone.verdict, alone.repeats) == (DIFFERENT, ())
    with_repeats = reproduce(project, record, Asked(prove=False, repeats=3))
    assert (with_repeats.verdict, with_repeats.exit_code) == (WITHIN_NOISE, 0), with_repeats
    assert len(with_repeats.repeats) == 3
    (score,) = [item for item in with_repeats.outputs if item.name == "score"]
    assert score.level == "within-noise" and "0.002" in score.note


RECORD = RunRecord(
    record_id="a" * 32,
    session="20260101T000000-00000000",
    seq=1,
    mark="tag",
    status=FINISHED,
    started=1.0,
    code=Code("x = 1"),
    metrics=(Metric("auc", 0.5),),
)


@pytest.mark.parametrize(
    ("fields", "message"), [({"status": "RUNNING"}, "has not ended"), ({"part_of": "b" * 32}, "a part of another")]
)
def test_runs_that_cannot_be_run_again_are_refused(project_dir: Path, fields: dict[str, Any], message: str) -> None:
    project = Project(project_dir, project_dir / ".bioml")
    with pytest.raises(UsageError, match=message):
        reproduce(project, replace(RECORD, **fields))
    assert not (project_dir / ".bioml" / "work").exists()


def test_a_folder_that_cannot_be_written_is_told(project_dir: Path) -> None:
    home = project_dir / ".bioml"
    (home / "work").write_text("a file where the folder should be")
    with pytest.raises(BiomlError, match="could not be filled"):
        reproduce(Project(project_dir, home), RECORD)


# -- the work folder -----------------------------------------------------------------------------------


@pytest.fixture
def work(project_dir: Path) -> WorkFolder:
    return WorkFolder(project_dir / ".bioml" / "work" / "1", project_dir, project_dir / "study")


def file_use(path: str, role: str) -> DataUse:
    return DataUse(path, role, path=path)


def test_only_what_is_read_before_it_is_written_is_provided() -> None:
    uses = [
        file_use("/p/raw", "read"),
        file_use("/p/made", "written"),
        file_use("/p/made", "read"),
        file_use("/p/log", "read-written"),
        file_use("/p/later", "read"),
        file_use("/p/later", "written"),
        DataUse("frame", "read", kind="value"),
    ]
    assert inputs_of(uses, complete=True) == [
        Input("/p/raw", copy=False),
        Input("/p/log", copy=True),
        Input("/p/later", copy=True),
    ]
    assert inputs_of([file_use("/p/raw", "read")], complete=False) == [Input("/p/raw", copy=True)]


def test_inputs_and_modules_lie_at_their_places(work: WorkFolder, project_dir: Path, tmp_path: Path) -> None:
    project = Project(project_dir, project_dir / ".bioml")
    (project_dir / "images" / "a").mkdir(parents=True)
    (project_dir / "images" / "a" / "1.png").write_text("png")
    (project_dir / "log.txt").write_text("log")
    (project_dir / "big.py").write_text("BIG = 1\n")
    outside = tmp_path / "outside.csv"
    outside.write_text("x")
    modules = (
        Module("pkg.m", "pkg/m.py", Blobs(project.blobs).put(b"M = 1\n")),
        Module("big", "big.py", None, 2_000_000),
        Module("gone", "gone.py", "0" * 64),
        Module("evil", "../../evil.py", Blobs(project.blobs).put(b"")),
    )
    inputs = [
        Input(str(project_dir / "images"), copy=False),
        Input(str(project_dir / "log.txt"), copy=True),
        Input(str(outside), copy=False),
        Input(str(project_dir / "missing.csv"), copy=False),
    ]
    made = export_code(work, project, replace(RECORD, modules=modules))
    notes = [*made.notes, *(note for item in inputs if (note := provide(work, item)))]
    assert (made.changed, made.missing) == (["big.py"], ["gone.py"])
    assert (work.folder / "pkg" / "m.py").read_text() == "M = 1\n"
    assert (work.folder / "images" / "a" / "1.png").is_symlink()
    assert not (work.folder / "log.txt").is_symlink() and (work.folder / "log.txt").read_text() == "log"
    assert [path.name for path in tmp_path.rglob("evil.py")] == []
    assert [note.split(" ")[0] for note in notes] == ["big.py", "gone.py", "../../evil.py", "The"]
    assert work.working_directory == work.folder / "study"
    assert import_folders(work, (Module("pkg.m", "src/pkg/m.py"), Module("pkg", "src/pkg/__init__.py"))) == [
        str(work.folder / "src")
    ]


def test_places_of_paths(work: WorkFolder, tmp_path: Path) -> None:
    assert work.place(work.root / "x" / "y") == work.folder / "x" / "y"
    assert work.place(tmp_path / "z") is None
    elsewhere = replace(work, cwd=tmp_path / "scratch")
    assert elsewhere.place(tmp_path / "scratch" / "z") == work.folder / ".outside" / "z"
    listed = {"PYTHONPATH": f"{work.root}/src:relative:/opt/lib"}
    assert mapped_path_list(work, listed) == {"PYTHONPATH": f"{work.folder}/src:relative:/opt/lib"}
    assert mapped_path_list(work, {}) == {}


def test_the_report_is_json(project_dir: Path) -> None:
    comparison = compare_records(RECORD, RECORD)
    result = NotebookResult("n.ipynb", PASSED)
    decided = Verdict(DIFFERENT, DATA_CHANGED, (Evidence(DATA_CHANGED, "x.csv is another one."),), "dvc pull x.csv")
    report = Reproduction(decided, "No.", "a", "r", "b", None, comparison, result, "/w")
    text = json.loads(json.dumps(report.as_json(), allow_nan=False))
    keys = {"verdict", "cause", "evidence", "repair", "differences", "run_id", "reproduction_run_id", "sentence"}
    assert keys <= text.keys() and (text["verdict"], text["cause"]) == ("DIFFERENT", "data-changed")
    assert text["evidence"][0]["cause"] == "data-changed" and text["repair"] == "dvc pull x.csv"
    assert text["comparison"]["equal"] and text["result"]["status"] == PASSED


@pytest.mark.parametrize(
    "asked", [Asked("newest"), Asked(rtol=1.0), Asked(rtol=-1e-9), Asked(repeats=-1), Asked(timeout=0.0)]
)
def test_what_has_no_meaning_is_refused(project_dir: Path, asked: Asked) -> None:
    with pytest.raises(UsageError):
        reproduce(Project(project_dir, project_dir / ".bioml"), RECORD, asked)


def test_an_environment_that_cannot_be_had_is_told_and_nothing_runs(project_dir: Path) -> None:
    report = reproduce(Project(project_dir, project_dir / ".bioml"), RECORD, Asked("locked"))
    assert (report.verdict, report.cause, report.exit_code) == (COULD_NOT_RUN, ENVIRONMENT_NOT_BUILDABLE, 3)
    assert report.environment.kind == "locked" and report.repair and report.new_record_id is None
    assert "environment was not recorded" in report.sentence and not (project_dir / ".bioml" / "work").exists()
    json.dumps(report.as_json(), allow_nan=False)
