"""From a finished run to a registered version in three clicks."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from playwright.sync_api import expect

from .lab import LabPage
from .study import Study

COUNT_CLICKS = """() => {
  window.clicks = 0;
  document.addEventListener('click', event => { window.clicks += event.isTrusted ? 1 : 0; }, { capture: true });
}"""
PLAIN_MLFLOW = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
version = client.get_model_version_by_alias(sys.argv[2], sys.argv[3])
print(json.dumps({"version": str(version.version), "run_id": version.run_id, "description": version.description,
                  "run": client.get_run(version.run_id).info.run_name}))
"""


def asked_of_mlflow(study: Study, model: str, alias: str) -> dict[str, Any]:
    """A version, as a script without us finds it."""
    command = [sys.executable, "-c", PLAIN_MLFLOW, study.tracking_uri, model, alias]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def test_three_clicks_make_a_version_that_mlflow_knows(tab: LabPage, study: Study) -> None:
    tab.open(study.notebook)
    best = tab.line("tree").first
    expect(best).to_contain_text("finished")
    tab.page.evaluate(COUNT_CLICKS)

    best.click()
    tab.action("Register").click()
    form = tab.page.get_by_role("dialog")
    expect(form.get_by_label("Name")).to_be_focused()
    tab.page.keyboard.type("diagnosis")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("champion")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("the deeper tree")
    expect(form.get_by_label("Will store")).to_contain_text("DecisionTreeClassifier")
    form.get_by_role("button", name="Register").click()
    expect(form.get_by_role("status")).to_contain_text("diagnosis version 1 @champion")
    assert tab.page.evaluate("window.clicks") == 3

    assert asked_of_mlflow(study, "diagnosis", "champion") == {
        "version": "1",
        "run_id": study.second["run_id"],
        "description": "the deeper tree",
        "run": "tree",
    }
    form.get_by_role("button", name="Open model").click()
    version = tab.sidebar().get_by_role("listitem").filter(has_text="v1")
    expect(version).to_contain_text("champion")
    expect(version).to_contain_text("from tree")
    version.get_by_role("button", name="Insert code").click()
    expect(tab.page.locator(".jp-Cell.jp-mod-selected .jp-InputArea-editor")).to_contain_text("diagnosis")


def test_a_run_without_a_model_is_refused_with_a_reason(tab: LabPage, study: Study) -> None:
    tab.open(study.notebook)
    tab.line("broken").click()
    expect(tab.action("Register")).to_be_disabled()
    tab.page.evaluate(
        "args => void window.jupyterapp.commands.execute('bioml:register-run', args)",
        {"id": study.broken["record_id"], "path": study.notebook},
    )
    form = tab.page.get_by_role("dialog")
    expect(form.get_by_role("alert")).to_contain_text("failed")
    expect(form.get_by_role("button", name="Register")).to_have_count(0)
    tab.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
