"""axe finds no serious violation in what we show."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage
from .study import Study

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CHECK = """async selector => {
  const { violations } = await axe.run(selector, { resultTypes: ['violations'] });
  return violations
    .filter(found => found.impact === 'serious' || found.impact === 'critical')
    .map(found => `${found.id}: ${found.help}\\n` + found.nodes.map(node => node.html.slice(0, 200)).join('\\n'));
}"""


def test_sidebar_pages_and_form_have_no_serious_violation(tab: LabPage, study: Study) -> None:
    tab.open(study.notebook)
    tab.page.evaluate(AXE.read_text())

    def violations(selector: str) -> list[str]:
        found: list[str] = tab.page.evaluate(CHECK, selector)
        return found

    expect(tab.line("tree").first).to_be_visible()
    tab.sidebar().get_by_role("button", name="More filters and order").click()
    tab.line("tree").first.click()
    assert violations("#jupyter-bioml-experiments .bioml-Section") == []
    shown = tab.open_run(tab.line("tree").first)
    for part in shown.get_by_role("tab").all():
        part.click()
        expect(part).to_have_attribute("aria-selected", "true")
        expect(shown.get_by_role("tabpanel")).not_to_contain_text("Loading…")
        assert violations(".bioml-PageScroll:not(.lm-mod-hidden) .bioml-Page") == [], part.text_content()

    shown.get_by_role("button", name="Register").click()
    expect(tab.page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    assert violations(".bioml-RegisterDialog") == []
    tab.page.keyboard.press("Escape")
    tab.select(tab.line("tree").nth(0), tab.line("tree").nth(1))
    tab.action("Compare").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")
    shown.get_by_role("button", name="Curves").click()
    assert violations(".lm-Widget:not(.lm-mod-hidden) > .bioml-PageScroll:not(.lm-mod-hidden) .bioml-Page") == []
    tab.page.get_by_role("tab", name="diagnosis.ipynb").click()
    toggle = tab.page.get_by_role("button", name="Track this notebook")
    expect(toggle).to_be_visible()
    assert violations(".bioml-TrackItem") == []
    assert violations("#jp-main-statusbar .bioml-Section") == []
