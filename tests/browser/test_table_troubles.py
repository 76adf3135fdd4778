"""The full-width table while its answers are on their way, do not come, and of a project without runs."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Route, expect

from .journals import write_session
from .lab import LabPage

OURS = re.compile(r"bioml/api/v1/(runs|table)\b")


def opened(tab: LabPage, folder: Path) -> Locator:
    """The table of a project."""
    tab.page.wait_for_function("window.jupyterapp.commands.hasCommand('bioml:open-table')")
    tab.command("bioml:open-table", {"path": folder.name})
    return tab.page.locator(".bioml-TablePage:visible")


def test_while_it_is_read_it_says_so_and_then_the_rows_are_there(tab: LabPage, folder: Path) -> None:
    write_session(folder, "a.ipynb", [{"name": "one", "metrics": {"auc": 0.9}}])
    tab.open()
    held: list[Route] = []
    may_go: list[bool] = []

    def hold(route: Route) -> None:
        if may_go:
            route.continue_()
        else:
            held.append(route)

    tab.page.route(OURS, hold)
    table = opened(tab, folder)
    expect(table.locator(".bioml-Empty")).to_have_text("Loading…")
    expect(table.get_by_role("button", name="Select all")).to_be_disabled()
    may_go.append(True)
    for route in held:
        route.continue_()
    expect(table.locator("[data-record]")).to_have_count(1)


def test_without_answers_rows_stay_and_one_press_tries_again(tab: LabPage, folder: Path) -> None:
    write_session(folder, "a.ipynb", [{"name": f"run {number}", "metrics": {"auc": number / 9}} for number in range(9)])
    tab.open()
    table = opened(tab, folder)
    expect(table.locator("[data-record]")).to_have_count(9)
    tab.page.route(OURS, lambda route: route.abort())
    table.get_by_role("columnheader", name="auc").click()
    problem = table.get_by_role("alert")
    expect(problem).to_contain_text("Runs read earlier are still shown.")
    expect(table.locator("[data-record]")).to_have_count(9)
    tab.page.unroute(OURS)
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_have_count(0)
    expect(table.locator("[data-record]").first).to_contain_text("run 8")


def test_without_runs_it_says_how_a_run_comes_about(tab: LabPage, folder: Path) -> None:
    tab.open()
    table = opened(tab, folder)
    expect(table).to_contain_text("A tracked cell that begins with %%experiment")
    for name in ("Chart", "Figures"):
        table.get_by_role("button", name=name, exact=True).click()
        expect(table.locator(".bioml-TableBody")).to_contain_text("No runs yet")
