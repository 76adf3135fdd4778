"""A version gets through its gates in the sidebar, and plain MLflow finds it under its alias."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from .axe import violations
from .lab import PUBLISHED_WITHIN, LabPage
from .test_register import PLAIN_MLFLOW
from .test_themes import unreadable

POLICY = "version: 1\naliases:\n  champion:\n    approval: {required: {approval: 1}}\n"
CELLS = [
    "%load_ext jupyter_bioml\nfrom sklearn.linear_model import Ridge",
    "%%experiment ridge --model ridge\nridge = Ridge(alpha=0.5).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])",
]


def test_a_version_is_refused_approved_promoted_and_found_by_plain_mlflow(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/ridge.ipynb"
    (folder / "bioml-policy.yaml").write_text(POLICY)
    tab.lab.notebook(notebook, CELLS)
    tab.open(notebook)
    for place in range(2):
        tab.run_cell(place)
    (run,) = tab.lab.published(notebook, 1)
    said(folder, "-m", "jupyter_bioml.cli", "register", run["record_id"], "ridge")

    tab.command("bioml:refresh")
    tab.sidebar().locator("summary").filter(has_text="ridge").click()
    version = tab.sidebar().get_by_role("group", name="Actions on ridge v1")
    version.get_by_role("button", name="Set alias…").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("champion")
    dialog.get_by_role("button", name="Set").click()
    expect(dialog).to_contain_text("has gates in bioml-policy.yaml, so only a promotion can move it")
    dialog.get_by_role("button", name="Promote…").click()

    gate = dialog.get_by_role("region", name="Gates").get_by_role("listitem")
    expect(gate).to_contain_text("✗")
    expect(gate).to_contain_text("approval fail0 of 1 required people approved (approval).")
    expect(dialog).to_contain_text("Not yet: the gate approval refuses.")
    expect(dialog.get_by_role("button", name="Promote", exact=True)).to_be_disabled()
    expect(dialog.get_by_role("button", name="Roll back…")).to_be_disabled()
    assert unreadable(dialog) == []
    assert violations(tab.page, ".bioml-PromotionDialog") == []

    expect(dialog.get_by_role("button", name="Approve…")).to_have_count(
        2
    )  # of the gate that asks for it, and of the dialog
    gate.get_by_role("button", name="Approve…").click()
    expect(dialog.get_by_label("Decision")).to_be_focused()
    dialog.get_by_label("Reason").fill("errors look random")
    tab.page.keyboard.press("Enter")
    expect(gate).to_contain_text("✓")
    expect(dialog.get_by_role("status").filter(has_text="approval")).to_contain_text("1 approval counts now.")
    dialog.get_by_label("Reason").fill("the first one")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(dialog.get_by_role("status").filter(has_text="→")).to_contain_text("ridge@champion: no version → version 1")
    expect(dialog).to_contain_text("This version already holds champion.")

    tracking = f"sqlite:///{folder / '.bioml' / 'mlflow.db'}"
    assert f'"run_id": "{run["run_id"]}"' in said(folder, "-c", PLAIN_MLFLOW, tracking, "ridge", "champion")
    tab.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(tab.sidebar().locator("summary").filter(has_text="ridge")).to_contain_text("champion")

    tab.page.evaluate(
        "args => void window.jupyterapp.commands.execute('bioml:promote-model', args)",
        {"name": "ridge", "version": "1", "path": notebook},
    )
    expect(dialog).to_contain_text("Held bythis version")
    dialog.get_by_role("button", name="Roll back…").click()
    dialog.get_by_role("button", name="Roll back").click()
    expect(dialog.get_by_role("status").filter(has_text="→")).to_contain_text("ridge@champion: version 1 → no version")


def test_a_version_that_was_never_reproduced_is_by_its_gates_own_button(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/ridge.ipynb"
    (folder / "bioml-policy.yaml").write_text("version: 1\naliases:\n  champion:\n    reproduced: {}\n")
    tab.lab.notebook(notebook, CELLS)
    tab.open(notebook)
    for place in range(2):
        tab.run_cell(place)
    (run,) = tab.lab.published(notebook, 1)
    said(folder, "-m", "jupyter_bioml.cli", "register", run["record_id"], "ridge")
    tab.page.evaluate(
        "args => void window.jupyterapp.commands.execute('bioml:promote-model', args)",
        {"name": "ridge", "version": "1", "path": notebook},
    )
    dialog = tab.page.get_by_role("dialog")
    gate = dialog.get_by_role("region", name="Gates").get_by_role("listitem").first
    expect(gate).to_contain_text("reproduced")
    gate.get_by_role("button", name="Reproduce").click()
    expect(gate).to_contain_text("Reproducing…")
    expect(gate).to_contain_text("pass", timeout=1000 * PUBLISHED_WITHIN)
    expect(gate.get_by_role("button", name="Reproduce")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()

    page = tab.open_run(tab.line("ridge").filter(has_text="✓ reproduced"))
    page.get_by_role("button", name="Open new run").click()
    page.get_by_role("button", name="reproduction of").wait_for()
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="verdict.html").click()
    verdict = tab.page.frame_locator(".lm-DockPanel-widget:not(.lm-mod-hidden) iframe")
    expect(verdict.locator("body")).to_contain_text("reproduced exactly")


def said(folder: Path, *arguments: str) -> str:
    """What a Python of the user's own says, below the project's folder."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("BIOML_", "MLFLOW_", "JUPYTER"))}
    env |= {"MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
