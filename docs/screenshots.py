"""Make the screenshots of the README and the docs: ``python -m docs.screenshots`` (a real JupyterLab, a real run).

Lab extensions of others are off, so that the pictures show what an installation of this package alone shows.

Each screen is taken in the light and in the dark theme, as ``docs/images/<screen>-<theme>.png``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

REPOSITORY = Path(__file__).parent.parent
IMAGES = REPOSITORY / "docs" / "images"
NOTEBOOK = "01-breast-cancer-diagnosis.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: The flagship's cell is run with these depths, so that there is something to compare.
DEPTHS = (2, 3, 5)

sys.path.insert(0, str(REPOSITORY / "tests"))
from browser.lab import CHROMIUM, FLAGS, LabPage, running  # noqa: E402


def main() -> int:
    """Take every screenshot; the pictures of before are replaced."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bioml-screens-") as folder, running(Path(folder)) as lab:
        project = lab.root / "diagnosis"
        shutil.copytree(REPOSITORY / "notebooks", project, ignore=shutil.ignore_patterns("*.py", ".*"))
        (project / ".bioml").mkdir()
        (project / "bioml.toml").write_text("track = false\n")  # JupyterLab asks nothing in the pictures
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900}, device_scale_factor=1.5)
            tab = LabPage(page, lab)
            _run_notebook(tab, f"diagnosis/{NOTEBOOK}")
            tab.command("docmanager:save")
            lab.published(f"diagnosis/{NOTEBOOK}", 2 * len(DEPTHS))
            while lab.api(f"status?path=diagnosis/{NOTEBOOK}")["waiting"]:
                time.sleep(1)
            for theme, name in THEMES.items():
                tab.command("apputils:change-theme", {"theme": name})
                page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
                tab.open(f"diagnosis/{NOTEBOOK}")  # without the pages of the theme before
                _screens(tab, theme)
            browser.close()
    return 0


def _run_notebook(tab: LabPage, path: str) -> None:
    """Run the notebook once for each depth, as its reader would: edit the cell, run it again."""
    tab.open(path)
    for depth in DEPTHS:
        tab.page.evaluate(
            """depth => {
              const panel = window.jupyterapp.shell.currentWidget;
              for (const cell of panel.content.widgets) {
                const model = cell.model.sharedModel;
                model.setSource(model.source.replace(/max_depth = \\d+/, `max_depth = ${depth}`));
              }
            }""",
            depth,
        )
        tab.command("notebook:run-all-cells")
        tab.idle()


def _screens(tab: LabPage, theme: str) -> None:
    panel = tab.sidebar()
    boosted = panel.get_by_role("option").filter(has_text="gbm")
    boosted.nth(len(DEPTHS) - 1).wait_for()
    panel.get_by_text("No models are registered yet").wait_for()
    _show_cell(tab, "%%experiment gbm")
    _shot(tab.page, "sidebar", theme)
    boosted.first.dblclick()
    _page(tab.page).get_by_role("button", name="Register").wait_for()
    _shot(tab.page, "run-page", theme)
    boosted.nth(0).click()
    boosted.nth(1).click(modifiers=["Control"])
    boosted.nth(2).click(modifiers=["Control"])
    panel.get_by_role("button", name="Compare").click()
    _page(tab.page)
    _shot(tab.page, "compare-page", theme)
    boosted.nth(0).click()
    panel.get_by_role("button", name="Register").click()
    tab.page.get_by_role("dialog").get_by_text("Will store").wait_for()
    _shot(tab.page, "register-form", theme)
    tab.page.keyboard.press("Escape")


def _show_cell(tab: LabPage, beginning: str) -> None:
    """Scroll to a cell with its output, and select it."""
    tab.page.evaluate(
        """async beginning => {
          const { content } = window.jupyterapp.shell.currentWidget;
          const place = content.widgets.findIndex(cell => cell.model.sharedModel.source.startsWith(beginning));
          content.activeCellIndex = place;
          await content.scrollToItem(place, 'start');
        }""",
        beginning,
    )
    for part in ("Badge", "Card"):
        tab.page.locator(f".jp-Cell.jp-mod-active .bioml-{part}").wait_for()


def _page(page: Page) -> Locator:
    shown = page.locator(".lm-DockPanel-widget:not(.lm-mod-hidden) .bioml-Page")
    shown.wait_for()
    return shown


def _shot(page: Page, screen: str, theme: str) -> None:
    page.wait_for_timeout(800)  # what fades in has done so
    page.screenshot(path=IMAGES / f"{screen}-{theme}.png")


if __name__ == "__main__":
    sys.exit(main())
