"""What a scientist looks at all day: at 1440×900, in a narrow and a wide sidebar, at 200 %."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .journals import write_session
from .lab import LabPage
from .study import make_study

#: What is left of 1440×900.
AT_200_PERCENT = {"width": 720, "height": 450}
ACTIONS = ("Open", "Compare", "Register…", "Reproduce", "More actions")


@pytest.fixture
def notebook(tab: LabPage, folder: Path) -> str:
    """Thirty runs of a notebook, which is open beside the sidebar."""
    path = f"{folder.name}/screens.ipynb"
    tab.lab.notebook(path, ["1"])
    runs = [
        {
            "name": f"model {number}",
            "metrics": {"auc": number / 40, "loss": 1 / (number + 1)},
            "params": {"depth": number},
        }
        for number in range(30)
    ]
    write_session(folder, "screens.ipynb", runs)
    tab.page.set_viewport_size({"width": 1440, "height": 900})
    tab.open(path)
    tab.sidebar().locator(".bioml-Line").first.wait_for()
    return path


def widen(tab: LabPage, pixels: int) -> None:
    """Draw the sidebar's edge until the list is as wide as this."""
    box = tab.page.locator("#jp-left-stack").bounding_box()
    assert box is not None
    edge, middle = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(edge, middle)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + pixels, middle, steps=3)
    tab.page.mouse.up()


def in_sight(tab: LabPage, *what: Locator) -> None:
    """Each of them is seen whole, and what is drawn at its middle is it."""
    for one in what:
        expect(one).to_be_visible()
        assert one.evaluate(
            """element => { const { left, top, width, height } = element.getBoundingClientRect();
            return element.contains(document.elementFromPoint(left + width / 2, top + height / 2)); }"""
        ), one


def whole_rows(tab: LabPage) -> int:
    """Lines of the list that are seen from their upper to their lower edge."""
    count: int = tab.runs().evaluate(
        """list => { const { top, bottom } = list.getBoundingClientRect();
        return [...list.querySelectorAll('.bioml-Line')].map(line => line.getBoundingClientRect())
          .filter(line => line.top >= top - 1 && line.bottom <= bottom + 1).length; }"""
    )
    return count


@pytest.mark.usefixtures("notebook")
def test_filters_leave_rows_and_actions_at_every_size(tab: LabPage) -> None:
    buttons = [tab.action(name) for name in ACTIONS]
    in_sight(tab, *buttons)
    assert len({round(button.bounding_box()["y"]) // 8 for button in buttons}) == 1  # type: ignore[index]  # all on one line
    tab.page.get_by_label("More filters and sorting").click()
    in_sight(tab, *buttons)
    assert whole_rows(tab) >= 4
    empty = tab.sidebar().get_by_text("No models are registered yet.")
    assert empty.locator("xpath=ancestor::*[contains(@class, 'bioml-Section')]").bounding_box()["height"] < 90  # type: ignore[index]
    for button in ("Refresh", "Settings"):
        expect(
            tab.sidebar().locator(f"button[title='{button}'], [title='{button}'] button").first
        ).not_to_have_attribute("aria-pressed", "false")
    tab.page.set_viewport_size(AT_200_PERCENT)
    in_sight(tab, *buttons)
    assert whole_rows(tab) >= 2
    box = tab.sidebar().get_by_role("checkbox", name="running")
    box.scroll_into_view_if_needed()
    in_sight(tab, box, tab.page.get_by_label("More filters and sorting"))
    tab.page.get_by_label("More filters and sorting").click()
    in_sight(tab, *buttons)
    assert whole_rows(tab) >= 2
    tab.page.set_viewport_size({"width": 1440, "height": 900})
    widen(tab, 220)
    in_sight(tab, *(button for button in buttons if button.is_visible()))
    assert whole_rows(tab) >= 8


@pytest.mark.usefixtures("notebook")
def test_a_wide_sidebar_has_columns_and_pages_have_names(tab: LabPage) -> None:
    line = tab.runs().get_by_role("option").first
    expect(line).not_to_contain_text("loss")
    widen(tab, 600)
    expect(line).to_contain_text("loss")
    expect(line).to_contain_text("depth")
    lines = tab.runs().get_by_role("option")
    for others in ((0, 1, 2), (0, 1, 3)):
        tab.select(*(lines.nth(place) for place in others))
        tab.action("Compare").click()
        tab.document().get_by_role("heading", name="Comparison of 3 runs").wait_for()
    tabs = tab.page.locator("#jp-main-dock-panel .lm-TabBar-tab")
    expect(tabs.filter(has_text="Compare model 29 · model 28 + 1")).to_have_count(2)
    names = tabs.all_inner_texts()
    assert len(set(names)) == len(names)
    expect(tabs.last.locator("svg").first).to_be_visible()


def test_what_a_run_made_is_opened_edited_and_loaded(tab: LabPage) -> None:
    study = make_study(tab.lab, "edited")  # others look at the common one
    tab.open(study.notebook)
    page = tab.open_run(tab.line("tree").first)
    code = tab.page.locator(".bioml-LoadCode")
    expect(code.filter(has_text="tree")).to_have_count(1)
    expect(page.get_by_role("heading", name="Model")).to_be_visible()
    page.get_by_role("button", name="Edit tags…").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("cohort=first\nsite=north")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("north")).to_be_visible()
    page.get_by_role("button", name="Add note…").click()
    dialog.get_by_role("textbox").fill("**Good** run\n\n- <img src=x onerror=alert(1)>")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".bioml-Markdown strong")).to_have_text("Good")
    expect(page.locator(".bioml-Markdown img")).to_have_count(0)
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="bioml/record.json").click()
    expect(tab.document().locator("pre").first).to_contain_text('"record_id"')
    tab.page.locator(".lm-TabBar-tab").filter(has_text="tree").first.click()
    page.get_by_role("tab", name="Overview").click()
    code.filter(has_text="tree").get_by_role("button", name="Insert code").click()
    cells = tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    expect(cells.nth(1)).to_contain_text("mlflow.pyfunc.load_model")
    expect(cells).to_have_count(6)


def test_the_list_is_chosen_searched_and_a_notebook_begun_with_tracking(tab: LabPage, notebook: str) -> None:
    tab.sidebar().get_by_role("searchbox", name="Filter runs by text").fill('"model 7"')
    expect(tab.runs().get_by_role("option")).to_have_count(1)
    tab.sidebar().get_by_role("searchbox", name="Filter runs by text").fill("model 7")
    expect(tab.runs().get_by_role("option").first).to_contain_text("model 7")
    tab.sidebar().get_by_role("searchbox", name="Filter runs by text").fill("model")
    expect(tab.runs().get_by_role("option").first).to_have_attribute("aria-setsize", "30")
    tab.runs().focus()
    tab.page.keyboard.press("Control+a")
    expect(tab.sidebar().get_by_text("30 selected")).to_be_attached()
    tab.command("bioml:new-tracked-notebook", {"cwd": notebook.rpartition("/")[0]})
    toggle = tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").get_by_role("button", name="Track this notebook")
    expect(toggle).to_have_attribute("aria-pressed", "true")


def test_a_run_that_runs_shows_its_step_and_is_stopped(tab: LabPage, folder: Path) -> None:
    name = f"{folder.name}/long.ipynb"
    tab.lab.notebook(
        name,
        [
            "%load_ext jupyter_bioml\nimport time, jupyter_bioml as bioml",
            "%%experiment long\nfor epoch in range(900):\n    bioml.log(loss=1 / (epoch + 1), step=epoch)\n    time.sleep(0.2)",
        ],
    )
    tab.open(name)
    tab.run_cell(0)
    tab.run_cell(1, wait=False)
    line = tab.line("long")
    expect(line.get_by_role("img", name="step")).to_contain_text("/900")
    page = tab.open_run(line)
    expect(page.get_by_role("img", name="step")).to_contain_text("/900")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    tab.sidebar().get_by_role("button", name="Stop long").click()
    expect(line.locator(".bioml-State")).to_have_text("interrupted")
    expect(page.locator(".bioml-State").first).to_contain_text("interrupted")
    expect(page.get_by_role("group", name="Why the run ended")).to_contain_text("⊘ interrupted")
    colours = [
        shown.evaluate("one => getComputedStyle(one).color")
        for shown in (line.locator(".bioml-State"), page.locator(".bioml-State").first)
    ]
    tab.command("bioml:open-table", {"path": folder.name})
    cell = tab.page.locator(".bioml-TablePage:visible .bioml-State").first
    expect(cell).to_contain_text("interrupted")
    assert {*colours, cell.evaluate("one => getComputedStyle(one).color")} == {colours[0]}
    tab.page.locator(".lm-TabBar-tab").filter(has_text="long.ipynb").click()
    expect(tab.cell(1).locator(".bioml-Card")).to_contain_text("interrupted")
