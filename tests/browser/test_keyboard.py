"""Everything has a keyboard way: no test here touches the mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import LabPage
from .study import Study


def test_from_the_notebook_to_a_comparison_a_run_and_a_version(tab: LabPage, study: Study) -> None:
    page, press = tab.page, tab.page.keyboard.press
    tab.open(study.notebook)
    press("Control+Alt+e")
    expect(tab.runs()).to_be_focused()
    expect(tab.line("broken")).to_be_visible()

    press("ArrowDown")
    press("ArrowDown")
    expect(tab.line("tree").first).to_have_attribute("aria-selected", "true")
    press("Shift+ArrowDown")
    expect(tab.runs().get_by_role("option", selected=True)).to_have_count(2)
    for _ in range(4):
        press("Tab")
        if tab.action("Compare").evaluate("button => button === document.activeElement"):
            break
    press("Enter")
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")

    press("Control+Alt+e")
    press("Home")
    press("ArrowDown")
    press("Enter")
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("tree")
    register = tab.document().get_by_role("button", name="Register")
    expect(register).to_be_visible()
    tabs = tab.document().get_by_role("tab")
    for _ in range(60):
        press("Tab")
        if register.evaluate("button => button === document.activeElement"):
            break
    expect(register).to_be_focused()
    press("Enter")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Name")).to_be_focused()
    page.keyboard.type("by-hand")
    press("Enter")
    expect(form.get_by_role("status")).to_contain_text("by-hand version 1")
    expect(form.get_by_role("button", name="Close")).to_be_focused()
    press("Enter")
    expect(form).to_have_count(0)

    for _ in range(60):
        press("Tab")
        if tabs.first.evaluate("tab => tab === document.activeElement"):
            break
    press("ArrowRight")
    press("ArrowRight")
    expect(tabs.filter(has_text="Code")).to_be_focused()
    expect(tab.document().get_by_label("Code of this run")).to_contain_text("DecisionTreeClassifier")
