"""The frame of every page: text is escaped and freed of control characters whatever a template does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pytest

from jupyter_bioml.html import page
from jupyter_bioml.html.page import LINE, TEMPLATES, Mark, lines_of, render

HOSTILE = "</title></style><script>alert('x')</script>\"'\x00\x1b[2J\u202eevil\u2066\udcff &amp; <b>"
#: What must be seen of it, escaped.
SEEN = (
    "&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&#39;"
    "\\x00\\x1b[2J\\u202eevil\\u2066\\udcff &amp;amp; &lt;b&gt;"
)
Fill = Callable[[str, object], str]


@dataclass(frozen=True)
class View:
    title: object = "a title"
    lines: tuple[str, ...] = ()
    mark: Mark | None = None


@pytest.fixture
def fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Fills a template of the test's own with the environment of all templates."""
    monkeypatch.setattr(page, "TEMPLATES", tmp_path)
    (tmp_path / "html").symlink_to(TEMPLATES / "html")
    monkeypatch.setattr(page, "_environment", page._environment.__wrapped__)

    def filled(template: str, view: object) -> str:
        (tmp_path / "one.html.j2").write_text(template, encoding="utf-8")
        return render("one.html.j2", view)

    return filled


@pytest.mark.parametrize("place", ["{{ view.title }}", '<i title="{{ view.title }}"></i>', "{{ view.title ~ '' }}"])
def test_a_field_is_escaped_and_shown_by_codes(fill: Fill, place: str) -> None:
    text = fill(place, View(HOSTILE))
    assert SEEN in text and text.isprintable()


def test_a_field_stays_escaped_on_its_way_through_macros(fill: Fill) -> None:
    """And is not escaped twice."""
    parts = '{% from "html/parts.html.j2" import bullets, mark, table %}'
    body = "{{ mark(view.mark) }}{{ bullets((view.title,)) }}"
    cells = "{% call table(((view.title, 'short'),), view.title) %}<tr><td>{{ view.title }}</td></tr>{% endcall %}"
    text = fill(parts + body + cells, View(HOSTILE, mark=Mark(HOSTILE, "good", HOSTILE)))
    assert text.count(SEEN) == 6 and "<script" not in text and "&amp;lt;" not in text
    assert not {character for character in text if character < " " and character != "\n"}


def test_code_keeps_its_lines(fill: Fill) -> None:
    lines = lines_of(f"for x in y:\n\tprint(x)\n{HOSTILE}\n")
    text = fill('{% from "html/parts.html.j2" import block %}  {{ block(view.lines) }}', View(lines=lines))
    assert text == f"  <pre>for x in y:\n    print(x)\n{SEEN}\n</pre>"


def test_long_code_is_cut_and_that_is_said() -> None:
    assert lines_of("a\nb\nc", 2) == ("a", "b", "… 1 more line")
    assert lines_of("x" * 10**6) == (f"{'x' * (LINE - 1)}…",)
    assert lines_of("") == ()


def test_a_field_that_is_not_there_is_an_error(fill: Fill) -> None:
    for template in ("{{ view.titel }}", "{% if view.titel %}{% endif %}", "{{ titel }}"):
        with pytest.raises(jinja2.UndefinedError, match="titel"):
            fill(template, View())


@pytest.mark.parametrize("value", [None, True, 0.5, ("a",), b"x"])
def test_what_is_not_text_is_not_shown(fill: Fill, value: object) -> None:
    """How a figure or an absent value is written is decided in Python, never by a template."""
    with pytest.raises(TypeError, match="a template shows text or whole numbers"):
        fill("{{ view.title }}", View(value))
    assert fill("{{ view.title }}", View(7)) == "7"


def test_every_page_fetches_nothing(fill: Fill) -> None:
    text = fill('{% extends "html/page.html.j2" %}{% block main %}here{% endblock %}', View(HOSTILE))
    assert f"<title>{SEEN}</title>" in text and text.startswith("<!DOCTYPE html>\n") and text.endswith("</html>\n")
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text and "prefers-color-scheme: dark" in text


def test_no_template_leaves_the_rules() -> None:
    """None marks text as safe, switches escaping off, has a script or refers to another file."""
    files = [file for kind in ("*.j2", "*.css") for file in sorted(TEMPLATES.rglob(kind))]
    assert {file.name for file in files} >= {"page.html.j2", "verdict.html.j2", "report.html.j2", "sweep.html.j2"}
    against = re.compile(r"\|\s*safe\b|autoescape|Markup|<script|<link|<img|@import|url\(|https?:|\son\w+=|\sstyle=")
    for file in files:
        found = against.search(file.read_text(encoding="utf-8"))
        assert found is None, f"{file.relative_to(TEMPLATES)}: {found and found[0]}"


def test_jinja2_is_imported_with_the_first_page() -> None:
    code = (
        "import sys\n"
        "import jupyter_bioml.batch.html_report, jupyter_bioml.batch.sweep_table, jupyter_bioml.reproduce.report.html\n"
        "from jupyter_bioml.batch.sweep_table import table_html\n"
        "print('jinja2' in sys.modules); table_html([], []); print('jinja2' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\nTrue\n"
