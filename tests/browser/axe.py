"""axe-core in a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CHECK = """async selector => {
  const { violations } = await axe.run(selector, { resultTypes: ['violations'] });
  return violations
    .filter(found => found.impact === 'serious' || found.impact === 'critical')
    .map(found => `${found.id}: ${found.help}\\n` + found.nodes.map(node => node.html.slice(0, 200)).join('\\n'));
}"""


def violations(page: Page, selector: str) -> list[str]:
    """What axe finds serious or critical below ``selector``."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(CHECK, selector)
    return found
