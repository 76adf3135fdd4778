"""Tracking switched on and off in the notebook, cells made experiments, and their badges."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from .journals import write_session
from .lab import LabPage


def test_a_notebook_is_tracked_by_a_click_and_again_after_its_kernel_restarts(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/plain.ipynb"
    tab.lab.notebook(notebook, ["x = open('/dev/null').read()", "score = sum([0.25, 0.5])"])
    tab.open(notebook)
    runs = tab.runs().get_by_role("option")
    toggle = tab.page.get_by_role("button", name="Track this notebook")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    expect(tab.sidebar()).to_contain_text("This notebook is not tracked. Track it (or run %load_ext jupyter_bioml")
    tab.run_cell(0)
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    late = tab.page.get_by_role("alert").filter(has_text="1 cell ran before tracking started; what it read is unknown.")
    expect(late.get_by_role("button", name="Restart and run to here")).to_be_visible()
    expect(toggle).to_have_attribute("title", re.compile("1 cell ran before tracking started"))

    tab.cell(1).locator(".jp-InputArea-editor").click()
    tab.cell(1).locator(".jp-cell-toolbar").get_by_role("button", name="experiment").click()
    expect(runs).to_have_count(0)
    tab.run_cell(1)
    expect(runs).to_have_count(1)
    expect(runs.first).to_contain_text("finished")
    expect(tab.cell(1).locator(".jp-InputPrompt")).to_have_text("[2]:")

    expect(tab.badge(1)).to_have_accessible_name("Run plain, cell 2: finished")
    tab.cell(1).locator(".cm-content").click()
    tab.page.keyboard.type("# another ")
    expect(tab.badge(1)).to_contain_text("edited since")
    tab.run_cell(1)
    expect(runs).to_have_count(2)
    expect(tab.badge(1)).not_to_contain_text("edited since")

    tab.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:restart-kernel')")
    tab.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(late).to_have_count(0)
    tab.idle()
    tab.run_cell(1)
    expect(tab.cell(1).locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(runs).to_have_count(3)

    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    tab.run_cell(1)
    expect(tab.cell(1).locator(".jp-InputPrompt")).to_have_text("[2]:")
    expect(runs).to_have_count(3)
    tab.badge(1).click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("plain, cell 2")


def test_to_open_a_notebook_changes_nothing_in_it(tab: LabPage, folder: Path) -> None:
    file = tab.lab.notebook(f"{folder.name}/kept.ipynb", ["x = 1", "y = 2"])
    write_session(folder, "kept.ipynb", [{"name": "kept", "source": "y = 2"}])
    tab.open(f"{folder.name}/kept.ipynb")
    tab.command("docmanager:save")  # JupyterLab itself writes the language of the kernel into one that has none
    before = file.read_bytes()
    tab.open(f"{folder.name}/kept.ipynb")
    expect(tab.badge(1)).to_have_accessible_name("Run kept: finished")
    assert tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty") is False
    assert file.read_bytes() == before


def test_every_cell_becomes_a_run_by_choice_in_the_toggles_menu(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/auto.ipynb"
    tab.lab.notebook(notebook, ["y = 3 * 4"])
    tab.open(notebook)
    tab.page.get_by_role("button", name="What is tracked").click()
    tab.page.get_by_role("menuitem", name="every cell becomes a run").click()
    expect(tab.page.get_by_role("button", name="Track this notebook")).to_contain_text("every cell")
    tab.run_cell(0)
    expect(tab.runs().get_by_role("option")).to_have_count(1)
    expect(tab.page.locator("#jp-main-statusbar")).to_contain_text("tracking every cell")

    badge, tools = tab.badge(0), tab.cell(0).locator(".jp-cell-toolbar")
    expect(badge).to_be_visible()
    expect(tools.get_by_role("button").first).to_be_visible()
    place, other = badge.bounding_box(), tools.bounding_box()
    assert place and other and place["x"] + place["width"] <= other["x"], "the badge covers the toolbar of the cell"


def test_every_notebook_of_a_project_by_one_click_on_a_question_that_is_asked_once(tab: LabPage, folder: Path) -> None:
    names = [f"{folder.name}/{name}.ipynb" for name in ("first", "second")]
    for name in names:
        tab.lab.notebook(name, ["rows = [1, 2]", "score = sum(rows) / 4"], {1: ["experiment"]})
    tab.open(names[0])
    toggle = tab.page.get_by_role("button", name="Track this notebook")
    question = tab.page.get_by_role("alert").filter(has_text="Track every notebook of the project")
    toggle.click()
    tab.run_cell(0)
    expect(question).to_have_count(0)
    tab.run_cell(1)
    expect(question).to_have_count(1)
    question.get_by_role("button", name="Track every notebook").click()
    expect(question).to_have_count(0)
    tab.page.wait_for_function("() => window.jupyterapp.commands.isToggled('bioml:track-project')")
    assert (folder / "bioml.toml").read_text() == "track = true\n"
    tab.open(names[1])
    expect(toggle).to_have_attribute("aria-pressed", "true")
    tab.run_cell(0)
    tab.run_cell(1)
    card = tab.cell(1).get_by_role("group", name="Run second, cell 2")
    expect(card).to_contain_text("after 1 cell")
    expect(question).to_have_count(0)


def test_the_toggle_knows_of_a_cell_that_loads_the_extension_and_works_on(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/long.ipynb"
    code = "%load_ext jupyter_bioml\nimport pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)"
    tab.lab.notebook(notebook, [code])
    tab.open(notebook)
    toggle = tab.page.get_by_role("button", name="Track this notebook")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    tab.run_cell(0, wait=False)
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(tab.page.locator("#jp-main-statusbar")).to_contain_text("tracking on")
    expect(tab.cell(0).locator(".jp-InputPrompt")).to_have_text("[*]:")
    (folder / "go").touch()
    expect(tab.cell(0).locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(toggle).to_have_attribute("aria-pressed", "true")
