"""How long does the full-width table take on the screen, with 10,000 runs in the project?

A real JupyterLab and a real Chromium; the project is that of :mod:`.listing`. Each time goes from what the user does to
the first frame after which every row in sight stands there: request, answer, drawing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .figures import Figure, median, percentile
from .listing import BUDGET, RUNS, fill

#: The page object of the browser tests.
TESTS = Path(__file__).parent.parent / "tests"

TYPING = "while typing"
#: Milliseconds that the filter waits for the next letter (``PAUSE`` of the front end's ``QueryBar.tsx``).
PAUSE = 300
#: In the page: what counts as done, and the time from an action to the frame that shows it.
STOPWATCH = """() => {
  const page = document.querySelector('.bioml-TablePage');
  const grid = () => page.querySelector('.bioml-Grid-table');
  const said = () => page.querySelector('.bioml-Query-said').textContent;
  /** Lines in sight by their numbers; null: one of them is not read yet. */
  const seen = () => {
    const { top, bottom } = grid().getBoundingClientRect();
    const lines = [...grid().querySelectorAll('.bioml-GridRow[aria-rowindex]:not(.bioml-GridHeads)')]
      .filter(line => { const at = line.getBoundingClientRect(); return at.bottom > top + 30 && at.top < bottom; });
    const height = grid().clientHeight - 30;
    const drawn = lines.reduce((sum, line) => sum + line.offsetHeight, 0);
    const isRead = drawn >= Math.min(height, 28 * 3) && lines.every(line => line.dataset.record);
    return lines.length > 0 && isRead ? lines : null;
  };
  const painted = done => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done();
    channel.port2.postMessage(0);
  });
  const until = isDone => new Promise((resolve, reject) => {
    const limit = performance.now() + 30000;
    const look = () => {
      if (isDone()) painted(resolve);
      else if (performance.now() > limit) reject(new Error('never'));
      else requestAnimationFrame(look);
    };
    look();
  });
  const timed = async (act, isDone) => {
    const began = performance.now();
    act();
    await until(isDone);
    return performance.now() - began;
  };
  const firstRecord = () => seen()?.[0].dataset.record;
  const type = text => {
    const field = page.querySelector('.bioml-Query input');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return field;
  };
  window.table = {
    ready: () => until(() => grid() && seen()),
    scroll: share => {
      const to = Math.round(share * (grid().scrollHeight - grid().clientHeight));
      const line = Math.floor(to / 28) + 3;
      return timed(
        () => { grid().scrollTop = to; },
        () => seen()?.some(one => Math.abs(Number(one.getAttribute('aria-rowindex')) - line) < 5)
      );
    },
    sort: key => {
      const before = firstRecord();
      const head = [...grid().querySelectorAll('[role=columnheader]')].find(one => one.textContent.startsWith(key));
      return timed(() => head.click(), () => seen() && firstRecord() !== before);
    },
    filter: (text, found) => timed(
      () => type(text).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })),
      () => seen() && said().startsWith(found)
    ),
    typed: (text, found) => timed(() => type(text), () => seen() && said().startsWith(found)),
  };
}"""


def measure(quick: bool) -> list[Figure]:
    """The table is scrolled, sorted and filtered, as a user does it."""
    sys.path.insert(0, str(TESTS))
    from browser.lab import CHROMIUM, FLAGS, LabPage, running
    from playwright.sync_api import sync_playwright

    from jupyter_bioml.config import find_project

    with tempfile.TemporaryDirectory(prefix="bioml-bench-") as folder, running(Path(folder)) as lab:
        root = lab.root / "table"
        (root / ".bioml").mkdir(parents=True)
        fill(find_project(root), RUNS)
        _all_read(lab)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            tab = LabPage(browser.new_page(viewport={"width": 1440, "height": 900}), lab)
            tab.open()
            tab.page.wait_for_function("window.jupyterapp.commands.hasCommand('bioml:open-table')")
            tab.command("bioml:open-table", {"path": "table"})
            tab.page.locator(".bioml-Query-said", has_text=f"{RUNS:,} runs").wait_for()
            tab.page.evaluate(STOPWATCH)
            tab.page.evaluate("table.ready()")
            found = [_figure(what, act, 5 if quick else 30) for what, act in _actions(tab.page, lab).items()]
            browser.close()
            return found


def _all_read(lab: Any) -> None:
    """Until the server has read all of the project."""
    while lab.api("runs?scope=project&path=table&limit=1")["loading"]:
        time.sleep(0.1)


def _actions(page: Any, lab: Any) -> dict[str, Callable[[int], float]]:
    """What is done in one turn; the time of it in milliseconds."""

    def ask(call: str) -> float:
        return float(page.evaluate(call))

    def filtered(way: str, turn: int) -> float:
        where = f"params.depth = {turn % 12}"
        found = lab.api(f"runs?scope=project&path=table&flat=1&limit=1&where={quote(where)}")["total"]
        took = ask(f"table.{way}('{where}', '{found:,} runs found')")
        ask(f"table.filter('', '{RUNS:,} runs')")
        return took

    return {
        "rows on the screen: scroll to anywhere": lambda turn: ask(f"table.scroll({(turn * 37 % 101 + 1) / 103})"),
        "rows on the screen: sort by a metric": lambda _: ask("table.sort('auc')"),
        "rows on the screen: filter, by Enter": lambda turn: filtered("filter", turn),
        f"rows on the screen: filter, {TYPING}": lambda turn: filtered("typed", turn),
    }


def _figure(what: str, act: Callable[[int], float], repetitions: int) -> Figure:
    act(-1)  # the first one draws with fresh code
    times = [act(turn) for turn in range(repetitions)]
    note = f"from the action to the painted rows; p95 {percentile(times, 0.95):.0f} ms, most {max(times):.0f} ms"
    if what.endswith(TYPING):
        return Figure(what, "ms", median(times), note=f"{note}; it waits {PAUSE} ms for the next letter")
    return Figure(what, "ms", median(times), BUDGET, note=note)
