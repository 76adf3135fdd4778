"""Secrets in text: where they are, and the text without them.

Runs in the kernel on the source and the outputs of every cell, so a text without any tell-tale word (a *needle*)
costs substring searches and no regular expression; patterns are compiled when their needle is first met. Every
pattern is bounded and starts at its needle, so the time is linear in the text, hostile texts included.

Two families of rules: *formats*, which are known by their shape wherever they stand, and *named values*
(``DB_PASSWORD=…``, ``"api_key": "…"``, ``--token …``), judged by the name, the way of writing and the shape of the
value. Numbers, calls, names of variables, paths and words are not secrets, so that
``token = os.environ["X"]``, ``max_tokens=100`` and ``pad_token="<pad>"`` stay as they are.

Personal health information has no rules here yet.
"""

from __future__ import annotations

import functools
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from . import redact_rules as rules

DEEPEST = 64
ROUNDS = 4
#: Set for the kernel of a batch: the environment variables, separated by commas, whose values are secret parameters.
SECRETS_VARIABLE = "BIOML_SECRETS"


class Finding(NamedTuple):
    """One secret: the rule that found it and where it lies (offsets in characters); never its value."""

    rule: str
    start: int
    end: int


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE if pattern is rules.WHOLE else 0)


def redact(text: str) -> str:
    """``text`` with every secret replaced by ``[secret:RULE]``; the same text when there is none. Idempotent."""
    if names := os.environ.get(SECRETS_VARIABLE):
        text = without_values(text, _secret_values(names))
    for _ in range(ROUNDS):  # a mask is shorter than its secret, so that another one can come near a tell-tale word
        found = find(text)
        if not found:
            break
        parts: list[str] = []
        done = 0
        for item in found:
            parts += (text[done : item.start], f"[secret:{item.rule}]")
            done = item.end
        text = "".join((*parts, text[done:]))
    return text


@functools.cache
def _secret_values(names: str) -> tuple[str, ...]:
    """Read once: the notebook's own code may take the variables away."""
    return spellings(value for name in names.split(",") if (value := os.environ.get(name)))


def spellings(values: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it is, and as Python and JSON write it within quotes; longer ones first."""
    import json

    found = {form for value in values if value for form in (value, repr(value)[1:-1], json.dumps(value)[1:-1])}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def without_values(text: str, values: Iterable[str]) -> str:
    """``text`` with each of the ``values`` replaced by ``[secret:parameter]``."""
    for value in values:
        text = text.replace(value, "[secret:parameter]")
    return text


def redact_value(value: Any, _depth: int = 0) -> Any:
    """``value`` with :func:`redact` applied to every text in its dicts, lists and tuples, keys included.

    A text under a secret's name (``{"password": "x"}``) is masked as its assignment would be.
    """
    if isinstance(value, str):
        return redact(value)
    if not isinstance(value, (dict, list, tuple)):
        return value
    if _depth >= DEEPEST:
        return f"[cut: nested deeper than {DEEPEST} levels]"
    if isinstance(value, dict):
        return {
            redact(key) if isinstance(key, str) else key: _redact_item(key, item, _depth) for key, item in value.items()
        }
    items = [redact_value(item, _depth + 1) for item in value]
    return items if isinstance(value, list) else tuple(items)


def _redact_item(key: object, item: Any, depth: int) -> Any:
    if isinstance(key, str) and isinstance(item, str) and item:
        name = f"{key[-100:]}="
        for hit, head in _names(name, name.lower()):
            kind = _kind(hit)
            if hit.end() == len(name) and _is_secret(kind, head, item, "quoted"):
                return f"[secret:{kind}]"
    return redact_value(item, depth + 1)


def find(text: str) -> list[Finding]:
    """The secrets in ``text``, in order, without overlaps."""
    if "\x1b[" not in text:
        return _merge(_search(text))
    # Colours split and hide words (IPython colours each token of a traceback): search the plain text, map back.
    plain, starts, shifts, done, taken = [], [0], [0], 0, 0
    for code in _compiled(rules.ANSI).finditer(text):
        plain.append(text[done : code.start()])
        taken += code.start() - done
        done = code.end()
        starts.append(taken)
        shifts.append(done - taken)
    found = _merge(_search("".join((*plain, text[done:]))))
    from bisect import bisect_right

    def place(offset: int) -> int:
        return offset + shifts[bisect_right(starts, offset) - 1]

    return [Finding(item.rule, place(item.start), place(item.end - 1) + 1) for item in found]


@functools.cache
def _screen(common: bytes, folded: bool) -> dict[str, list[str]]:
    """Needles by what is left of them without the ``common`` characters."""
    thinned: dict[str, list[str]] = {}
    forms = [form for form in (*rules.FORMATS, *rules.NEAR) if form.folded == folded]
    needles = {needle for form in forms for needle in form.needles} | (set(rules.STEMS) if folded else set())
    for needle in sorted(needles):
        thinned.setdefault(needle.encode().translate(None, common).decode(), []).append(needle)
    return thinned


def _present(text: str) -> set[str]:
    """The needles that occur. A text without its commonest characters is a third as long and as telling: a needle
    is looked for in full only where the rest of it occurs in the rest of the text."""
    raw = text.encode("utf-8", "surrogatepass")
    found: set[str] = set()
    for where, common, folded in ((raw, rules.COMMON, False), (raw.lower(), rules.COMMON_FOLDED, True)):
        thin = where.translate(None, common).decode("latin-1")  # bytes, as the quicker search in str needs them
        for rest, needles in _screen(common, folded).items():
            if rest in thin:
                found.update(needle for needle in needles if needle.encode() in where)
    return found


def _search(text: str) -> Iterator[Finding]:
    present = _present(text)
    if not present:
        return
    low = text.lower()
    if len(low) != len(text):  # only U+0130 grows when it is lowered
        low = text.replace("\u0130", "i").lower()
    for form in rules.FORMATS:
        for needle in present.intersection(form.needles):
            yield from _by_format(text, low if form.folded else text, needle, form)
    for form in rules.NEAR:
        for needle in present.intersection(form.needles):
            yield from _by_neighbour(text, low if form.folded else text, needle, form)
    if not present.isdisjoint(rules.STEMS):
        yield from _by_name(text, low)


def _places(where: str, needle: str) -> Iterator[int]:
    at = where.find(needle)
    while at >= 0:
        yield at
        at = where.find(needle, at + len(needle))


def _by_format(text: str, where: str, needle: str, form: rules.Format) -> Iterator[Finding]:
    match = _compiled(form.pattern).match
    done = 0
    for at in _places(where, needle):
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


def _by_neighbour(text: str, where: str, needle: str, form: rules.Format) -> Iterator[Finding]:
    pattern, digest_word = _compiled(form.pattern), _compiled(rules.DIGEST_WORD)
    done = 0
    for at in _places(where, needle):
        stop = at + len(needle) + rules.REACH
        for hit in pattern.finditer(
            text, max(done, at - rules.REACH), stop + 64
        ):  # 64: longer than any of these secrets
            start, end = hit.span()
            if start < stop and not digest_word.search(text[max(0, start - 24) : start]):
                yield Finding(form.rule, start, end)
        done = stop


def _names(text: str, low: str) -> Iterator[tuple[re.Match[str], str]]:
    """Names that say "secret", with a sign of assignment after them, and their line before them (80 characters)."""
    for stem in rules.STEMS:
        if stem not in low:
            continue
        match = _compiled(rules.NAME).match
        for at in _places(low, stem):
            if stem == "key" and not low[max(0, at - 16) : at].rstrip("_- ").endswith(rules.KEY_OWNERS):
                continue
            hit = match(text, at)
            if hit and not text.startswith("[secret:", at - 1):
                yield hit, text[max(text.rfind("\n", max(0, at - 80), at) + 1, at - 80, 0) : at]


def _kind(hit: re.Match[str]) -> str:
    word = hit["kind"].lower()
    return "password" if word.startswith("p") else word


def _by_name(text: str, low: str) -> Iterator[Finding]:
    for hit, before in _names(text, low):
        head = before.rstrip(rules.NAME_CHARACTERS)
        flag = before[len(head) :].startswith("--") or _compiled(r"\blogin[ \t]+\S+[ \t]+\Z").search(head)
        sep, at_line_start = hit["sep"], bool(_compiled(rules.LINE).match(head))
        if (sep is None and not flag) or (sep == "," and not hit["close"]):
            continue
        value = _compiled(rules.QUOTED).match(text, hit.end())
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
            value = _compiled(rules.WHOLE).match(text, hit.end()) if at_line_start and (exact or sep == ":") else None
            form = "line" if value or exact else "bare"
            value = value or _compiled(rules.BARE).match(text, hit.end())
            if value is None or value.groupdict().get("after") or _compiled(rules.CODE).match(value["s"]):
                continue
        if _is_secret(_kind(hit), before, value["s"], form):
            yield Finding(_kind(hit), *value.span("s"))


def _is_secret(kind: str, before: str, value: str, form: str) -> bool:
    """Does ``value``, written in ``form`` under a name of this ``kind`` that begins with ``before``, look secret?

    ``form``: ``quoted`` text, a whole ``line`` (env file, YAML), ``bare`` (flag, query, keyword) or ``listed`` (behind
    its name and a comma).
    """
    if _stands_for_value(value) or _compiled(rules.OPEN).match(value):
        return False
    digit, letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    symbol = not value.replace("_", "").replace(".", "").isalnum()
    if kind == "password":
        if _compiled(rules.PATH).match(value) or (" " in value and "passw" in value.lower()):
            return False
        if form == "quoted":
            return len(value) >= 3
        return len(value) >= (3 if form == "line" else 5) and (
            digit or symbol or (form == "line" and value.islower() and len(value) >= 6)
        )
    if " " in value or _compiled(rules.ENV_NAME).match(value) or _compiled(rules.PATH).match(value) or _is_wordy(value):
        return False
    if kind == "token" and _compiled(rules.COUNTING).search(before):
        return False
    named = kind != "token" or bool(_compiled(rules.AUTHORISING).search(before)) or before[-4:].isupper()
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
    return re.sub(r"[^a-z]", "", value.lower()) in rules.PLACEHOLDERS and not any(map(str.isdigit, value))


def _is_wordy(value: str) -> bool:
    return len(value) < 200 and all(_compiled(rules.WORD).fullmatch(part) for part in re.split(r"[_\-./:]", value))


def _entropy(value: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    counts = Counter(value[:4000]).values()
    total = sum(counts)
    return -sum(n / total * math.log2(n / total) for n in counts)


def _merge(found: Iterable[Finding]) -> list[Finding]:
    merged: list[Finding] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        if merged and item.start < merged[-1].end:
            if item.end > merged[-1].end:
                merged[-1] = merged[-1]._replace(end=item.end)
        else:
            merged.append(item)
    return merged
