"""Light, dark and high contrast: colours are the theme's, and text can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .lab import LabPage
from .study import Study

#: Every text of an element that is seen: what it says, the contrast of its colour with what
#: lies under it, and the least that WCAG asks for (AA: text, and signs that are no text).
CONTRASTS = """root => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const colour = text => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = text;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (top, below) => below.map((part, i) => top.rgb[i] * top.alpha + part * (1 - top.alpha));
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      layers.push(found);
      if (found.alpha === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(part => part / 255).map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(':disabled, option, [aria-disabled="true"]') || element.getBoundingClientRect().width < 2) continue;
    const below = ground(element);
    const lights = [light(over(colour(getComputedStyle(element).color), below)), light(below)].sort();
    const isSign = element.closest('[aria-hidden="true"], [role="img"]') !== null;
    found.push([text.slice(0, 60), Math.round(100 * (lights[1] + 0.05) / (lights[0] + 0.05)) / 100, isSign ? 3 : 4.5]);
  }
  return found;
}"""


def unreadable(shown: Locator) -> list[str]:
    """Texts with less contrast than they need; there are some texts at all."""
    found = shown.evaluate(CONTRASTS)
    assert len(found) > 5
    return [f"{text!r}: {contrast}" for text, contrast, least in found if contrast < least]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_text_can_be_read_in_each_theme(tab: LabPage, study: Study, theme: str, tmp_path: Path) -> None:
    tab.open(study.notebook)
    ground = "() => getComputedStyle(document.getElementById('jupyter-bioml-experiments')).backgroundColor"
    tab.command("apputils:change-theme", {"theme": theme})
    tab.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    expect(tab.line("tree").first).to_contain_text("data changed")
    tab.line("tree").first.click()
    layout = tab.page.evaluate("() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color1').trim()")
    assert tab.page.evaluate(ground) == tab.page.evaluate(
        "colour => { const one = document.createElement('i'); one.style.color = colour; document.body.append(one);"
        " const found = getComputedStyle(one).color; one.remove(); return found; }",
        layout,
    )
    assert unreadable(tab.sidebar()) == []
    shown = tab.open_run(tab.line("broken"))
    assert unreadable(shown) == []
    tab.page.screenshot(path=tmp_path / "run.png")
    tab.select(tab.line("tree").nth(0), tab.line("tree").nth(1))
    tab.action("Compare").click()
    shown.get_by_label("Code, changes").wait_for()
    assert unreadable(shown) == []
    tab.page.screenshot(path=tmp_path / "compare.png")
    tab.action("Open").wait_for()
