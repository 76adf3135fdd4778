"""The kernel is told which notebook asks: renamed, in a sub-folder, opened twice."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from jupyter_bioml.workbench import Workbench

from .lab import LabPage


def notebooks_of_runs(folder: Path) -> list[str | None]:
    return [row.notebook for row in reversed(Workbench.at(folder).runs.list().rows)]


def test_a_notebook_in_a_folder_renamed_while_its_kernel_runs(tab: LabPage, folder: Path) -> None:
    name = f"{folder.name}/sub/first.ipynb"
    tab.lab.notebook(name, ["%load_ext jupyter_bioml", "%%experiment a\nx = len('abc') / 4"])
    tab.open(name)
    tab.run_cell(0)
    tab.run_cell(1)
    tab.command("docmanager:save")
    tab.page.evaluate(
        "([from, to]) => window.jupyterapp.serviceManager.contents.rename(from, to)",
        [name, f"{folder.name}/second.ipynb"],
    )
    tab.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel", has_text="second.ipynb").wait_for()
    tab.run_cell(1)
    assert notebooks_of_runs(folder) == ["second.ipynb", "second.ipynb"], "also the run before the rename"
    card = tab.cell(1).get_by_role("group", name="Run a")
    expect(card.get_by_role("button", name="Compare")).to_be_visible()
    tab.lab.published(f"{folder.name}/second.ipynb", 2)
    tab.open_run(tab.runs().get_by_role("option").last)
    tab.document().get_by_role("button", name="cell").first.click()
    expect(tab.page.get_by_role("tab", name="second.ipynb", selected=True)).to_be_visible()
    assert "bioml" not in json.dumps(json.loads((folder / "second.ipynb").read_text())["metadata"])
