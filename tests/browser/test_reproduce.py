"""A run is made again with one press, and what comes of it is seen wherever the run is."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .lab import PUBLISHED_WITHIN, LabPage

IMPORT = "from sklearn.linear_model import Ridge"
FIT = """%%experiment ridge
ridge = Ridge(alpha=0.5).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
r2 = ridge.score([[0.0], [1.0], [3.0]], [0.0, 1.0, 3.0])"""
#: Milliseconds for a whole reproduction: a new kernel, its cells, and its publisher.
MADE_AGAIN = 1000 * PUBLISHED_WITHIN


def test_a_run_is_made_again_from_its_card_and_its_page_leads_to_the_new_one(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/again.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml", IMPORT, FIT])
    tab.open(notebook)
    for place in range(3):
        tab.run_cell(place)
    (first,) = tab.lab.published(notebook, 1)
    card = tab.cell(2).get_by_role("group", name="Run ridge")
    expect(card).to_contain_text("verdict: not checked")

    card.get_by_role("button", name="Reproduce").click()
    on_card = card.get_by_role("group", name="Reproduction of ridge")
    expect(on_card.get_by_role("button", name="Cancel")).to_be_enabled()
    expect(card.get_by_role("button", name="Reproduce")).to_be_disabled()
    expect(tab.line("ridge")).to_contain_text("reproducing…")
    page = tab.open_run(tab.line("ridge"))
    on_page = page.get_by_role("group", name="Reproduction of ridge")
    expect(on_page).to_contain_text("Reproducing…")

    expect(on_page.get_by_role("status").first).to_contain_text("✓ reproduced", timeout=MADE_AGAIN)
    expect(on_page).to_contain_text("reproduced exactly")
    expect(page).to_contain_text("verdict: ✓ reproduced")
    expect(tab.line("ridge").filter(has_text="✓ reproduced")).to_have_count(1)
    assert [job["state"] for job in tab.lab.api(f"jobs?path={notebook}")] == ["done"]

    on_page.get_by_role("button", name="Open new run").click()
    expect(tab.document().get_by_role("button", name="reproduction of")).to_be_visible()
    rows = tab.lab.published(notebook, 1)
    assert [row["verdict"].lower() for row in rows if row["record_id"] == first["record_id"]] == ["reproduced"]
    tab.page.get_by_role("tab", name="again.ipynb").click()
    expect(card).to_contain_text("verdict: ✓ reproduced")
    on_card.get_by_role("button", name="Compare with it").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")
    assert first["record_id"] in tab.page.evaluate("window.jupyterapp.shell.currentWidget.content.model.ids")
