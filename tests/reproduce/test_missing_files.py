"""A file that is gone is the cause, whatever class and words a library has for it.

The texts are those of DuckDB 2.0, h5py 3.16, PyTables 3.11, pandas 3, Zarr 3.1, netCDF4 1.7, xarray, NiBabel 5.4,
polars 2.1, pyarrow 26, numpy 2, sqlite3, botocore and google-cloud-storage for a file that does not exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_bioml.notebooks.code_text import Text
from jupyter_bioml.reproduce.cause.failures import Raised, Scene, evidence_of
from jupyter_bioml.reproduce.cause.missing_files import RecordedReads
from jupyter_bioml.reproduce.verdict import CODE_ERROR, DATA_MISSING

WORK = "/home/ada/study/.bioml/work/1"
SCENE = Scene(
    texts=[Text("a = pd.read_csv('s3://lab/cohort.csv')", 1), Text("b = load()", 2)],
    root=Path("/home/ada/study"),
    work=Path(WORK),
)
H5PY = (
    "[Errno 2] Unable to synchronously open file (unable to open file: name = '{}', errno = 2, "
    "error message = 'No such file or directory', flags = 0, o_flags = 0)"
)
TEXTS = [
    ("IOException", f'IO Error: Cannot open database "{WORK}/{{}}" in read-only mode: database does not exist'),
    ("IOException", f'IO Error: Cannot open file "{WORK}/{{}}": No such file or directory'),
    ("IOException", 'IO Error: No files found that match the pattern "{}"'),
    ("FileNotFoundError", H5PY),
    ("OSError", H5PY),
    ("FileNotFoundError", f"``{WORK}/{{}}`` does not exist"),
    ("FileNotFoundError", "File {} does not exist"),
    ("FileNotFoundError", "{}"),
    ("FileNotFoundError", "{} does not exist"),
    ("FileNotFoundError", "{} not found."),
    ("FileNotFoundError", "No such file or no access: '{}'"),
    ("FileNotFoundError", f"[Errno 2] No such file or directory: '{WORK}/{{}}'"),
    ("FileNotFoundError", "No such file or directory (os error 2): {}"),
    ("FileNotFoundError", "[Errno 2] Failed to open local file '{}'. Detail: [errno 2] No such file or directory"),
    ("ComputeError", "failed to open {}: No such file or directory (os error 2)"),
    ("RasterioIOError", "{}: No such file or directory"),
    ("OSError", "[Errno 2] No such file or directory: '{}'"),
]


def _cause(kind: str, message: str, reads: RecordedReads | None = None, traceback: str = "") -> tuple[str, str]:
    scene = dataclasses.replace(SCENE, reads=reads or RecordedReads())
    first = evidence_of(Raised(kind, message, traceback, 2), scene)[0]
    return first.cause, f"{first.message} {first.repair}"


@pytest.mark.parametrize("name", ["data/k.duckdb", "cohort.h5", "data/brain 1.nii.gz"])
@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_what_the_record_read_is_missing_in_every_librarys_words(kind: str, text: str, name: str) -> None:
    if " " in name and "'{}'" not in text and '{}"' not in text and "``" not in text:
        name = name.replace(" ", "-")  # a bare path with a space cannot be told from two words
    cause, said = _cause(kind, text.format(name), RecordedReads(["other.csv", name]))
    assert cause == DATA_MISSING and f"{name} no longer exists" in said


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_a_file_that_was_read_unseen_is_missing_too(kind: str, text: str) -> None:
    cause, said = _cause(kind, text.format("data/k.bin"))
    assert cause == DATA_MISSING and "data/k.bin no longer exists" in said


@pytest.mark.parametrize("absolute", [False, True])
def test_a_file_that_is_there_but_was_not_seen_to_be_read(tmp_path: Path, absolute: bool) -> None:
    work = tmp_path / ".bioml" / "work" / "1"
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "x.parquet").touch()
    scene = dataclasses.replace(SCENE, root=tmp_path, work=work, folder=tmp_path / "nb")
    path = f"{work}/nb/x.parquet" if absolute else "x.parquet"
    message = f'IO Error: No files found that match the pattern "{path}"'
    first = evidence_of(Raised("IOException", message, "", 2), scene)[0]
    assert first.cause == DATA_MISSING and "was not seen to read it" in first.message
    assert "--data" in (first.repair or "") and "no longer exists" not in first.message


@pytest.mark.parametrize(
    ("kind", "message", "lost", "named"),
    [
        ("FileNotFoundError", "data/a.zarr does not exist", "data/a.zarr/zarr.json", "data/a.zarr/zarr.json"),
        ("IOException", 'IO Error: No files found that match the pattern "data/*.parquet"', "data/x.parquet", "data/x.parquet"),
        ("IOException", 'IO Error: No files found that match the pattern "../data/x.csv"', "data/x.csv", "data/x.csv"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'x.csv'", "nb/x.csv", "nb/x.csv"),
        ("ValueError", "cannot read cohort.h5ad", "cohort.h5ad", "cohort.h5ad"),
        ("DatabaseError", "file data/k.db is not a database", "data/k.db", "data/k.db"),
        ("LoadError", "no volume", "scan.nii.gz", "scan.nii.gz"),
    ],
)  # fmt: skip
def test_the_file_is_named_as_the_record_names_it(kind: str, message: str, lost: str, named: str) -> None:
    behind = "FileNotFoundError: [Errno 2] No such file or directory: 'scan.nii.gz'" if kind == "LoadError" else ""
    cause, said = _cause(kind, message, RecordedReads([lost]), behind)
    assert cause == DATA_MISSING and named in said


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("NoSuchKey", "An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist."),
        ("ClientError", "An error occurred (404) when calling the HeadObject operation: Not Found"),
        ("FileNotFoundError", "The specified bucket does not exist"),
        ("NotFound", "404 GET https://storage.googleapis.com/lab/o/cohort.csv: No such object: lab/cohort.csv"),
        ("ResourceNotFoundError", "The specified blob does not exist."),
    ],
)  # fmt: skip
def test_an_object_that_its_store_no_longer_has(kind: str, message: str) -> None:
    cause, said = _cause(kind, message)
    assert cause == DATA_MISSING and "s3://lab/cohort.csv" in said


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("KeyError", "'age'"),
        ("KeyError", "'data/k.duckdb'"),
        ("CatalogException", "Catalog Error: Table with name patients.v2 does not exist!"),
        ("ParserException", 'Parser Error: syntax error at or near "selec"'),
        ("ValueError", "data/there.csv: 3 columns expected, 4 found"),
        ("OperationalError", "no such table: patients"),
        ("ColumnNotFoundError", 'unable to find column "a.b"; valid columns: ["a"]'),
        ("AttributeError", "'DataFrame' object has no attribute 'x.csv'"),
    ],
)
def test_an_error_of_the_code_stays_one(kind: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "there.csv").touch()
    reads = RecordedReads(["data/there.csv", "elsewhere.csv"])
    scene = dataclasses.replace(SCENE, root=tmp_path, work=tmp_path, reads=reads)
    assert [item.cause for item in evidence_of(Raised(kind, message, "", 2), scene)] == [CODE_ERROR]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_a_path_that_was_never_there_is_an_error_of_the_code(kind: str, text: str) -> None:
    """The recorded run ended with the same words: the path was a wrong one then, too."""
    alike: Callable[[str, str], bool] = lambda raised, message: raised == kind  # noqa: E731
    assert _cause(kind, text.format("data/tpyo.csv"), RecordedReads([], alike))[0] == CODE_ERROR
    assert _cause(kind, text.format("data/k.bin"), RecordedReads(["data/k.bin"], alike))[0] == DATA_MISSING
