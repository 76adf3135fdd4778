"""The taint badge: a cell that was edited after it ran marks the run that came after it, wherever the run is shown."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage

BADGE = "edited after it ran"


def test_a_run_after_an_edited_cell_says_so(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/edited.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml", "depth = 3", "%%experiment fit\nauc = depth / 10"])
    tab.open(notebook)
    for place in range(3):
        tab.run_cell(place)
    runs = tab.runs().get_by_role("option")
    expect(runs).to_have_count(1)
    expect(runs.first).to_contain_text("finished")
    expect(runs.first).not_to_contain_text(BADGE)

    tab.cell(1).locator(".cm-content").click()
    tab.page.keyboard.press("End")
    tab.page.keyboard.type("0")
    tab.run_cell(1)
    tab.run_cell(2)
    expect(runs).to_have_count(2)
    newest = runs.first.locator(".bioml-Taint")
    expect(newest).to_have_text(f"⚠ {BADGE}")
    expect(newest).to_have_attribute(
        "title", "A cell was edited after it ran. Running the notebook from top to bottom may give a different result."
    )
    expect(tab.cell(2).locator(".bioml-Card .bioml-Taint")).to_have_text(f"⚠ {BADGE}")

    tab.open_run(runs.first)
    expect(tab.document().locator("header .bioml-Taint")).to_have_text(f"⚠ {BADGE}")
    tab.document().get_by_role("tab", name="Reports").click()
    expect(tab.document().get_by_role("heading", name="taint")).to_be_visible()
