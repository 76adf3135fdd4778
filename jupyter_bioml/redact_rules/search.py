"""Where the secrets in a text are.

Every pattern is bounded and starts at its needle, so the time is linear in the text, hostile texts included.

Two families of rules: *formats*, which are known by their shape wherever they stand, and *named values*
(``DB_PASSWORD=…``, ``"api_key": "…"``, ``--token …``), judged by the name, the way of writing and the shape of the
value. Numbers, calls, names of variables, paths and words are not secrets, so that
``token = os.environ["X"]``, ``max_tokens=100`` and ``pad_token="<pad>"`` stay as they are.

Personal health information has no rules here yet.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from . import tables
from .screen import is_owned, places, present

STEMS = frozenset(tables.STEMS)


class Finding(NamedTuple):
    """One secret: the rule that found it and where it lies (offsets in characters); never its value."""

    rule: str
    start: int
    end: int


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE if pattern is tables.WHOLE else 0)


def find(text: str) -> list[Finding]:
    """The secrets in ``text``, in order, without overlaps."""
    if "\x1b[" not in text:
        return merged(search(text))
    # Colours split and hide words (IPython colours each token of a traceback): search the plain text, map back.
    plain, starts, shifts, done, taken = [], [0], [0], 0, 0
    for code in _compiled(tables.ANSI).finditer(text):
        plain.append(text[done : code.start()])
        taken += code.start() - done
        done = code.end()
        starts.append(taken)
        shifts.append(done - taken)
    found = merged(search("".join((*plain, text[done:]))))
    from bisect import bisect_right

    def place(offset: int) -> int:
        return offset + shifts[bisect_right(starts, offset) - 1]

    return [Finding(item.rule, place(item.start), place(item.end - 1) + 1) for item in found]


@functools.cache
def _by_needle() -> dict[str, list[tuple[tables.Format, bool]]]:
    """Needle → its formats; True: it only stands near its secret."""
    found: dict[str, list[tuple[tables.Format, bool]]] = {}
    for forms, near in ((tables.FORMATS, False), (tables.NEAR, True)):
        for form in forms:
            for needle in form.needles:
                found.setdefault(needle, []).append((form, near))
    return found


def search(text: str, among: Set[str] | None = None) -> Iterator[Finding]:
    """The secrets in ``text``, in no order; only those of the needles ``among`` (None: any)."""
    if among is None:
        met: Set[str] = present(text)
        if not met:
            return
    low = text.lower()
    if len(low) != len(text):  # only U+0130 grows when it is lowered
        low = text.replace("\u0130", "i").lower()
    if among is not None:
        met = {needle for needle in among if needle in text or needle in low}
    forms = _by_needle()
    for needle in met:
        for form, near in forms.get(needle, ()):
            where = low if form.folded else text
            yield from (_by_neighbour if near else _by_format)(text, where, needle, form)
    if not STEMS.isdisjoint(met):
        yield from _by_name(text, low)


def _by_format(text: str, where: str, needle: str, form: tables.Format) -> Iterator[Finding]:
    if form.also not in where:
        return  # most addresses have no user: their pattern takes longer to compile than a kernel to be ready
    match = _compiled(form.pattern).match
    done = 0
    for at in places(where, needle):
        if at < done or at < form.back:
            continue
        hit = match(text, at - form.back)
        if hit is None:
            continue
        start, end = hit.span(hit.lastgroup or 0)
        if hit.lastgroup and _stands_for_value(text[start:end]):
            continue
        done = end
        yield Finding(form.rule, start, end)


def _by_neighbour(text: str, where: str, needle: str, form: tables.Format) -> Iterator[Finding]:
    pattern, digest_word = _compiled(form.pattern), _compiled(tables.DIGEST_WORD)
    done = 0
    for at in places(where, needle):
        stop = at + len(needle) + tables.REACH
        for hit in pattern.finditer(
            text, max(done, at - tables.REACH), stop + 64
        ):  # 64: longer than any of these secrets
            start, end = hit.span()
            if start < stop and not digest_word.search(text[max(0, start - 24) : start]):
                yield Finding(form.rule, start, end)
        done = stop


def names_in(text: str, low: str) -> Iterator[tuple[re.Match[str], str]]:
    """Names that say "secret", with a sign of assignment after them, and their line before them (80 characters)."""
    for stem in tables.STEMS:
        if stem not in low:
            continue
        match = _compiled(tables.NAME).match
        for at in places(low, stem):
            if stem == "key" and not is_owned(low, at):
                continue
            hit = match(text, at)
            if hit and not text.startswith("[secret:", at - 1):
                yield hit, text[max(text.rfind("\n", max(0, at - 80), at) + 1, at - 80, 0) : at]


def kind_of(hit: re.Match[str]) -> str:
    """What the name says that its value is: ``password``, ``token``, …"""
    word = hit["kind"].lower()
    return "password" if word.startswith("p") else word


def _by_name(text: str, low: str) -> Iterator[Finding]:
    for hit, before in names_in(text, low):
        head = before.rstrip(tables.NAME_CHARACTERS)
        flag = before[len(head) :].startswith("--") or _compiled(r"\blogin[ \t]+\S+[ \t]+\Z").search(head)
        sep, at_line_start = hit["sep"], bool(_compiled(tables.LINE).match(head))
        if (sep is None and not flag) or (sep == "," and not hit["close"]):
            continue
        value = _compiled(tables.QUOTED).match(text, hit.end())
        if value:
            if (sep == ":" and not hit["close"] and not at_line_start) or (
                "{" in value["s"] and "f" in value["prefix"].lower()
            ):
                continue
            form = "listed" if sep == "," and not flag else "quoted"
        elif sep == ",":
            continue
        else:
            exact = sep == "=" and text[hit.end() - 1] == "=" and (before[len(head) :] + hit["kind"]).isupper()
            value = _compiled(tables.WHOLE).match(text, hit.end()) if at_line_start and (exact or sep == ":") else None
            form = "line" if value or exact else "bare"
            value = value or _compiled(tables.BARE).match(text, hit.end())
            if value is None or value.groupdict().get("after") or _compiled(tables.CODE).match(value["s"]):
                continue
        if is_secret(kind_of(hit), before, value["s"], form):
            yield Finding(kind_of(hit), *value.span("s"))


def is_secret(kind: str, before: str, value: str, form: str) -> bool:
    """Does ``value``, written in ``form`` under a name of this ``kind`` that begins with ``before``, look secret?

    ``form``: ``quoted`` text, a whole ``line`` (env file, YAML), ``bare`` (flag, query, keyword) or ``listed`` (behind
    its name and a comma).
    """
    if _stands_for_value(value) or _compiled(tables.OPEN).match(value):
        return False
    digit, letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    symbol = not value.replace("_", "").replace(".", "").isalnum()
    if kind == "password":
        if _compiled(tables.PATH).match(value) or (" " in value and "passw" in value.lower()):
            return False
        if form == "quoted":
            return len(value) >= 3
        return len(value) >= (3 if form == "line" else 5) and (
            digit or symbol or (form == "line" and value.islower() and len(value) >= 6)
        )
    if (
        " " in value
        or _compiled(tables.ENV_NAME).match(value)
        or _compiled(tables.PATH).match(value)
        or _is_wordy(value)
    ):
        return False
    if kind == "token" and _compiled(tables.COUNTING).search(before):
        return False
    named = kind != "token" or bool(_compiled(tables.AUTHORISING).search(before)) or before[-4:].isupper()
    upper = sum(map(str.isupper, value))
    mixed = upper >= 5 and len(value) - upper >= 5
    if form in ("quoted", "line") and named:
        return (len(value) >= 8 and digit) or (len(value) >= 16 and mixed) or len(value) >= 24
    varied = (digit and letter) or mixed
    return len(value) >= 16 and varied and _entropy(value) >= 2.5 and bool(re.fullmatch(r"[\w.~+/=:%-]+", value))


def _stands_for_value(value: str) -> bool:
    """True for masks, templates (``{x}``, ``$X``, ``<x>``, ``%s``, ``***``) and words saying what belongs here."""
    if value.startswith(("[secret:", "{", "$", "<", "%(", "%s", "*")):
        return True
    return re.sub(r"[^a-z]", "", value.lower()) in tables.PLACEHOLDERS and not any(map(str.isdigit, value))


def _is_wordy(value: str) -> bool:
    return len(value) < 200 and all(_compiled(tables.WORD).fullmatch(part) for part in re.split(r"[_\-./:]", value))


def _entropy(value: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    counts = Counter(value[:4000]).values()
    total = sum(counts)
    return -sum(n / total * math.log2(n / total) for n in counts)


def merged(found: Iterable[Finding]) -> list[Finding]:
    """In order, overlapping ones as one."""
    kept: list[Finding] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        if kept and item.start < kept[-1].end:
            if item.end > kept[-1].end:
                kept[-1] = kept[-1]._replace(end=item.end)
        else:
            kept.append(item)
    return kept
