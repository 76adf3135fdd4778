"""Ten thousand runs: the list is scrolled, filtered and chosen from, and the page holds only what is seen."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import expect

from .journals import write_session
from .lab import LabPage

RUNS = 10_000
NOTES = dict.fromkeys((7, 4711, 9998), "promising")


def test_ten_thousand_runs_are_scrolled_filtered_and_chosen_from(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/many.ipynb"
    tab.lab.notebook(notebook, ["1"])
    for thousand in range(10):
        numbers = range(1000 * thousand, 1000 * (thousand + 1))
        runs = [
            {"name": f"trial {number}", "metrics": {"auc": number / RUNS}, "note": NOTES.get(number)}
            for number in numbers
        ]
        write_session(folder, "many.ipynb", runs, ended=time.time() - 1000 * (9 - thousand))
    tab.open(notebook)
    list_, lines = tab.runs(), tab.runs().get_by_role("option")
    expect(tab.line("trial 9999")).to_contain_text("0.9999")
    expect(lines.first).to_have_attribute("aria-setsize", str(RUNS))
    assert lines.count() < 60

    list_.evaluate("list => { list.scrollTop = list.scrollHeight / 2; }")
    expect(tab.line("trial 4995")).to_be_visible()
    list_.focus()
    tab.page.keyboard.press("End")
    expect(tab.line("trial 0")).to_be_visible()
    tab.page.keyboard.press("ArrowUp")
    expect(tab.line("trial 1").last).to_have_attribute("aria-selected", "true")
    assert lines.count() < 60

    tab.sidebar().get_by_role("searchbox", name="Filter runs by text").fill("promising")
    expect(lines.first).to_have_attribute("aria-setsize", "3")
    expect(lines).to_contain_text(["trial 9998", "trial 4711", "trial 7"])
    tab.select(lines.nth(0), lines.nth(1))
    tab.action("Compare").click()
    expect(tab.document().get_by_role("columnheader")).to_have_count(2)
