"""The verdict's document and its report: complete, stable, self-contained, and harmless whatever the names are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from jupyter_bioml.headless.results import CellFailure, NotebookResult
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.compare import Difference, compare_records
from jupyter_bioml.records.run import FINISHED, Code, DataUse, Environment, Metric, Output, RunRecord
from jupyter_bioml.reproduce.compare.levels import compare_outputs
from jupyter_bioml.reproduce.report.document import run_facts, verdict_document
from jupyter_bioml.reproduce.report.fields import MOST_ROWS
from jupyter_bioml.reproduce.report.html import verdict_html
from jupyter_bioml.reproduce.report.junit import verdict_junit
from jupyter_bioml.reproduce.verdict import (
    COULD_NOT_RUN,
    DIFFERENT,
    NOT_COMPARED,
    REPRODUCED,
    UNSEEDED_RANDOMNESS,
    VERDICTS,
    VERSION_CHANGED,
    WITHIN_NOISE,
    Evidence,
    Proof,
    Reproduction,
    Surroundings,
    Verdict,
)

HOSTILE = "</title><script>alert('x')</script>\x00\x1b[2J\u202eevil\u2066 &amp; <b>"
LONG = "a_very_long_name_" * 600


def record(auc: float, *, name: str = "gbm-depth3", loss: float = 0.1, **fields: Any) -> RunRecord:
    return RunRecord(
        "a" * 32,
        "s",
        4,
        "magic",
        FINISHED,
        1_790_000_000.0,
        Code("model = fit(X, y)\nauc = score(model)", "c4", "analysis/diagnosis.ipynb", execution_count=4),
        name=name,
        duration=4.1,
        user="eva",
        metrics=(Metric("auc", auc), *(Metric("loss", loss / (n + 1), n) for n in range(5))),
        data=(DataUse("data/cohort.csv", "read", digest="a41c" + "0" * 28, size=120_345),),
        outputs=(Output("stdout", f"auc {auc!r}\nfit took {auc * 3:.2f} s\n"),),
        environment=Environment("e" * 64, "b" * 64),
        **fields,
    )


def reproduction(verdict: str, left: RunRecord, right: RunRecord | None, **fields: Any) -> Reproduction:
    """What the engine makes, from two records really compared."""
    comparison = outputs = None
    repeats = []
    if right is not None:
        right = replace(right, record_id="b" * 32, reproduces=left.record_id)
        if verdict == WITHIN_NOISE:
            repeats = [
                replace(right, record_id=f"{n:032x}", metrics=record(auc, loss=auc).metrics)
                for n, auc in enumerate((0.90, 0.99))
            ]
        comparison = compare_records(left, right)
        outputs = compare_outputs(left, right, Blobs(Path("/nonexistent")), repeats=repeats)
    cause = {DIFFERENT: VERSION_CHANGED, COULD_NOT_RUN: "missing-package", WITHIN_NOISE: UNSEEDED_RANDOMNESS}.get(
        verdict
    )
    made: dict[str, Any] = {
        "decided": Verdict(verdict, cause, *fields.pop("why", ())),
        "sentence": f"The AUC of {left.latest().get('auc', 0):.4f} was looked for again.",
        "record_id": left.record_id,
        "run_id": "1" * 32,
        "new_record_id": None if right is None else right.record_id,
        "new_run_id": None if right is None else "2" * 32,
        "comparison": comparison,
        "result": NotebookResult("n.ipynb", "passed" if right else "failed", 6.2),
        "work": "/home/eva/study/.bioml/work/1234",
        "outputs": outputs or (),
        "started": 1_790_100_000.0,
        "audit": {"chain": "c0ffee", "seq": 7, "hash": "d" * 64},
        "source": run_facts(left),
        "repeats": tuple(run.record_id for run in repeats),
    }
    return Reproduction(**{**made, **fields})


def four(name: str = "gbm-depth3") -> dict[str, Reproduction]:
    left = record(0.9931, name=name)
    package = Difference("environment", "numpy", "2.4.6", "2.4.7")
    why = (
        (
            Evidence(VERSION_CHANGED, "numpy is 2.4.7, it was 2.4.6", "pip install numpy==2.4.6", proved=True),
            Evidence(UNSEEDED_RANDOMNESS, f"cell 2 draws numbers without a seed in {name}", cell=2, decides=False),
        ),
        'pip install "numpy==2.4.6"',
        (package, Difference("git", "commit", "0123abc", "4567def"), Difference("data", name, None, name)),
    )
    stopped = CellFailure(2, "c3", "import scanpy", "ModuleNotFoundError", f"No module named '{name}'", "…")
    return {
        REPRODUCED: reproduction(REPRODUCED, left, record(0.9931, name=name)),
        WITHIN_NOISE: reproduction(WITHIN_NOISE, left, record(0.9940, name=name, loss=0.11)),
        DIFFERENT: reproduction(
            DIFFERENT,
            left,
            record(0.9712, name=name),
            why=why,
            environment=Surroundings("locked", "3.12.4", "f" * 64, (package,), ("numpy was built from its origin",)),
            proofs=(Proof(VERSION_CHANGED, "numpy 2.4.6 put back", "the AUC was 0.9931 again", True),),
            notes=(f"The input {name} no longer exists.",),
        ),
        COULD_NOT_RUN: reproduction(
            COULD_NOT_RUN,
            left,
            None,
            why=((Evidence("missing-package", f"scanpy is not installed ({name})", cell=3),), "pip install scanpy"),
            result=NotebookResult("n.ipynb", "failed", 2.0, failure=stopped),
        ),
        NOT_COMPARED: reproduction(
            NOT_COMPARED,
            replace(left, metrics=(), values={}, outputs=()),
            replace(record(1.0, name=name), metrics=(), values={}, outputs=()),
            why=((), "print a result in the cell"),
        ),
    }


class Reader(HTMLParser):
    """Collects the tags, attributes and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_document_is_complete_and_json() -> None:
    found = verdict_document(four()[DIFFERENT])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    contract = ("verdict", "cause", "evidence", "repair", "differences", "run_id", "reproduction_run_id")
    assert set(contract) <= set(found) and found["schema"] == 1
    assert (found["verdict"], found["cause"], found["level"]) == ("DIFFERENT", "version-changed", "different")
    assert found["based_on"]["compared"] == {"metric": 2, "text": 1} and found["tolerance"] == 1e-9
    by_name = {item["name"]: item for item in found["compared"]}
    assert by_name["auc"]["level"] == "different" and by_name["auc"]["decides"]
    assert by_name["loss"]["level"] == "bit-equal" and by_name["stdout"]["decides"]
    assert sum(found["levels"].values()) == len(found["compared"])
    assert found["runs"]["recorded"]["environment"] == "e" * 64
    assert found["data"] == {"versions": run_facts(record(1))["data"], "same": 1, "differences": []}
    assert found["funnel"] == {"declared": True, "installable": True, "runs": True, "identical": False}
    assert found["audit"]["seq"] == 7 and found["at"] == "2026-09-22T18:00:00+00:00"


def test_nothing_compared_is_neither_good_nor_bad() -> None:
    found = verdict_document(four()[NOT_COMPARED])
    assert found["level"] == "not known"
    assert found["funnel"] == {"declared": True, "installable": True, "runs": True, "identical": None}
    page = verdict_html(found)
    assert '<span class="word none"><span aria-hidden="true">?</span> NOT COMPARED</span>' in page
    assert "print a result in the cell" in page


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (REPRODUCED, None),
        (WITHIN_NOISE, None),
        (DIFFERENT, "failure"),
        (NOT_COMPARED, "failure"),
        (COULD_NOT_RUN, "error"),
    ],
)
@pytest.mark.parametrize("name", ["gbm", HOSTILE])
def test_a_verdict_for_ci_systems(verdict: str, kind: str | None, name: str) -> None:
    root = ElementTree.fromstring(verdict_junit(four(name)[verdict]).encode())
    (case,) = root.findall("testsuite/testcase")
    assert [child.tag for child in case if child.tag != "system-out"] == ([kind] if kind else [])
    assert root.get("failures") == str(int(kind == "failure")) and root.get("errors") == str(int(kind == "error"))
    assert (case.get("classname"), case.get("name")) == ("analysis", "diagnosis.ipynb[aaaaaaaa]")
    if kind is not None:
        found = case.find(kind)
        assert found is not None and found.get("type") == verdict and (found.get("message") or "").startswith(verdict)


def test_what_was_not_reached_is_null() -> None:
    found = verdict_document(four()[COULD_NOT_RUN])
    assert found["compared"] == [] and found["level"] is None and found["based_on"]["text"] == "nothing"
    assert found["funnel"] == {"declared": True, "installable": False, "runs": None, "identical": None}
    assert found["data"]["same"] is None and found["code"] is None
    assert found["runs"]["reproduction"]["failure"]["kind"] == "ModuleNotFoundError"


def test_within_noise_says_by_which_repeats() -> None:
    found = verdict_document(four()[WITHIN_NOISE])
    assert found["level"] == "within-noise" and len(found["repeats"]["runs"]) == 2
    page = verdict_html(found)
    assert "3 equal runs differ by up to 0.09" in page and "Noise was measured by 2 further runs." in page


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("name", ["gbm-depth3", HOSTILE, LONG, "\u05d0\u05d1 \u0645", ""])
def test_the_report_is_one_harmless_file(verdict: str, name: str) -> None:
    page = verdict_html(verdict_document(four(name)[verdict]))
    read = Reader(page)
    assert not {"script", "img", "link", "iframe", "object", "form", "a", "b"} & set(read.tags)
    assert not [key for key, _ in read.attributes if key.startswith("on") or key in ("src", "href", "style")]
    assert "url(" not in page and "@import" not in page and "http:" not in page
    assert not {character for character in page if character < " " and character != "\n"}
    assert "\u202e" not in page and "\u2066" not in page
    assert len(page) < 100_000
    said = "".join(read.words)
    assert verdict in said and "was looked for again" in said


def test_the_first_line_is_the_verdict_as_a_sentence() -> None:
    page = verdict_html(verdict_document(four()[REPRODUCED]))
    main = page[page.index("<main>") :]
    assert main.index("<h1>") < main.index("The AUC of 0.9931") < main.index("</h1>") < main.index("<h2>")


def test_the_report_tells_cause_proof_repair_and_both_values() -> None:
    said = " ".join(Reader(verdict_html(verdict_document(four()[DIFFERENT]))).words)
    for words in (
        "version changed",
        "numpy 2.4.6 put back: the AUC was 0.9931 again",
        "Proved.",
        'pip install "numpy==2.4.6"',
        "0.9931",
        "0.9712",
        "differs by 0.0219",
        "2.4.6",
        "built from the recorded lock",
        "a41c",
        "event 7",
    ):
        assert words in said, words


def test_long_lists_are_cut_and_said() -> None:
    left = record(0.9, values={f"v{n}": True for n in range(500)})
    found = verdict_document(reproduction(REPRODUCED, left, left))
    page = verdict_html(found)
    assert len(found["compared"]) > 500 and page.count("<tr>") < MOST_ROWS + 60
    assert "more, all in verdict.json" in page


def test_special_floats_and_a_document_of_another_version() -> None:
    left = record(0.9, values={"x": float("nan")})
    found = verdict_document(reproduction(REPRODUCED, left, left))
    assert "NaN" in verdict_html(found)
    page = verdict_html({"verdict": "DIFFERENT", "unknown": 1})
    assert "DIFFERENT" in page and page.endswith("</html>\n")


def everywhere(value: Any, text: str) -> Any:
    """``value`` with every text in it, keys aside, replaced."""
    if isinstance(value, dict):
        return {key: everywhere(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [everywhere(item, text) for item in value]
    return text if isinstance(value, str) or value is None else value


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_text_of_a_document_is_shown_as_text(verdict: str) -> None:
    found = everywhere(verdict_document(four()[verdict]), HOSTILE)
    found |= {"proofs": [{"what": HOSTILE}], "code": {"cell": HOSTILE, "earlier": HOSTILE}, "audit": {"chain": HOSTILE}}
    page = verdict_html(found)
    read = Reader(page)
    assert not {"script", "img", "link", "iframe", "object", "form", "a", "b"} & set(read.tags)
    assert not {character for character in page if not character.isprintable() and character != "\n"}
    seen = "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\x00\\x1b[2J\\u202eevil\\u2066 &amp;amp; &lt;b&gt;"
    assert page.count(seen) > 25 and page.count("alert") == page.count("alert(&#39;x&#39;)")


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*before, key)
        yield from paths(item, (*before, key))


@pytest.mark.parametrize("odd", [None, True, -1, 1e300, "x", ["x"], {"x": ["x"]}], ids=repr)
def test_a_document_of_another_shape_anywhere_is_still_shown(odd: Any) -> None:
    found = verdict_document(four()[DIFFERENT])
    for path in paths(found):
        changed = json.loads(json.dumps(found))
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = odd
        assert verdict_html(changed).endswith("</html>\n"), path


@pytest.mark.parametrize("change", [lambda d: d.update(compared="x", evidence={"a": 1}, runs=[], funnel=3)])
def test_a_document_of_wrong_shapes_is_shown_as_far_as_it_goes(change: Callable[[dict[str, Any]], None]) -> None:
    found = verdict_document(four()[DIFFERENT])
    change(found)
    assert "DIFFERENT" in verdict_html(found)
