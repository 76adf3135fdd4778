"""Which cells run, by their tags and by the words of ``--cells``."""

from __future__ import annotations

import pytest
from notebook_files import document

from jupyter_bioml.errors import UsageError
from jupyter_bioml.notebooks.cells import LEFT_OUT, cell_choice, leave_out, unused_words

NOTEBOOK = (
    ("lr = 1", ["parameters"]),
    "import os",
    ("slow()", ["slow", "fit"]),
    ("fast()", ["fit"]),
    ("report()", ["only:nightly"]),
    ("never()", ["skip-execution"]),
)


def run(*words: str, tag: str | None = None) -> list[str]:
    made = leave_out(document(*NOTEBOOK), cell_choice(words, tag))
    return [cell["source"] for cell in made["cells"] if "skip-execution" not in cell["metadata"]["tags"]]


@pytest.mark.parametrize(
    ("words", "tag", "left"),
    [
        ((), None, ["lr = 1", "import os", "slow()", "fast()"]),
        ((), "nightly", ["lr = 1", "import os", "slow()", "fast()", "report()"]),
        (("tag:nightly",), None, ["lr = 1", "import os", "slow()", "fast()", "report()"]),
        (("skip:slow",), None, ["lr = 1", "import os", "fast()"]),
        (("only:fit",), None, ["lr = 1", "slow()", "fast()"]),
        (("only:fit", "skip:slow"), None, ["lr = 1", "fast()"]),
        (("only:slow", "only:only:nightly", "tag:nightly"), None, ["lr = 1", "slow()", "report()"]),
    ],
)
def test_the_words(words: tuple[str, ...], tag: str | None, left: list[str]) -> None:
    assert run(*words, tag=tag) == left


def test_the_output_notebook_says_why_a_cell_did_not_run() -> None:
    cells = leave_out(document(*NOTEBOOK), cell_choice(["skip:slow"]))["cells"]
    assert cells[2]["metadata"] == {"tags": ["slow", "fit", "skip-execution"], LEFT_OUT: "skip:slow"}
    assert cells[4]["metadata"][LEFT_OUT] == "it is tagged only:nightly" and LEFT_OUT not in cells[5]["metadata"]


@pytest.mark.parametrize("word", ["slow", "only:", "never:slow", ":x"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(UsageError, match="says nothing about cells"):
        cell_choice([word])


def test_a_word_that_fits_no_cell_is_found() -> None:
    assert unused_words(cell_choice(["skip:slwo", "only:fit", "tag:x"]), [document(*NOTEBOOK)]) == ["slwo"]
