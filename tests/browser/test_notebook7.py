"""Notebook 7 has no side bar open and no status bar: the notebook's own parts work there too."""

from __future__ import annotations

from pathlib import Path

from .lab import TOKEN, LabPage

#: Errors of Notebook 7.6 itself: the first is there with our extension switched off, too; the second comes from its
#: file browser, which goes to the notebook's folder by a command that may not be there yet.
THEIRS = ("Cannot read properties of undefined (reading 'schema')", "'filebrowser:open-path' not registered")


def test_a_cell_is_tracked_in_notebook_7(tab: LabPage, folder: Path) -> None:
    tab.lab.notebook(f"{folder.name}/first.ipynb", ["%%experiment a\nauc = len('abc') / 4"])
    tab.page.goto(f"{tab.lab.url}notebooks/{folder.name}/first.ipynb?token={TOKEN}")
    tab.idle()
    tab.page.get_by_role("button", name="Track this notebook").click()
    tab.page.locator(".jp-Toolbar").get_by_text("Tracked").wait_for()
    tab.run_cell(0)
    card = tab.page.get_by_role("group", name="Run a")
    card.get_by_text("0.75").wait_for()
    rows = tab.lab.api(f"runs?path={folder.name}/first.ipynb")["rows"]
    assert [(row["name"], row["notebook"], row["metrics"]) for row in rows] == [("a", "first.ipynb", {"auc": 0.75})]
    tab.errors[:] = [error for error in tab.errors if not any(said in error for said in THEIRS)]
