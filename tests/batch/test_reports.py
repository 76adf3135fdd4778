"""The reports of a batch: JUnit XML, one HTML page, lines of text; hostile names harmless in all of them."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jupyter_bioml.batch.batch import BatchReport
from jupyter_bioml.batch.html_report import html_report
from jupyter_bioml.batch.junit import junit_xml
from jupyter_bioml.batch.reports import check_places, write_reports
from jupyter_bioml.batch.sweep import without_metrics
from jupyter_bioml.batch.sweep_table import columns, table_csv, table_html
from jupyter_bioml.errors import BiomlError, UsageError
from jupyter_bioml.headless.results import CellFailure, NotebookResult
from jupyter_bioml.pages.batch import batch_page

HOSTILE = "<img src=x onerror=alert(1)>\x00\x1b[31m\u202e\udcff]]>&"
FAILURE = CellFailure(2, "c2", f"x = {HOSTILE!r}\n1 / 0", "ZeroDivisionError", HOSTILE, f"Traceback\n{HOSTILE}")


def report(**more: object) -> BatchReport:
    results = (
        NotebookResult("/p/a.ipynb", "passed", 1.5, "/o/a.ipynb", task="a.ipynb", records=("ab" * 16,)),
        NotebookResult("/p/b.ipynb", "failed", 2.0, "/o/b.ipynb", FAILURE, task=f"in/{HOSTILE}.ipynb", attempt=2),
        NotebookResult("/p/c.ipynb", "killed", 3.0, reason="The kernel died (SIGKILL)", task="c.ipynb"),
        NotebookResult("/p/d.ipynb", "broken", 0.1, reason="It is not a notebook", task="d.ipynb", parameters={"lr": HOSTILE}),
        NotebookResult("/p/e.ipynb", "not run", reason="interrupted before its turn", task="e.ipynb", attempt=0),
    )  # fmt: skip
    return BatchReport(results, f"/o/{HOSTILE}", 7.25, interrupted=True, waiting=(HOSTILE,), **more)  # type: ignore[arg-type]


def test_junit_has_the_shape_that_ci_systems_read() -> None:
    root = ElementTree.fromstring(junit_xml(report()).encode())
    assert root.tag == "testsuites" and [child.tag for child in root] == ["testsuite"]
    for element in (root, root[0]):
        counts = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
        assert counts == {"tests": "5", "failures": "1", "errors": "2", "skipped": "1", "time": "7.250"}
    cases = root[0].findall("testcase")
    assert all(case.get("name") and case.get("classname") and case.get("file") and case.get("time") for case in cases)
    assert [[child.tag for child in case if child.tag != "system-out"] for case in cases] == [
        [], ["failure"], ["error"], ["error"], ["skipped"],
    ]  # fmt: skip
    failure = cases[1].find("failure")
    assert failure is not None and failure.get("type") == "ZeroDivisionError"
    assert (failure.text or "").startswith("cell 3\n") and "1 / 0" in (failure.text or "")
    assert cases[1].get("classname") == "in" and "<img src=x onerror=alert(1)>" in (cases[1].get("name") or "")
    assert "lr=" in (cases[3].get("name") or "")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    @classmethod
    def of(cls, page: str) -> list[tuple[str, dict[str, str | None]]]:
        """Every tag of a page with its attributes."""
        reader = cls()
        reader.feed(page)
        return reader.seen


def test_the_html_page_needs_nothing_and_shows_names_as_text() -> None:
    rows = [
        {"task": "a@1", "notebook": "a", "status": "passed", "duration": 1.0, "parameters": {"lr": HOSTILE},
         "metrics": {"auc": 0.123456789, HOSTILE: 1.0}},
    ]  # fmt: skip
    sweep = {"record_id": "cd" * 16, "columns": columns(rows, ["lr"]), "rows": rows}
    page = html_report(report(sweep=sweep), at=1e9)
    page.encode()
    tags = Tags.of(page)
    names = {tag for tag, _ in tags}
    assert not names & {"img", "script", "link", "iframe", "a"} and "@import" not in page and "url(" not in page
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert "\x1b" not in page and "\u202e" not in page and "\x00" not in page
    assert 'title="0.123456789">0.1235<' in page and "ZeroDivisionError" not in page.split("<h2>Notebooks")[0]
    assert "prefers-color-scheme: dark" in page and "Cell 3:" in page


def test_every_text_of_a_batch_and_its_sweep_is_shown_as_text() -> None:
    failure = CellFailure(2, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    result = NotebookResult(
        HOSTILE, HOSTILE, 2.0, HOSTILE, failure, task=HOSTILE, reason=HOSTILE, records=(HOSTILE,),
        parameters={HOSTILE: HOSTILE},
    )  # fmt: skip
    fields = {"parameters": {HOSTILE: HOSTILE}, "metrics": {HOSTILE: HOSTILE}}
    rows = [{"task": HOSTILE, "notebook": name, "status": HOSTILE, "duration": HOSTILE, **fields} for name in "ab"]
    sweep = {"record_id": HOSTILE, "columns": columns(rows, [HOSTILE]), "rows": rows}
    told = replace(report(sweep=sweep), results=(result, replace(result, failure=None)), notes=(HOSTILE,))
    for page, times in ((html_report(told, at=1e9), 34), (table_html(rows, sweep["columns"]), 12)):
        assert not {tag for tag, _ in Tags.of(page)} & {"img", "script", "link", "iframe", "a"}
        assert not {character for character in page if not character.isprintable() and character != "\n"}
        assert page.count("&lt;img src=x onerror=alert(1)&gt;\\x00\\x1b[31m\\u202e\\udcff]]&gt;&amp;") >= times


def test_a_sweep_of_values_alone_says_what_makes_one_a_metric() -> None:
    """Values are no columns of its table, so it would compare nothing."""
    rows = [{"metrics": {}, "values": {"timing.fit": 2.0, "n_clusters": size, "converged": True}} for size in (3, 4)]
    said = without_metrics(rows)
    assert said is not None and "n_clusters, converged." in said and "timing" not in said
    assert "--metrics NAME or bioml.log" in said
    assert without_metrics([*rows, {"metrics": {"auc": 0.9}, "values": {}}]) is None
    assert without_metrics([{"metrics": {}, "values": {"timing.fit": 2.0}}]) is None, "nothing that could be compared"


def test_numbers_of_a_sweep_stand_flush_right_below_their_heads() -> None:
    rows = [
        {
            "task": "a@1",
            "notebook": "a",
            "status": "passed",
            "duration": 1.5,
            "parameters": {"lr": 0.1, "f": "x"},
            "metrics": {"auc": 0.9},
        },
        {
            "task": "a@2",
            "notebook": "a",
            "status": "failed",
            "duration": 0.5,
            "parameters": {"lr": 0.2, "f": 3},
            "metrics": {},
        },
    ]
    page = table_html(rows, columns(rows, ["lr", "f"]))
    heads = [attributes.get("class") for tag, attributes in Tags.of(page) if tag == "th"]
    assert heads == [None, "number", None, "number", None, "number"] and ">duration (s)<" in page
    assert [attributes.get("title") for tag, attributes in Tags.of(page) if tag == "td"] == [
        None, "0.1", None, "0.9", None, "1.5", None, "0.2", "3", None, None, "0.5",
    ]  # fmt: skip
    assert page.count('class="number">–<') == 1


def test_the_table_as_csv_keeps_every_digit_and_starts_no_formula() -> None:
    rows = [
        {"task": "a@1", "notebook": "a", "status": "passed", "duration": 1.0, "parameters": {"f": "=1+1"},
         "metrics": {"auc": 0.1234567890123456}},
        {"task": "a@2", "notebook": "a", "status": "failed", "duration": 0.5, "parameters": {"f": "x,y"}, "metrics": {}},
    ]  # fmt: skip
    lines = table_csv(rows, columns(rows, ["f"])).splitlines()
    assert lines == ["task,f,auc,status,duration", "a@1,'=1+1,0.1234567890123456,passed,1.0", 'a@2,"x,y",,failed,0.5']


def test_lines_of_text() -> None:
    text = "\n".join(batch_page(report(), 120))
    assert "1 passed, 1 failed, 1 killed, 1 broken, 1 not run" in text and "\x1b" not in text and "\u202e" not in text


def test_reports_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    junit, page = tmp_path / "new" / "junit.xml", tmp_path / "new" / "report.html"
    check_places(junit, page, None)
    write_reports(report(), junit, page)
    assert sorted(path.name for path in junit.parent.iterdir()) == ["junit.xml", "report.html"]
    (tmp_path / "file").write_text("")
    for wrong in (tmp_path, tmp_path / "file" / "junit.xml"):
        with pytest.raises(UsageError, match="cannot be written there"):
            check_places(wrong)
    with pytest.raises(BiomlError, match="notebooks ran"):
        write_reports(report(), tmp_path / "file" / "junit.xml", None)
