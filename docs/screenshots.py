"""Make the screenshots of the README and the docs: ``python -m docs.screenshots`` (a real JupyterLab, a real run).

Lab extensions of others are off, so that the pictures show what an installation of this package alone shows.

Each screen is taken in the light and in the dark theme, as ``docs/images/<screen>-<theme>.png``.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parent.parent
IMAGES = REPOSITORY / "docs" / "images"
NOTEBOOK = "01-breast-cancer-diagnosis.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: The flagship's cell is run with these depths, so that there is something to compare.
DEPTHS = (2, 3, 5)
#: A study of many runs for the table: cells that run once, the cell of a run, and what it is run with.
TRIALS = "trials"
TRIALS_SETUP = """%load_ext jupyter_bioml
import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import RocCurveDisplay, brier_score_loss, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X[["mean texture", "mean smoothness", "mean symmetry", "texture error", "smoothness error"]]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=7, stratify=y)"""
TRIAL = """%%experiment {kind}-d{depth}-{trees} --tag panel=texture
kind, max_depth, trees = "{kind}", {depth}, {trees}
Model = {{"boosting": GradientBoostingClassifier, "forest": RandomForestClassifier}}[kind]
model = Model(n_estimators=trees, max_depth=max_depth, random_state=7).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
auc = roc_auc_score(y_test, risk)
brier = brier_score_loss(y_test, risk)
sensitivity = recall_score(y_test, risk > 0.5)
axes = plt.figure(figsize=(3, 2), layout="tight").gca()
RocCurveDisplay.from_predictions(y_test, risk, ax=axes)
axes.lines[0].set_linewidth(3)
axes.set(xlabel="", ylabel="")
axes.get_legend().remove()
plt.show()"""
#: The table's picture: its columns, and the best runs first.
VIEW = {
    "columns": ["name", "figure", "metrics.auc", "metrics.brier", "metrics.sensitivity", "params.kind",
                "params.max_depth", "params.trees", "tags.panel", "duration", "started"],
    "widths": [230, 130, 110, 110, 120, 110, 110, 90, 100, 90, 110],
    "sort": "metrics.auc",
}  # fmt: skip

sys.path.insert(0, str(REPOSITORY / "tests"))
from browser.lab import CHROMIUM, FLAGS, Lab, LabPage, running  # noqa: E402
from browser.study import start_kernel  # noqa: E402


def main() -> int:
    """Take every screenshot; the pictures of before are replaced."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bioml-screens-", ignore_cleanup_errors=True) as folder,
        running(Path(folder)) as lab,
    ):
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
            _run_trials(lab)
            for theme, name in THEMES.items():
                tab.command("apputils:change-theme", {"theme": name})
                page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
                tab.open(f"diagnosis/{NOTEBOOK}")  # without the pages of the theme before
                _screens(tab, theme)
                _table(tab, theme)
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


def _run_trials(lab: Lab) -> None:
    """A study of some dozens of runs, each with a figure."""
    project = lab.root / TRIALS
    (project / ".bioml").mkdir(parents=True)
    (project / "bioml.toml").write_text("track = false\n")
    lab.notebook(f"{TRIALS}/trials.ipynb", [TRIALS_SETUP, TRIAL])
    kernel = start_kernel(lab, project)
    try:
        notebook = str(project / "trials.ipynb")
        kernel.run(TRIALS_SETUP, cell_id="setup", notebook=notebook)
        for kind, depth, trees in itertools.product(("forest", "boosting"), (1, 2, 3, 4, 6, 8), (20, 60, 180)):
            done = kernel.run(TRIAL.format(kind=kind, depth=depth, trees=trees), cell_id="trial", notebook=notebook)
            assert done.status == "ok", done.error
        lab.published(f"{TRIALS}/trials.ipynb", 36)
    finally:
        kernel.close()


def _table(tab: LabPage, theme: str) -> None:
    """The runs table across the whole width, with the sidebars closed, and a chart of the same runs."""
    tab.open()
    tab.page.wait_for_function("window.jupyterapp.commands.hasCommand('bioml:open-table')")
    tab.command("bioml:open-table", {"path": TRIALS, "view": VIEW})
    tab.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    table = tab.page.locator(".bioml-TablePage:visible")
    rows = table.locator("[data-record]")
    expect(table.locator(".bioml-Thumb-none")).to_have_count(0)
    rows.nth(0).click()
    rows.nth(2).click(modifiers=["Control"])
    _shot(tab.page, "table", theme)
    table.get_by_role("button", name="Chart", exact=True).click()
    table.get_by_label("Colour").select_option("params.kind")
    table.get_by_role("checkbox", name="mean line").check()
    _shot(tab.page, "table-chart", theme)


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
