"""The texts read as a native-speaking scientist would write them: phrases that were rewritten do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
#: What is read: everything that a user, a reader of the code or a reader of the docs sees.
TEXTS = (
    "jupyter_bioml/**/*.py", "jupyter_bioml/**/*.yaml", "jupyter_bioml/**/*.j2",
    "docs/**/*.md", "docs/*.py", "*.md", "notebooks/*.py", "labextension/src/**/*.ts", "labextension/src/**/*.tsx",
)  # fmt: skip

#: What must not come back → what to write instead.
UNWANTED = {
    r"\banew\b": "again, fresh",
    # in backticks it is the name of a field that was renamed, which the changelog tells
    r"(?<!`)\bmend(s|ed|ing)?\b": "fix, repair",
    r"\b(whoever|whomever|whosoever)\b": "anyone who, the caller, the author",
    # "there is no run", "is no longer here" and "is no more than 5" are English; "X is no run id" is not
    r"(?<!there )\b(is|are|was|were) no (?!longer\b|more than\b|less than\b|larger than\b|worse than\b)\w+": "is not a",
    r"\bnobody is there\b|\bthere is nobody\b": "no terminal, no one",
    r"\b(it )?is said in the name of\b": "is recorded under",
    r"\bmay (not )?go\b": "approve, reject",
    r"\bcounts? no more\b": "is void",
    r"\b(is|are|was|were) not there any more\b": "no longer exists",
    r"\bnot known who\b": "unknown",
    r"\bwhat (it|they|\w+ \w+) came to\b": "the result",
    r"\bmade good\b": "fixed",
    r"(?<!instead )\bof ours\b": "this package's, our",
    r"\b(can|could|cannot|may) (not )?be had\b|\bis to be had\b": "is available, was found",
    r"\btied to\b": "linked to",
    r"\bfor want of\b": "for lack of",
    r"\bthe best is the best in\b": "used to pick the best",
}


def texts() -> Iterator[Path]:
    for pattern in TEXTS:
        yield from sorted(REPOSITORY.glob(pattern))


def unwanted(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, words, what to write instead) of every unwanted phrase, also of one that is broken between two lines."""
    lines = "\n".join(line.strip().removeprefix("#:").removeprefix("#").strip() for line in text.splitlines())
    for pattern, instead in UNWANTED.items():
        for match in re.finditer(pattern.replace(" ", r"\s"), lines, flags=re.IGNORECASE):
            yield lines.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), instead


def test_rewritten_phrases_do_not_come_back() -> None:
    paths = list(texts())
    names = {path.relative_to(REPOSITORY).as_posix() for path in paths}
    assert {"README.md", "docs/tutorial.md", "jupyter_bioml/cli/main.py", "docs/how-to/promote.md"} <= names
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}: {words!r}; write: {instead}"
        for path in paths
        for line, words, instead in unwanted(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("'x' is no run id: ids are hexadecimal", "is no run"),
        ("The tolerance 2 is no number from 0 to 1.", "is no number"),
        ("Look who holds it, and decide anew.", "anew"),
        ("Mend the cell, run it again.", "Mend"),
        ("Say that a model version may go.", "may go"),
        ("whoever asked then starts a kernel", "whoever"),
        ("a file that is\n    #: no notebook", "is no notebook"),
        ("there is no run, there\nare no models; it is no longer here; it is no more than 5 %", None),
        ("the field `mend` is called `fix` now, and `recommend` stays", None),
    ],
)
def test_a_phrase_is_told_from_its_natural_use(line: str, words: str | None) -> None:
    found = [match for _, match, _ in unwanted(line)]
    assert words in found if words else found == []
