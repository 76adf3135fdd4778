"""Text from elsewhere is text: nothing in it runs, and nothing breaks."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .journals import write_session
from .lab import LabPage
from .study import start_kernel

HACK = "<img src=x onerror=window.top.hacked=1>"
NAMES = [
    HACK,
    "n" * 10_000,
    "\u202etxt.exe \u05e9\u05dc\u05d5\u05dd",
    "👩🏽\u200d🔬 🧬",
    "nul\0 and \x1b[31mescape\x07\x85",
    "javascript:window.hacked=1",
    "{{7*7}} ${window.hacked=1}",
    "\ud800 alone",
]
#: What a kernel runs; the page of its run must not.
DISPLAYS = f"""%%experiment outputs --model line
from IPython.display import HTML, SVG, Markdown, display
from sklearn.linear_model import LinearRegression
line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
display(HTML("<p id=captured>captured</p><script>window.top.hacked = 1; parent.hacked = 1</script>{HACK}"))
display(SVG(data='<svg xmlns="http://www.w3.org/2000/svg" onload="window.top.hacked=1" width="9" height="9"><script>window.top.hacked=1</script></svg>'))
display(Markdown("[link](javascript:window.hacked=1) {HACK}"))
print("\\x1b]0;title\\x07{HACK}\\x00")"""


def is_hacked(tab: LabPage) -> bool:
    """Whether anything of it ran; what loads lazily has had the time to."""
    tab.page.wait_for_timeout(300)
    hacked: bool = tab.page.evaluate(
        "() => 'hacked' in window || !!document.querySelector('.bioml-Page [onerror], #captured')"
    )
    return hacked


def test_names_parameters_tags_and_notes_are_shown_as_text(tab: LabPage, folder: Path) -> None:
    file = f"{HACK}.ipynb"
    tab.lab.notebook(f"{folder.name}/{file}", ["1"])
    runs = [
        {
            "name": name, "note": name, "source": f"{name}\n", "tags": {name: name}, "params": {name: name, "x": name},
            "metrics": {name: 0.5}, "failure": {"kind": name, "message": name, "traceback": name},
        }
        for name in NAMES
    ]  # fmt: skip
    write_session(folder, file, runs)
    tab.open(f"{folder.name}/{file}")
    lines = tab.runs().get_by_role("option")
    expect(lines).to_have_count(len(NAMES))
    assert {line.bounding_box()["height"] for line in lines.all()} == {44}  # type: ignore[index]
    for number in range(len(NAMES)):
        shown = tab.open_run(lines.nth(number))
        expect(shown.get_by_role("heading", level=1)).to_be_visible()
        for part in ("Code", "Lineage"):
            shown.get_by_role("tab", name=part).click()
            expect(shown.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
        assert shown.evaluate("page => page.scrollWidth <= page.clientWidth + 1"), NAMES[-1 - number][:40]
    expect(shown.get_by_role("heading", level=1)).to_have_text(HACK)
    tab.select(*lines.all())
    tab.action("Compare").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text(f"Comparison of {len(NAMES)} runs")
    assert not is_hacked(tab)

    lines.first.click()
    tab.page.get_by_role("button", name="waiting").click()
    expect(tab.page.get_by_role("dialog", name="Experiments").get_by_role("listitem")).to_have_count(len(NAMES))
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("button", name="waiting")).to_be_focused()
    lines.last.click()
    tab.page.keyboard.press("F2")
    tab.page.keyboard.insert_text("\u202e" + HACK * 2)
    tab.page.keyboard.press("Enter")
    expect(tab.line(HACK * 2)).to_have_count(1)
    lines.last.click(button="right")
    tab.page.get_by_role("menuitem", name="Delete").click()
    expect(tab.page.get_by_role("dialog")).to_contain_text("\\u202e" + HACK)
    tab.page.keyboard.press("Escape")
    assert not is_hacked(tab)


def test_outputs_are_shown_in_a_frame_without_scripts_and_a_model_may_have_any_name(tab: LabPage, folder: Path) -> None:
    notebook = f"{folder.name}/outputs.ipynb"
    tab.lab.notebook(notebook, ["1"])
    kernel = start_kernel(tab.lab, folder)
    try:
        kernel.run("%load_ext jupyter_bioml")
        assert kernel.run(DISPLAYS, cell_id="cell-0", notebook=str(folder / "outputs.ipynb")).error is None
        tab.lab.published(notebook, 1)
    finally:
        kernel.close()
    tab.open(notebook)
    shown = tab.open_run(tab.line("outputs"))
    shown.get_by_role("tab", name="Outputs").click()
    frame = shown.locator("iframe")
    expect(frame.content_frame.get_by_text("captured")).to_be_visible()
    assert frame.get_attribute("sandbox") == ""
    expect(shown.get_by_role("tabpanel")).to_contain_text(HACK)
    expect(shown.get_by_role("img", name="Figure from the cell")).to_be_visible()
    assert not is_hacked(tab)

    shown.get_by_role("button", name="Register").click()
    form = tab.page.get_by_role("dialog")
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_label("Name").fill(HACK)
    form.get_by_label("Description").fill(HACK)
    form.get_by_role("button", name="Register").click()
    expect(form.get_by_role("status")).to_contain_text(f"{HACK} version 1")
    form.get_by_role("button", name="Open model").click()
    model = tab.sidebar().locator(".bioml-Model")
    expect(model).to_contain_text(HACK)
    expect(model.get_by_role("listitem")).to_contain_text("from outputs")
    assert not is_hacked(tab)


def test_code_reads_as_it_runs_and_is_copied_as_it_is(tab: LabPage, folder: Path) -> None:
    source = "if who != 'none\u202e \u2066# admins only\u2069 \u2066':  \u202b(1)\n    grant\u200b(\u05d0, \u2068who)"
    tab.lab.notebook(f"{folder.name}/trojan.ipynb", ["1"])
    write_session(folder, "trojan.ipynb", [{"name": "trojan", "source": source}])
    tab.page.context.grant_permissions(["clipboard-read"])
    tab.open(f"{folder.name}/trojan.ipynb")
    shown = tab.open_run(tab.line("trojan"))
    shown.get_by_role("tab", name="Code").click()
    code = shown.locator("pre.bioml-CodeText")
    codes = [mark.get_attribute("aria-label") for mark in code.get_by_role("img").all()]
    assert codes == ["U+202E", "U+2066", "U+2069", "U+2066", "U+202B", "U+200B", "U+2068"]
    lefts = code.evaluate(
        """code => {
          const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
          const lefts = [];
          while (walker.nextNode()) {
            const range = document.createRange();
            for (let at = 0; at < walker.currentNode.length; at++) {
              range.setStart(walker.currentNode, at);
              range.setEnd(walker.currentNode, at + 1);
              lefts.push([range.getBoundingClientRect().top, range.getBoundingClientRect().left]);
            }
          }
          return lefts;
        }"""
    )
    lines = [lefts[: source.index("\n")], lefts[source.index("\n") + 1 :]]
    for line in lines:
        across = [left for _, left in line]
        assert across == sorted(across), "a character moved what stands around it"
    code.evaluate("code => getSelection().selectAllChildren(code)")
    tab.page.keyboard.press("ControlOrMeta+c")
    assert tab.page.evaluate("() => navigator.clipboard.readText()") == source
