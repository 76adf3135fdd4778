"""A sweep is one line in the list: its runs are opened below it with the keyboard, compared, and listed on its page."""

from __future__ import annotations

import os
import time
from pathlib import Path

from playwright.sync_api import expect

from .journals import write_session
from .lab import LabPage

RUNS = 250


def test_a_sweep_is_one_line_that_opens(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/sweep.ipynb"
    tab.lab.notebook(notebook, ["1"])
    sweep = os.urandom(16).hex()
    write_session(folder, "sweep.ipynb", [{"name": "baseline", "metrics": {"auc": 0.7}}], ended=time.time() - 3600)
    write_session(
        folder,
        "sweep.ipynb",
        [
            {"name": "grid", "record": sweep, "mark": "sweep"},
            *(
                {
                    "name": f"grid {number}", "mark": "child", "parent": sweep,
                    "params": {"seed": 7, "depth": number, "kind": "tree"}, "metrics": {"auc": number / RUNS},
                }
                for number in range(RUNS)
            ),
        ],
    )  # fmt: skip
    tab.open(notebook)
    tree = tab.sidebar().get_by_role("tree", name="Runs")
    lines = tree.get_by_role("treeitem")
    expect(lines).to_have_count(2)
    grid = lines.filter(has_text="250 runs")
    expect(grid).to_have_attribute("aria-expanded", "false")

    grid.click()
    tab.page.keyboard.press("ArrowRight")
    expect(grid).to_have_attribute("aria-expanded", "true")
    best = lines.filter(has_text="depth 249")
    expect(best).to_have_attribute("aria-level", "2")
    expect(best).to_have_attribute("aria-posinset", "1")
    expect(best).to_have_attribute("aria-setsize", str(RUNS))
    expect(best).not_to_contain_text("seed")
    tab.page.keyboard.press("ArrowRight")
    expect(best).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.press("Shift+ArrowDown")
    tab.action("Compare").click()
    expect(tab.document().get_by_role("columnheader")).to_have_count(2)

    tree.focus()
    tab.page.keyboard.press("End")
    tab.page.keyboard.press("ArrowUp")
    tab.page.keyboard.press("Enter")
    expect(lines.filter(has_text="200 of 250 shown")).to_be_visible()
    tab.page.keyboard.press("ArrowLeft")
    expect(grid).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.press("ArrowLeft")
    expect(grid).to_have_attribute("aria-expanded", "false")
    expect(lines).to_have_count(2)

    tab.page.keyboard.press("Enter")
    tab.document().get_by_role("tab", name="Runs in it").click()
    rows = tab.document().get_by_role("row")
    expect(rows).to_have_count(1 + 100)
    expect(rows.nth(1)).to_contain_text("grid 249")
    tab.document().get_by_role("button", name="Show 100 more").click()
    expect(rows).to_have_count(1 + 200)
    rows.nth(1).get_by_role("button", name="grid 249").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("grid 249")
    tab.document().get_by_role("button", name="part of run").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("grid")
