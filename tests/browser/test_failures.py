"""Runs that do not end well are seen, with the reason."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import expect

from .lab import LabPage

FAILS = """%%experiment overfit
depth = 40
raise ValueError("depth is more than the data hold")"""
DIES = """%%experiment endless
with open("pid", "w") as file:
    print(os.getpid(), file=file)
while True:
    time.sleep(0.05)"""


def test_a_failing_cell_shows_its_last_line_and_a_killed_kernel_is_said_to_be(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/trouble.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml\nimport os, time", FAILS, DIES])
    tab.open(notebook)
    tab.run_cell(0)
    tab.sidebar()
    tab.run_cell(1)
    last = "ValueError: depth is more than the data hold"
    expect(tab.line("overfit")).to_contain_text("failed")
    expect(tab.line("overfit").get_by_title(last)).to_be_visible()
    expect(tab.badge(1)).to_have_accessible_name("Run overfit: failed")
    shown = tab.open_run(tab.line("overfit"))
    failure = shown.get_by_role("group", name="Why the run ended")
    expect(failure).to_contain_text(last)
    failure.get_by_text("Traceback", exact=True).click()
    expect(failure.locator("pre")).to_contain_text("raise ValueError")
    expect(shown.locator(".bioml-Pairs")).to_contain_text("depth")

    tab.page.get_by_role("tab", name="trouble.ipynb").click()
    tab.run_cell(2, wait=False)
    expect(tab.line("endless")).to_contain_text("running")
    pid = folder / "pid"
    tab.page.wait_for_timeout(100)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    expect(tab.line("endless")).to_contain_text("killed")
    tab.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    shown = tab.open_run(tab.line("endless"))
    expect(shown.get_by_role("group", name="Why the run ended")).to_contain_text("kernel")
    expect(tab.line("overfit")).to_contain_text("failed")
