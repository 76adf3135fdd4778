"""JupyterLab without one of our helpers: the server half, or the tracking server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from .lab import Lab, LabPage, running

RUN = "%%experiment alone\ndepth = 3\nauc = sum([0.25, 0.5])"


def test_without_the_server_half_notebooks_work_and_the_sidebar_says_what_to_install(
    open_tab: Callable[[Lab], LabPage], tmp_path: Path
) -> None:
    with running(tmp_path, server=False) as lab:
        tab = open_tab(lab)
        lab.notebook("plain.ipynb", ["%load_ext jupyter_bioml", RUN])
        tab.open("plain.ipynb")
        problem = tab.sidebar().get_by_role("alert")
        expect(problem).to_contain_text("Install jupyter-bioml in the environment of the server")
        expect(problem.get_by_role("button", name="Try again")).to_be_visible()
        expect(tab.sidebar().get_by_role("listbox")).to_have_count(0)
        tab.run_cell(0)
        tab.run_cell(1)
        card = tab.cell(1).locator(".jp-OutputArea-output")
        expect(card).to_contain_text("alone")
        expect(card).to_contain_text("0.75")
        expect(card.get_by_role("button")).to_have_count(0)
        expect(tab.badge(1)).to_have_count(0)
        ours = [said for said in tab.console if "bioml" in said and "404" not in said]
        assert ours == []


def test_while_the_tracking_server_is_down_runs_are_kept_and_shown(
    open_tab: Callable[[Lab], LabPage], tmp_path: Path
) -> None:
    with socket.socket() as nobody:  # bound but not listening: connections are refused
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with running(tmp_path, env={"MLFLOW_TRACKING_URI": address}) as lab:
            tab = open_tab(lab)
            lab.notebook("kept.ipynb", ["%load_ext jupyter_bioml", RUN])
            tab.open("kept.ipynb")
            tab.sidebar()
            tab.run_cell(0)
            tab.run_cell(1)
            expect(tab.line("alone")).to_contain_text("finished")
            expect(tab.line("alone")).to_contain_text("0.75")
            expect(tab.line("alone")).to_contain_text("waiting")
            expect(tab.sidebar()).to_contain_text("The tracking server does not answer")
            tab.page.get_by_role("button", name="1 waiting").click()
            waiting = tab.page.get_by_role("dialog", name="Experiments")
            expect(waiting.get_by_role("listitem")).to_contain_text("alone")
            shown = tab.open_run(tab.line("alone"))
            expect(tab.figure("auc").first).to_have_text("0.75")
            expect(shown).to_contain_text("not in MLflow yet")
