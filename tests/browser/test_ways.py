"""The ways that lead somewhere: launcher, palette, drag, downloads, and the message while JupyterLab is hidden."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .journals import write_session
from .lab import PUBLISHED_WITHIN, LabPage
from .study import Study

LONG = "%%experiment long\nimport time\ntime.sleep(10.2)\nauc = sum([0.4, 0.5])"
PREDICTS = """%%experiment predicts
bioml.log_predictions([0, 1, 1], [0.25, 0.5, 0.75], key=["a", "b", "c"])"""
#: As while another window is in front.
HIDE = "() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })"


@pytest.fixture
def notebook(tab: LabPage, folder: Path) -> str:
    """Three runs of a notebook, which is open beside the sidebar."""
    path = f"{folder.name}/ways.ipynb"
    tab.lab.notebook(path, ["1"])
    runs = [
        {"name": "sets none", "params": {"weight": None, "depth": 3}, "metrics": {"auc": 0.9}},
        {"name": "leaves out", "params": {"depth": 5}, "metrics": {"auc": 0.8}},
        {"name": "third", "params": {"depth": 7, **{f"setting {number}": number for number in range(60)}}},
    ]
    write_session(folder, "ways.ipynb", runs)
    tab.open(path)
    tab.sidebar().locator(".bioml-Line").first.wait_for()
    return path


def test_the_table_and_a_tracked_notebook_are_in_sidebar_and_launcher(tab: LabPage, notebook: str) -> None:
    page, table = tab.page, tab.page.locator(".bioml-TablePage:visible")
    tab.sidebar().get_by_role("button", name="Table").click()
    expect(table.locator("[data-record]")).to_have_count(3)
    tab.command("launcher:create", {"cwd": notebook.rpartition("/")[0]})
    page.locator(".jp-LauncherCard:visible").filter(has_text="Runs Table").click()
    expect(table.locator("[data-record]")).to_have_count(3)
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab").filter(has_text="Runs:")).to_have_count(1)
    tab.command("launcher:create", {"cwd": notebook.rpartition("/")[0]})
    page.locator(".jp-LauncherCard:visible").filter(has_text="New Tracked Notebook").click()
    toggle = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").get_by_role("button", name="Track this notebook")
    expect(toggle).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("notebook")
def test_entries_of_the_palette_say_what_they_act_on(tab: LabPage) -> None:
    tab.line("third").click()
    tab.command("apputils:activate-command-palette")
    tab.page.keyboard.type("experiments")
    entries = tab.page.locator(".lm-CommandPalette-itemLabel")
    for name in ("Archive Run", "Star Run", "Runs Table", "New Tracked Notebook", "Notify When Runs Finish"):
        expect(entries.filter(has_text=name)).to_have_count(1)


@pytest.mark.usefixtures("notebook")
def test_a_comparison_has_one_scrollbar_and_tells_none_from_what_is_not_there(tab: LabPage) -> None:
    tab.select(tab.line("sets none"), tab.line("leaves out"), tab.line("third"))
    tab.action("Compare").click()
    shown = tab.document()
    shown.get_by_role("heading", name="Comparison of 3 runs").wait_for()
    cells = shown.get_by_role("row").filter(has=tab.page.get_by_role("rowheader", name="weight")).get_by_role("cell")
    expect(cells).to_have_text(["None", "–", "–"])
    scrolled = tab.page.locator("#jp-main-dock-panel").evaluate(
        """panel => [...panel.querySelectorAll('.bioml-PageScroll, .bioml-PageScroll *')].filter(one =>
          one.checkVisibility() && one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY)).length"""
    )
    assert scrolled == 1


def test_a_long_run_that_ends_while_jupyterlab_is_hidden_is_said(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/hidden.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml", LONG])
    tab.open(notebook)
    tab.run_cell(0)
    tab.page.evaluate(HIDE)
    tab.run_cell(1)
    toast = tab.page.locator(".Toastify__toast").filter(has_text="long: finished")
    expect(toast).to_contain_text("auc 0.9")
    toast.get_by_role("button", name="Open").click()
    expect(tab.document().get_by_role("heading", level=1)).to_have_text("long")
    expect(toast).to_have_count(0)


def test_charts_are_saved_and_mlflow_is_reached(tab: LabPage, study: Study, tmp_path: Path) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open(study.notebook)
    page = tab.open_run(tab.line("tree").first)
    page.get_by_role("button", name="Copy MLflow command").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    command = tab.page.evaluate("navigator.clipboard.readText()")
    assert command == f"mlflow ui --backend-store-uri {study.tracking_uri}"
    page.get_by_role("tab", name="Curves").click()
    for suffix, begin in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with tab.page.expect_download() as download:
            page.get_by_role("button", name=f"Save loss as {suffix}").click()
        assert Path(download.value.path()).read_bytes().startswith(begin)
        assert download.value.suggested_filename == f"loss.{suffix.lower()}"


def drag_code(tab: LabPage, page: Locator, name: str, said: str) -> None:
    """Drag code of a run's page into the notebook beside it, onto its third cell."""
    tab.page.evaluate(
        "() => { const { shell } = window.jupyterapp; shell.add(shell.currentWidget, 'main', { mode: 'split-right' }); }"
    )
    code = page.locator(".bioml-LoadCode-what").filter(has_text=name)
    code.scroll_into_view_if_needed()
    begin, to = code.bounding_box(), tab.cell(2).bounding_box()
    assert begin is not None and to is not None
    mouse = tab.page.mouse
    mouse.move(begin["x"] + 20, begin["y"] + 8)
    mouse.down()
    mouse.move(begin["x"] - 10, begin["y"] + 8, steps=4)
    mouse.move(to["x"] + 150, to["y"] + 12, steps=10)
    expect(tab.page.locator(".bioml-DragImage")).to_contain_text(said)
    mouse.up()
    expect(tab.page.locator(".bioml-DragImage")).to_have_count(0)


def test_code_is_dragged_into_a_notebook(tab: LabPage, study: Study) -> None:
    tab.open(study.notebook)
    drag_code(tab, tab.open_run(tab.line("tree").first), "tree", "Model tree")
    cells = tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    expect(cells).to_have_count(6)
    expect(cells.filter(has_text="mlflow.pyfunc.load_model")).to_have_count(1)


def test_code_that_loads_predictions_comes_by_button_and_by_drag_and_loads_them(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/predicts.ipynb"
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml\nimport jupyter_bioml as bioml", PREDICTS, "predictions"])
    tab.open(notebook)
    tab.run_cell(0)
    tab.run_cell(1)
    (run,) = tab.lab.published(notebook, 1)
    until = time.monotonic() + PUBLISHED_WITHIN
    while not tab.lab.api(f"runs/{run['record_id']}/code?path={notebook}"):  # its files follow the run into MLflow
        assert time.monotonic() < until
        time.sleep(0.1)
    page = tab.open_run(tab.line("predicts"))
    load = page.get_by_role("button", name="Insert code that loads: Predictions")
    expect(load).to_have_count(1)
    load.click()
    cells = tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    expect(cells).to_have_count(4)
    expect(cells.nth(2)).to_contain_text("mlflow.artifacts")
    tab.run_cell(2)
    tab.run_cell(3)
    expect(tab.cell(3).locator(".jp-OutputArea-output")).to_contain_text("0.75")

    tab.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="predicts").last.click()
    drag_code(tab, page, "Predictions", "Predictions ")
    expect(cells).to_have_count(5)
    expect(cells.filter(has_text="mlflow.artifacts")).to_have_count(2)


def test_what_was_said_goes_away_is_not_said_twice_and_stays_behind_the_bell(tab: LabPage, folder: Path) -> None:
    tab.lab.notebook(f"{folder.name}/silent.ipynb", ["1"])
    tab.open(f"{folder.name}/silent.ipynb")
    toasts = tab.page.locator(".Toastify__toast")
    for _ in range(2):
        tab.command("bioml:promote-model", {"path": f"{folder.name}/silent.ipynb"})
        expect(toasts).to_have_text(["No models are registered yet."])
    devtools = tab.page.context.new_cdp_session(tab.page)
    devtools.send("Animation.enable")
    devtools.send("Animation.setPlaybackRate", {"playbackRate": 1000})  # how long a toast stays is an animation
    expect(toasts).to_have_count(0)
    tab.page.locator(".jp-Notification-Status").click()
    expect(tab.page.locator(".jp-Notification-List-Item")).to_have_count(1)
