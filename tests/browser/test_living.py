"""Living with runs: their names, stars, the archive, and the end of them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage

WAITS = """%%experiment draft
a = 1
while not pathlib.Path("go").exists():
    time.sleep(0.05)"""


def test_a_run_is_renamed_starred_archived_and_deleted(tab: LabPage, folder: Path) -> None:
    page = tab.page
    notebook = f"{folder.name}/lives.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml", "%%experiment first\na = 1", "%%experiment second\nb = 2"])
    tab.open(notebook)
    for place in range(3):
        tab.run_cell(place)
    tab.sidebar()
    tab.lab.published(notebook, 2)
    tab.line("first").click()
    page.keyboard.press("F2")
    page.keyboard.type("the baseline")
    page.keyboard.press("Enter")
    expect(tab.line("the baseline")).to_have_count(1)
    expect(tab.badge(1)).to_have_accessible_name("Run the baseline: finished")

    def choose(item: str) -> None:
        tab.line("the baseline").click(button="right")
        page.get_by_role("menuitem", name=item).click()

    choose("Star")
    expect(tab.line("the baseline").get_by_role("img", name="starred")).to_be_visible()
    choose("Archive")
    expect(tab.line("the baseline")).to_have_count(0)
    expect(tab.line("second")).to_have_count(1)
    tab.sidebar().get_by_role("button", name="More filters and sorting").click()
    tab.sidebar().get_by_label("include archived").check()
    expect(tab.line("the baseline")).to_contain_text("archived")

    choose("Delete")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("the baseline")
    question.get_by_role("button", name="Cancel").click()
    expect(tab.line("the baseline")).to_have_count(1)
    choose("Delete")
    question.get_by_role("button", name="Delete").click()
    expect(tab.line("the baseline")).to_have_count(0)
    assert [row["name"] for row in tab.lab.published(notebook, 1)] == ["second"]


def test_a_notebook_renamed_while_its_cell_runs_keeps_its_runs(tab: LabPage, folder: Path) -> None:
    notebook, renamed = f"{folder.name}/old.ipynb", f"{folder.name}/new.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml\nimport pathlib, time", WAITS])
    tab.open(notebook)
    tab.run_cell(0)
    tab.sidebar()
    tab.run_cell(1, wait=False)
    expect(tab.line("draft")).to_contain_text("running")
    tab.command("docmanager:save")
    tab.page.evaluate("names => window.jupyterapp.serviceManager.contents.rename(...names)", [notebook, renamed])
    expect(tab.page.get_by_role("tab", name="new.ipynb")).to_be_visible()
    (folder / "go").touch()
    expect(tab.line("draft")).to_contain_text("finished")
    tab.idle()
    tab.run_cell(1)
    expect(tab.line("draft")).to_have_count(2)
    shown = tab.open_run(tab.line("draft").first)
    expect(shown.get_by_role("button", name="new.ipynb")).to_be_visible()
