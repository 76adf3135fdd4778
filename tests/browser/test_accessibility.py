"""axe finds no serious violation in what we show."""

from __future__ import annotations

from playwright.sync_api import expect

from .axe import violations
from .lab import LabPage
from .study import Study


def test_sidebar_pages_and_form_have_no_serious_violation(tab: LabPage, study: Study) -> None:
    tab.open(study.notebook)
    expect(tab.line("tree").first).to_be_visible()
    tab.sidebar().get_by_role("button", name="More filters and sorting").click()
    tab.line("tree").first.click()
    assert violations(tab.page, "#jupyter-bioml-experiments .bioml-Section") == []
    shown = tab.open_run(tab.line("tree").first)
    for part in shown.get_by_role("tab").all():
        part.click()
        expect(part).to_have_attribute("aria-selected", "true")
        expect(shown.get_by_role("tabpanel")).not_to_contain_text("Loading…")
        assert violations(tab.page, ".bioml-PageScroll:not(.lm-mod-hidden) .bioml-Page") == [], part.text_content()

    shown.get_by_role("button", name="Register").click()
    expect(tab.page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    assert violations(tab.page, ".bioml-RegisterDialog") == []
    tab.page.keyboard.press("Escape")
    tab.select(tab.line("tree").nth(0), tab.line("tree").nth(1))
    tab.action("Compare").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")
    shown.get_by_role("button", name="Curves").click()
    assert (
        violations(tab.page, ".lm-Widget:not(.lm-mod-hidden) > .bioml-PageScroll:not(.lm-mod-hidden) .bioml-Page") == []
    )
    tab.page.get_by_role("tab", name="diagnosis.ipynb").click()
    toggle = tab.page.get_by_role("button", name="Track this notebook")
    expect(toggle).to_be_visible()
    assert violations(tab.page, ".bioml-TrackItem") == []
    assert violations(tab.page, "#jp-main-statusbar .bioml-Section") == []
