"""No CSV that this package writes makes a spreadsheet compute: neither a value nor a key, a name or a head."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import jupyter_bioml
from jupyter_bioml.batch.sweep_table import columns, table_csv
from jupyter_bioml.capture.model_settings import candidates_table
from jupyter_bioml.keeping.export import _series
from jupyter_bioml.records.run import Metric
from jupyter_bioml.text.csv_table import csv_table

FORMULAS = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\0=1", "\u00a0=1", "\ufeff=1",
    "＝1", "＋1", "－1", "＠A1", '=HYPERLINK("http://x","y")', "-", "=", "--1", "-1-1", "-0.5x", "+1e", "-0.5\n=1",
]  # fmt: skip
NUMBERS = ["-0.5", "+4", "-1e-7", "-.5", "-3.", "0.1", "-inf", "-Infinity"]
PLAIN = ["auc", "a-b", "a=b", "1-2", "test/auc", "'=1", "é", ""]


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize("text", FORMULAS)
def test_every_writer_makes_a_formula_harmless(text: str) -> None:
    row = {"task": text, "notebook": text, "status": "passed", "duration": 1.0,
           "parameters": {text: text}, "metrics": {f"{text} ": 0.5}}  # fmt: skip
    search = SimpleNamespace(cv_results_={text: [text, "b"], "rank_test_score": [1, 2]})
    candidates = candidates_table(search)
    assert candidates is not None
    written = {
        "export": _series([Metric(text, 0.5)]),
        "sweep": table_csv([row], columns([row], [text])),
        "candidates": candidates.decode(),
        "any other": csv_table([[text], [text]]),
    }
    for who, document in written.items():
        found = [cell for cell in cells(document) if text.strip() in cell]
        assert found and all(cell.startswith("'") for cell in found), (who, document)


@pytest.mark.parametrize("text", NUMBERS + PLAIN)
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert cells(csv_table([[text, "end"]])) == [text, "end"]


def test_figures_keep_every_digit() -> None:
    rows = [[-0.1234567890123456, -3, True, None, float("nan"), float("-inf")]]
    assert csv_table(rows) == "-0.1234567890123456,-3,True,,nan,-inf\r\n"


def test_nobody_else_writes_csv() -> None:
    package = Path(jupyter_bioml.__file__).parent
    writing = re.compile(r"csv\.(writer|DictWriter)|\.to_csv\(|write_csv\(")
    found = [file for file in package.rglob("*.py") if writing.search(file.read_text(encoding="utf-8"))]
    assert found == [package / "text" / "csv_table.py"]
