"""Scores with where they come from, and values apart from them: on the card, on a run's page, side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .axe import violations
from .journals import write_session
from .lab import LabPage, notebook_document

FIRST, SECOND, LATER = "a1" * 16, "b2" * 16, "c3" * 16
CARD = "application/vnd.bioml.run+json"
PAGE = ".bioml-PageScroll:not(.lm-mod-hidden) .bioml-Page"


def scores(accuracy: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": "loss", "value": 0, "values": [0.5, 0.25], "steps": [0, 1], "origin": "loss", "source": "BCELoss"},
        {"key": "accuracy", "model": "clf", **accuracy},
        {
            "key": "auc",
            "value": 0.9931,
            "origin": "returned",
            "source": "sklearn.metrics.roc_auc_score",
            "model": "clf",
        },
        {
            "key": "report.f1",
            "value": 0.9,
            "origin": "printed",
            "source": "f1",
            "digits": 2,
            "model": "rf",
            "cell": LATER,
        },
    ]


@pytest.fixture
def study(tab: LabPage, folder: Path) -> str:
    """Two runs and the later cell that showed a score of the first; the notebook has the first one's card."""
    printed = {"value": 0.96, "origin": "printed", "source": "Accuracy", "digits": 2}
    returned = {"value": 0.9642, "origin": "returned", "source": "sklearn.metrics.accuracy_score"}
    first = {"record": FIRST, "name": "gbm", "values": {"n_atoms": 1.7}, "scores": scores(printed)}
    later = {"record": LATER, "mark": "cell", "source": "# table\nprint(report)"}
    second = {"record": SECOND, "name": "gbm", "values": {"n_atoms": 2.7}, "scores": scores(returned)}
    write_session(folder, "scores.ipynb", [first, later, second])
    document = notebook_document(["import sklearn", "clf.fit(X, y)", "# table\nprint(report)", "clf.fit(X, y)"])
    data = {CARD: {"record_id": FIRST}, "text/plain": "● gbm"}
    document["cells"][1]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    (folder / "scores.ipynb").write_text(json.dumps(document))
    notebook = f"{folder.name}/scores.ipynb"
    tab.open(notebook)
    return notebook


def test_a_score_says_where_it_comes_from_and_leads_to_the_cell_that_showed_it(tab: LabPage, study: str) -> None:
    card = tab.cell(1).get_by_role("group", name="Run gbm")
    expect(card.locator(".bioml-CardMetric").first).to_have_text("accuracy 0.96 as printed")
    expect(card).not_to_contain_text("n_atoms")

    tab.command("bioml:open-run", {"id": FIRST, "path": study})
    shown = tab.document()
    page = tab.page
    row = shown.get_by_role("row").filter(has=page.get_by_role("rowheader", name="auc", exact=True))
    expect(row).to_contain_text("returned by sklearn.metrics.roc_auc_score")
    expect(shown.get_by_role("rowheader", name="Model clf")).to_be_visible()
    expect(shown.get_by_role("rowheader", name="No model named")).to_be_visible()
    values = shown.get_by_role("group").filter(has=page.get_by_role("heading", name="Other values"))
    expect(values.get_by_text("n_atoms")).not_to_be_visible()
    values.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(values.get_by_text("n_atoms")).to_be_visible()
    expect(shown.get_by_role("table").get_by_text("n_atoms")).to_have_count(0)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        tab.command("apputils:change-theme", {"theme": theme})
        page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
        assert violations(page, PAGE) == []

    shown.get_by_role("button", name="last of 2").click()
    expect(shown.get_by_role("tab", name="Curves")).to_have_attribute("aria-selected", "true")
    expect(shown.get_by_role("heading", name="loss")).to_be_visible()
    expect(shown.get_by_role("tabpanel")).not_to_contain_text("n_atoms")
    shown.get_by_role("tab", name="Overview").click()
    shown.get_by_role("button", name="shown by a later cell: In [2]").focus()
    page.keyboard.press("Enter")
    expect(tab.cell(2)).to_have_class(re.compile("jp-mod-active"))


def test_side_by_side_origins_that_differ_are_told_and_values_stand_apart(tab: LabPage, study: str) -> None:
    choice = tab.sidebar().get_by_label("Metric shown")
    expect(choice.locator("option", has_text="auc")).to_have_count(1)
    expect(choice.locator("option", has_text="n_atoms")).to_have_count(0)
    tab.command("bioml:compare-runs", {"ids": [FIRST, SECOND], "path": study})
    shown, page = tab.document(), tab.page
    expect(shown.get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")
    differing = shown.get_by_role("row").filter(has=page.get_by_role("img", name="differs"))
    expect(differing).to_have_count(1)
    expect(differing).to_contain_text("n_atoms")
    expect(differing.get_by_role("img", name="best")).to_have_count(0)
    shown.get_by_role("button", name="same (").first.click()
    row = shown.get_by_role("row").filter(has=page.get_by_role("rowheader", name="accuracy"))
    expect(row).to_contain_text("as printed: “Accuracy”")
    expect(row).to_contain_text("returned by sklearn.metrics.accuracy_score")
    expect(row.locator(".bioml-Figure")).to_have_text(["0.96", "0.9642"])
    expect(row.get_by_role("img", name="best")).to_have_count(0)
    expect(shown.locator("option", has_text="n_atoms")).to_have_count(0)
    assert violations(page, PAGE) == []
