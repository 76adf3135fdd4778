"""The full-width table over ten thousand runs: scrolled, sorted, filtered, grouped, chosen from, changed, drawn."""

from __future__ import annotations

import csv
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .axe import violations
from .journals import write_session
from .lab import LabPage
from .test_themes import unreadable

RUNS = 10_000
FIGURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="20" cy="20" r="{}" fill="red"/></svg>'
)
LONG = "a name that a program made of its parameters <b>depth=7</b> " * 8


def _run(number: int) -> dict[str, Any]:
    """Best in the middle; the newest ten have two figures each."""
    run: dict[str, Any] = {
        "name": f"trial {number}" if number != RUNS - 3 else LONG,
        "params": {"depth": number % 8, "kind": "forest" if number % 2 else "tree", "seed": 7},
        "metrics": {"auc": 1 - abs(number - 5000) / RUNS, "val loss": number / RUNS},
        "tags": {"site": "north" if number % 3 else "south"},
    }
    if number >= RUNS - 10:
        figures = [FIGURE.format(5 + part * 10) for part in range(2)]
        run["output"] = [
            {"kind": "display", "mime": "image/svg+xml", "text": text, "size": len(text)} for text in figures
        ]
    return run


@pytest.fixture(scope="session")
def thousands(lab: Any) -> Path:
    """A project with ten thousand runs in ten sessions."""
    folder = Path(lab.root) / "thousands"
    (folder / ".bioml").mkdir(parents=True)
    (folder / "bioml.toml").write_text("track = false\n")
    for thousand in range(10):
        numbers = range(1000 * thousand, 1000 * (thousand + 1))
        write_session(
            folder, "many.ipynb", [_run(number) for number in numbers], ended=time.time() - 1000 * (9 - thousand)
        )
    return folder


class Table:
    """The table that is in front."""

    def __init__(self, tab: LabPage, folder: Path) -> None:
        self.tab, self.page = tab, tab.page
        tab.open()
        tab.page.wait_for_function("window.jupyterapp.commands.hasCommand('bioml:open-table')")
        tab.command("bioml:open-table", {"path": folder.name})
        self.root = self.page.locator(".bioml-TablePage:visible")
        self.grid = self.root.get_by_label("Runs", exact=True)
        expect(self.grid).to_be_visible()
        expect(self.said()).to_contain_text(f"{RUNS:,} runs")

    def rows(self) -> Locator:
        return self.grid.locator("[data-record]")

    def row(self, name: str) -> Locator:
        return self.rows().filter(has_text=name)

    def query(self) -> Locator:
        return self.root.get_by_role("textbox", name="Filter, for example")

    def said(self) -> Locator:
        return self.root.locator(".bioml-Query-said")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def first(self, name: str) -> None:
        expect(self.rows().first).to_contain_text(name)


@pytest.fixture
def table(tab: LabPage, thousands: Path) -> Table:
    return Table(tab, thousands)


def test_ten_thousand_runs_are_scrolled_sorted_filtered_and_grouped(table: Table) -> None:
    grid, page = table.grid, table.page
    table.first("trial 9999")
    expect(grid).to_have_attribute("aria-rowcount", str(RUNS + 1))
    assert table.rows().count() < 80
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight / 2; }")
    expect(table.row("trial 4990")).to_be_visible()
    assert table.rows().count() < 80

    grid.get_by_role("columnheader", name="auc").click()
    table.first("trial 5000")
    expect(grid.get_by_role("columnheader", name="auc")).to_have_attribute("aria-sort", "descending")
    expect(table.rows().first.get_by_label("best")).to_be_visible()
    assert grid.evaluate("grid => grid.scrollTop") == 0
    grid.get_by_role("columnheader", name="depth").click()
    table.first("trial 9992")

    table.query().fill('depth = 7 and "val loss" > 0.9 and dpeth')
    expect(table.said()).to_contain_text("The filter is wrong at character 36")
    expect(table.said()).to_contain_text("Like it: depth")
    table.first("trial 9992")
    table.query().fill('depth = 7 and "val loss" > 0.9')
    expect(table.said()).to_contain_text("125 runs found")
    table.query().press("Enter")
    expect(grid).to_be_focused()

    page.keyboard.press("/")
    expect(table.query()).to_be_focused()
    page.keyboard.press("Escape")
    expect(table.query()).to_have_value("")
    table.root.get_by_label("Group by").select_option("tags.site")
    expect(grid).to_have_attribute("role", "treegrid")
    group = grid.get_by_role("row").filter(has_text="site south")
    expect(group).to_contain_text("3,334 runs")
    expect(group).to_contain_text("mean 0.7499 ± ")
    group.click()
    expect(group).to_have_attribute("aria-expanded", "true")
    expect(table.rows().first).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(group).to_have_attribute("aria-expanded", "false")


def test_everything_has_a_keyboard_way(table: Table) -> None:
    grid, page = table.grid, table.page
    press = page.keyboard.press
    grid.focus()
    press("ArrowDown")
    press("Space")
    press("Shift+ArrowDown")
    press("Shift+ArrowDown")
    expect(table.root.locator(".bioml-Picked")).to_contain_text("3 selected")
    expect(table.rows().nth(1)).to_have_attribute("aria-selected", "true")
    press("Control+End")
    press("Shift+Space")
    expect(table.root.locator(".bioml-Picked")).to_contain_text(f"{RUNS - 1:,} selected")
    expect(table.row("trial 0").last).to_be_visible()
    press("Control+a")
    expect(table.root.locator(".bioml-Picked")).to_contain_text(f"{RUNS:,} selected")
    press("Escape")
    expect(table.root.locator(".bioml-Picked")).to_contain_text("None selected")
    press("Control+Home")
    press("ArrowUp")
    for _ in range(3):
        press("ArrowRight")
    press("Enter")
    table.first("trial 5000")
    head = grid.get_by_role("columnheader", name="auc")
    before = head.bounding_box()
    press("Shift+ArrowRight")
    after = head.bounding_box()
    assert before and after and after["width"] > before["width"]
    press("ArrowDown")
    press("Enter")
    expect(table.tab.document().get_by_role("heading", level=1)).to_have_text("trial 5000")


def test_runs_are_starred_tagged_exported_and_kept_as_a_view(table: Table, tmp_path: Path) -> None:
    page = table.page
    table.query().fill("name contains 'trial 998' and \"val loss\" > 0.5")
    expect(table.said()).to_contain_text("10 runs found")
    table.button("Select all").click()
    expect(table.root.locator(".bioml-Picked")).to_contain_text("10 selected")
    table.button("Star").click()
    expect(table.row("trial 9981").get_by_label("starred")).to_be_visible()
    table.button("Tag the selected runs").click()
    page.get_by_role("textbox", name="Value").fill("final")
    page.get_by_label("Tag", exact=True).fill("stage")
    table.button("Set tag").click()
    table.query().fill("starred and stage = final and depth < 3")
    expect(table.said()).to_contain_text("3 runs found")

    table.button("Export runs").click()
    with page.expect_download() as saved:
        table.button("The columns of 10 runs as CSV").click()
    saved.value.save_as(tmp_path / "runs.csv")
    rows = list(csv.reader((tmp_path / "runs.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:2] == ["id", "name"] and len(rows) == 4, "of the selected runs those that are listed"
    table.button("Export runs").click()
    with page.expect_download() as saved:
        table.button("Selected runs with all their files, as zip").click()
    saved.value.save_as(tmp_path / "runs.zip")
    assert len(zipfile.ZipFile(tmp_path / "runs.zip").namelist()) == 10

    table.button("Choose columns").click()
    page.get_by_role("searchbox", name="Search columns").fill("site")
    page.get_by_role("checkbox", name="site tag").check()
    page.keyboard.press("Escape")
    expect(table.grid.get_by_role("columnheader", name="site")).to_have_count(1)
    table.button("Saved views").click()
    page.get_by_role("textbox", name="Name of the view").fill("shallow")
    table.button("Save").click()
    expect(table.button("Saved views")).to_contain_text("shallow")
    again = Table(table.tab, table.tab.lab.root / "thousands")
    again.button("Saved views").click()
    again.button("shallow").click()
    expect(again.query()).to_have_value("starred and stage = final and depth < 3")
    expect(again.grid.get_by_role("columnheader", name="site")).to_have_count(1)
    again.button("Select all").click()
    again.button("Archive").click()
    expect(again.root).to_contain_text("No runs match the filter")
    again.button("Unarchive").click()
    expect(again.rows()).to_have_count(3)


def test_charts_and_figures_lead_to_their_runs(table: Table) -> None:
    page = table.page
    table.query().fill('"val loss" >= 0.999')
    expect(table.said()).to_contain_text("10 runs found")
    table.button("Chart").click()
    chart = table.root.get_by_role("group", name="auc against depth")
    expect(chart).to_be_visible()
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(table.root).to_contain_text("trial 9992: auc 0.5008, depth 0")
    table.button("Figures").click()
    expect(table.root.get_by_alt_text("Figure 1 of trial 9999")).to_be_visible()
    table.root.get_by_role("combobox", name="Figure").select_option(label="2")
    expect(table.root.get_by_alt_text("Figure 2 of trial 9999")).to_be_visible()
    table.button("Table").click()
    table.button("Choose columns").click()
    page.get_by_role("checkbox", name="Figure").check()
    page.keyboard.press("Escape")
    expect(table.rows().first.get_by_alt_text("Figure 1 of trial 9999")).to_be_visible()
    table.rows().first.get_by_text("trial 9999").dblclick()
    expect(table.tab.document().get_by_role("heading", level=1)).to_have_text("trial 9999")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_accessible_and_can_be_read(table: Table, theme: str) -> None:
    table.tab.command("apputils:change-theme", {"theme": theme})
    table.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    expect(table.row("a name that a program made")).to_be_visible()
    table.rows().first.click()
    assert unreadable(table.root) == []
    assert violations(table.page, ".bioml-TablePage") == []
    table.root.get_by_label("Group by").select_option("params.kind")
    expect(table.grid.get_by_role("row").filter(has_text="kind forest")).to_be_visible()
    assert violations(table.page, ".bioml-TablePage") == []
    for name in ("Chart", "Figures", "Choose columns"):
        table.button(name).click()
        assert violations(table.page, ".bioml-TablePage") == []
