"""Two runs side by side: what differs is told from what is the same, and goes into a file."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage
from .study import Study


def test_two_runs_differ_in_what_was_changed_between_them(tab: LabPage, study: Study) -> None:
    page = tab.page
    tab.open(study.notebook)
    newer, older = tab.line("tree").nth(0), tab.line("tree").nth(1)
    expect(newer).to_contain_text("data changed")
    tab.select(older, newer)
    tab.action("Compare").click()

    shown = tab.document()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")
    differing = shown.get_by_role("row").filter(has=page.get_by_role("img", name="differs"))
    expect(differing.filter(has_text="max_depth").locator(".bioml-Figure")).to_have_text(["1", "3"])
    better = differing.filter(has_text="auc").locator(".bioml-mod-strong")
    expect(better.locator(".bioml-Figure")).to_have_attribute(
        "title", f"{study.second['metrics']['auc']!r} (click to copy)"
    )
    expect(differing.filter(has_text="cohort.csv")).to_have_count(1)

    seed = shown.get_by_role("row").filter(has=page.get_by_role("rowheader", name="random_state"))
    expect(seed).to_have_count(0)
    same = shown.get_by_role("button", name="same (").first
    expect(same).to_have_attribute("aria-expanded", "false")
    same.click()
    expect(seed.locator(".bioml-Figure")).to_have_text(["7", "7"])
    expect(seed.get_by_role("img", name="differs")).to_have_count(0)

    heads = [text.partition("same")[0].strip() for text in shown.locator(".bioml-SectionTitle").all_inner_texts()]
    assert heads[:3] == ["Metrics", "Parameters that were set", "Parameters at their defaults"]
    default = shown.get_by_role("row").filter(has=page.get_by_role("rowheader", name="min_samples_leaf"))
    expect(default).to_have_count(0)
    shown.locator(".bioml-SectionTitle", has_text="at their defaults").get_by_role("button", name="same (").click()
    expect(default.locator(".bioml-Figure")).to_have_text(["1", "1"])

    diff = shown.get_by_label("Code, changes")
    expect(diff).to_contain_text("DecisionTreeClassifier(max_depth=1, random_state=7)")
    expect(diff).to_contain_text("DecisionTreeClassifier(max_depth=3, random_state=7)")

    with page.expect_download() as download:
        shown.get_by_role("button", name="Export CSV").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8-sig") as file:
        table = list(csv.reader(file))
    values = {row[1]: row[2:] for row in table[1:]}
    assert values["tree.max_depth"] == ["1", "3"]
    assert [float(value) for value in values["auc"]] == [run["metrics"]["auc"] for run in (study.first, study.second)]
