"""Names that differ only at their end can be told apart wherever there is no room for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .journals import write_session
from .lab import LabPage
from .test_screens import widen

BEGIN = "resnet50-augmented-cohort-of-november-lr0.001-wd0.01"
METRIC = "validation.balanced_accuracy.macro_average.of_all_hospitals"
#: What is seen of the text of an element: characters whose middle lies in every box around them.
SEEN = """element => {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let seen = '';
  while (texts.nextNode()) {
    const text = texts.currentNode;
    for (let at = 0; at < text.length; at++) {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      const { left, right } = range.getBoundingClientRect();
      const boxes = [];
      for (let box = text.parentElement; box !== element.parentElement; box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== 'visible') boxes.push(box.getBoundingClientRect());
      }
      const middle = (left + right) / 2;
      if (boxes.every(box => middle > box.left && middle < box.right)) seen += text.data[at];
    }
  }
  return seen;
}"""


def cut(name: Locator) -> str:
    """What is seen of a name that is not seen whole; all of it is there to be read out and in its title."""
    whole = name.text_content() or ""
    seen: str = name.evaluate(SEEN)
    assert len(seen) < len(whole), "there is room for all of it"
    assert name.get_attribute("title") in (whole, None)
    return seen


@pytest.fixture
def notebook(tab: LabPage, folder: Path) -> str:
    """Two runs whose names, metrics and parameters differ only at their end."""
    path = f"{folder.name}/names.ipynb"
    tab.lab.notebook(path, ["1"])
    runs = [
        {
            "name": f"{BEGIN}-seed{seed}",
            "metrics": {f"{METRIC}_{fold}": seed / fold for fold in (1, 2)},
            "params": {f"optimizer.scheduler.with_warm_restarts.learning_rate_{key}": seed for key in ("from", "to")},
        }
        for seed in (1, 2)
    ]
    write_session(folder, "names.ipynb", runs)
    tab.open(path)
    tab.sidebar().locator(".bioml-Line").first.wait_for()
    return path


@pytest.mark.usefixtures("notebook")
def test_the_end_of_a_name_is_seen_in_sidebar_comparison_and_on_tabs(tab: LabPage) -> None:
    lines = tab.runs().get_by_role("option")
    for width in (300, 220):
        widen(tab, width)
        seen = [cut(line.locator(".bioml-Line-main .bioml-Name")) for line in lines.all()]
        assert [name[-6:] for name in seen] == ["-seed2", "-seed1"]
        assert all(name.startswith("re") for name in seen)
    tab.select(lines.nth(0), lines.nth(1))
    tab.action("Compare").click()
    shown = tab.document()
    shown.get_by_role("heading", level=1).wait_for()
    expect(shown.get_by_role("columnheader")).to_have_count(2)
    heads = [cut(head.locator(".bioml-Name")) for head in shown.get_by_role("columnheader").all()]
    assert [name[-6:] for name in heads] == ["-seed2", "-seed1"]
    rows = shown.get_by_role("row").filter(has_text="validation").get_by_role("rowheader")
    assert [cut(row.locator(".bioml-Name"))[-2:] for row in rows.all()] == ["_1", "_2"]
    title = tab.page.locator("#jp-main-dock-panel .lm-TabBar-tab").filter(has_text="Compare").text_content() or ""
    assert "…" in title and "seed2 · " in title and title.rstrip().endswith("seed1")


@pytest.mark.usefixtures("notebook")
def test_the_end_of_a_name_is_seen_in_the_table_and_a_copy_is_one_line(tab: LabPage, folder: Path) -> None:
    tab.command("bioml:open-table", {"path": folder.name})
    table = tab.page.locator(".bioml-TablePage:visible")
    rows = table.locator("[data-record]")
    expect(rows).to_have_count(2)
    first = [row.locator(".bioml-Cell.bioml-mod-first .bioml-Name") for row in rows.all()]
    assert [cut(name)[-6:] for name in first] == ["-seed2", "-seed1"]
    heads = table.get_by_role("columnheader").filter(has_text="validation")
    assert {cut(head.locator(".bioml-Name"))[-2:] for head in heads.all()} == {"_1", "_2"}

    rows.first.dblclick()
    shown = tab.document()
    heading = shown.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"{BEGIN}-seed2")
    tab.page.context.grant_permissions(["clipboard-read"])
    heading.locator(".bioml-Name").evaluate("name => getSelection().selectAllChildren(name)")
    tab.page.keyboard.press("ControlOrMeta+c")
    assert tab.page.evaluate("navigator.clipboard.readText()") == f"{BEGIN}-seed2"
