"""A cell that runs is seen at once, and what is shown of it is what MLflow has."""

from __future__ import annotations

import sys
from pathlib import Path

from mlflow import MlflowClient
from playwright.sync_api import expect

from .lab import LabPage

#: Takes the time of the key press that runs a cell, and of the moment at which the run is in the list.
STOPWATCH = """name => {
  window.seen = new Promise(resolve => {
    document.addEventListener('keydown', event => {
      if (event.ctrlKey && event.key === 'Enter') {
        const begun = performance.now();
        const look = () => {
          const lines = [...document.querySelectorAll('#jupyter-bioml-experiments [role="option"]')];
          if (lines.some(line => line.textContent.includes(name))) resolve(performance.now() - begun);
          else requestAnimationFrame(look);
        };
        look();
      }
    }, { capture: true });
  });
}"""


def test_a_cell_is_listed_while_it_runs_and_its_page_shows_what_mlflow_has(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/live.ipynb"
    running = [
        "%%experiment forest",
        "depth = 4",
        "auc = sum([0.4, 0.5]) + depth / 1000",
        "while not pathlib.Path('go').exists():",
        "    time.sleep(0.05)",
    ]
    tab.lab.notebook(notebook, ["%load_ext jupyter_bioml\nimport pathlib, time", "\n".join(running)])
    tab.open(notebook)
    tab.run_cell(0)
    expect(tab.sidebar()).to_contain_text("No runs yet")

    tab.page.evaluate(STOPWATCH, "forest")
    tab.run_cell(1, wait=False)
    expect(tab.line("forest")).to_contain_text("running")
    sys.stdout.write(f"seen {tab.page.evaluate('window.seen'):.0f} ms after the key press\n")
    expect(tab.cell(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    expect(tab.sidebar().locator(".bioml-Live-run")).to_contain_text("forest")

    (folder / "go").touch()
    expect(tab.line("forest")).to_contain_text("finished")
    (row,) = tab.lab.published(notebook, 1)
    shown = tab.open_run(tab.line("forest"))
    expect(shown.get_by_role("heading", level=1)).to_have_text("forest")
    run = MlflowClient(f"sqlite:///{folder}/.bioml/mlflow.db").get_run(row["run_id"])
    assert run.data.metrics["auc"] == sum([0.4, 0.5]) + 4 / 1000
    expect(tab.figure("auc").first).to_have_attribute("title", f"{run.data.metrics['auc']!r} (click to copy)")
    depth = shown.locator(".bioml-Pairs > div").filter(has_text="depth").get_by_role("button")
    expect(depth).to_have_text(run.data.params["depth"])
