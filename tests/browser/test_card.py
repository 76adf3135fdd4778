"""The card below a cell: the run's figures, and what can be done with it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage
from .test_register import COUNT_CLICKS

FIT = """%%experiment ridge --model ridge
ridge = Ridge(alpha=0.5).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
r2 = ridge.score([[0.0], [1.0], [3.0]], [0.0, 1.0, 3.0])"""


def test_the_card_shows_the_figures_and_opens_compares_and_registers_the_run(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/card.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml\nfrom sklearn.linear_model import Ridge", FIT])
    tab.open(notebook)
    tab.run_cell(0)
    tab.run_cell(1)
    card = tab.cell(1).get_by_role("group", name="Run ridge")
    expect(card).to_contain_text("finished")
    expect(card).to_contain_text("alpha 0.5")
    (row,) = tab.lab.published(notebook, 1)
    whole = re.compile("^" + re.escape(f"r2 = {row['metrics']['r2']!r}"))
    expect(card.locator(".bioml-CardMetric").filter(has_text="r2")).to_have_attribute("title", whole)
    expect(card).not_to_contain_text("not in MLflow yet")

    tab.page.evaluate(COUNT_CLICKS)
    card.get_by_role("button", name="Register").click()
    form = tab.page.get_by_role("dialog")
    expect(form.get_by_label("Name")).to_be_focused()
    tab.page.keyboard.type("line")
    form.get_by_role("button", name="Register").click()
    expect(form.get_by_role("status")).to_contain_text("line version 1")
    assert tab.page.evaluate("window.clicks") == 2
    form.get_by_role("button", name="Close").click()
    expect(card).to_contain_text("registered: line v1")

    card.get_by_role("button", name="Open").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("ridge")
    tab.page.get_by_role("tab", name="card.ipynb").click()
    tab.run_cell(1)
    card.get_by_role("button", name="Compare").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")


def test_register_is_offered_only_where_there_is_a_model_and_says_why_not(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/without.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml", "%%experiment counted\nhalf = 1 / 2"])
    tab.open(notebook)
    tab.run_cell(0)
    tab.run_cell(1)
    (run,) = tab.lab.published(notebook, 1)
    card = tab.cell(1).get_by_role("group", name="Run counted")
    expect(card.get_by_role("button", name="Open")).to_be_visible()
    expect(card.get_by_role("button", name="Register")).to_have_count(0)

    tab.line("counted").click()
    expect(tab.action("Register")).to_be_disabled()
    expect(tab.action("Register")).to_have_attribute("title", "This run has no model to register")
    shown = tab.open_run(tab.line("counted"))
    expect(shown.get_by_role("button", name="Copy link")).to_be_visible()
    expect(shown.get_by_role("button", name="Register")).to_have_count(0)
    tab.page.evaluate(
        "args => void window.jupyterapp.commands.execute('bioml:register-run', args)",
        {"id": run["record_id"], "path": notebook},
    )
    form = tab.page.get_by_role("dialog")
    expect(form.get_by_role("alert")).to_contain_text("no model")
    expect(form.get_by_role("button", name="Register")).to_have_count(0)
