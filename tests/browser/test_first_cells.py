"""Tracking begins in the first cell, at its end, or late: the card says what nobody saw, and the run reproduces."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from .lab import PUBLISHED_WITHIN, LabPage

READ = "import csv\nrows = [float(row['age']) for row in csv.DictReader(open('cohort.csv'))]"
SCORE = "auc = sum(rows) / 200"


@pytest.mark.parametrize(
    ("first", "unseen"),
    [
        (f"%load_ext jupyter_bioml\n{READ}", False),
        (f"{READ}\n%load_ext jupyter_bioml", True),
        (READ, True),
    ],
    ids=["first line", "last line", "pressed late"],
)
def test_the_common_first_cells_reproduce(tab: LabPage, folder: Path, first: str, unseen: bool) -> None:
    (folder / "cohort.csv").write_text("age\n61\n49\n")
    notebook = f"{folder.name}/study.ipynb"
    tab.lab.notebook(notebook, [first, SCORE], {1: ["experiment"]})
    tab.open(notebook)
    tab.run_cell(0)
    if "%load_ext" not in first:
        tab.page.get_by_role("button", name="Track this notebook").click()
        late = tab.page.get_by_role("alert").filter(has_text="1 cell ran before tracking started")
        expect(late.get_by_role("button", name="Restart and run to here")).to_be_visible()
    tab.run_cell(1)
    card = tab.cell(1).get_by_role("group", name="Run study, cell 2")
    expect(card).to_contain_text("auc 0.55")
    expect(card.get_by_role("button", name="Restart and run to here")).to_have_count(int(unseen))
    expect(card).to_contain_text("unknown" if unseen else "cohort.csv")
    expect(card).not_to_contain_text("no data read")

    tab.lab.published(notebook, 1)
    card.get_by_role("button", name="Reproduce").click()
    expect(card).to_contain_text("verdict: ✓ reproduced", timeout=1000 * PUBLISHED_WITHIN)
    seen = "read before tracking (seen by its reproduction): cohort.csv"
    expect(card).to_contain_text(seen if unseen else "data of earlier cells: cohort.csv")
    expect(card).not_to_contain_text("what it read is unknown")
    expect(card).not_to_contain_text("no data read")
