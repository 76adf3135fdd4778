"""Text without its secrets: the one owner of masking, which everything that is written passes.

Runs in the kernel on the source and the outputs of every cell, so a text without any tell-tale word costs substring
searches and no regular expression; patterns are compiled when their needle is first met. :mod:`.redact_rules` says
what secrets look like. The sinks: lines of every journal file (``journal/log.frame``), output notebooks
(``headless/masked_notebook``), what commands print (``cli/answer``), pages (``html/page``), JUnit (``batch/junit``),
the card (``records/card_html``), the audit log (``audit/log``) and MLflow (``store/mlflow_store``).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from typing import Any

from .redact_rules.screen import present
from .redact_rules.search import STEMS, find, is_secret, kind_of, merged, names_in, search

DEEPEST = 64
ROUNDS = 4
#: Fields that hold digests and our own random names.
IDENTITIES = frozenset(("run", "digest", "blob", "parent", "part_of", "commit"))
#: How many texts longer than so many characters are remembered: without secrets, as :func:`redact` returned them.
LATELY, LONG = 8, 200
_lately: tuple[str, ...] = ()
#: Of a longer one, texts that were looked at just now are not looked at again.
SHORT = 4096
#: A shorter text alone is never masked.
SHORTEST = 3
#: Set for the kernel of a batch: the environment variables, separated by commas, whose values are secret parameters.
SECRETS_VARIABLE = "BIOML_SECRETS"


def redact(text: str) -> str:
    """``text`` with every secret replaced by ``[secret:RULE]``; the same text when there is none. Idempotent."""
    global _lately
    if not text:
        return text
    if names := os.environ.get(SECRETS_VARIABLE):
        text = without_values(text, _secret_values(names))
    text = _masked(text, None)
    if len(text) > LONG:
        _lately = (text, *_lately[: LATELY - 1])
    return text


def _redacted(text: str, among: frozenset[str] | None) -> str:
    """:func:`redact`, where only the needles ``among`` occur (None: any)."""
    if among is None:
        return redact(text)
    low = text.lower()
    return text if all(needle not in low and needle not in text for needle in among) else _masked(text, among)


def _masked(text: str, among: frozenset[str] | None) -> str:
    for _ in range(ROUNDS):  # a mask is shorter than its secret, so that another one can come near a tell-tale word
        found = find(text) if among is None else merged(search(text, among))
        if not found:
            break
        parts: list[str] = []
        done = 0
        for item in found:
            parts += (text[done : item.start], f"[secret:{item.rule}]")
            done = item.end
        text = "".join((*parts, text[done:]))
    return text


def is_plain_json(text: str) -> bool:
    """True if a short JSON text surely has no secret, so that no text in it needs to be looked at by itself.

    What JSON writes in another way (quotes, line ends, colours) is in no needle; a colour hides one.
    """
    if len(text) > SHORT or "\\u001b[" in text or os.environ.get(SECRETS_VARIABLE):
        return False
    return not present(text)


def redact_written(value: Any) -> Any:
    """``value`` as :func:`redact_value` has it, for writers of many small texts; the same object if nothing is found.

    One look at all texts together is much quicker than one at each; a long one that :func:`redact` has just returned
    is not looked at again.
    """
    texts: list[str] = []
    _texts(value, texts, 0)
    together = "\n".join(texts)
    if "\x1b[" in together or os.environ.get(SECRETS_VARIABLE):
        return redact_value(value)
    met = present(together)
    return _redact_value(value, frozenset(met), 0) if met else value


def _texts(value: Any, found: list[str], depth: int) -> None:
    """All texts in ``value`` that may have to be masked, keys included, down to where :func:`redact_value` goes."""
    if isinstance(value, str):
        if len(value) <= LONG or not any(value is known for known in _lately):
            found.append(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                found.append(key)
            kind = item.__class__
            if kind is str and len(item) <= LONG:
                if key not in IDENTITIES or not (item.isalnum() and item.islower()):
                    found.append(item)
            elif kind is not float and kind is not int and item is not None and depth < DEEPEST:
                _texts(item, found, depth + 1)
    elif isinstance(value, (list, tuple)) and depth < DEEPEST:
        for item in value:
            _texts(item, found, depth + 1)


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


def redact_value(value: Any) -> Any:
    """``value`` with :func:`redact` applied to every text in its dicts, lists and tuples, keys included.

    A text under a secret's name (``{"password": "x"}``) is masked as its assignment would be.
    """
    return _redact_value(value, None, 0)


def _redact_value(value: Any, among: frozenset[str] | None, depth: int) -> Any:
    """:func:`redact_value`, where only the needles ``among`` occur (None: any)."""
    if isinstance(value, str):
        return _redacted(value, among) if len(value) >= SHORTEST else value
    if not isinstance(value, (dict, list, tuple)):
        return value
    if depth >= DEEPEST:
        return f"[cut: nested deeper than {DEEPEST} levels]"
    if isinstance(value, dict):
        return {
            _redacted(key, among) if isinstance(key, str) else key: _redact_item(key, item, among, depth)
            for key, item in value.items()
        }
    items = [_redact_value(item, among, depth + 1) for item in value]
    return items if isinstance(value, list) else tuple(items)


def _redact_item(key: object, item: Any, among: frozenset[str] | None, depth: int) -> Any:
    if isinstance(key, str) and isinstance(item, str) and item and (among is None or not STEMS.isdisjoint(among)):
        name = f"{key[-100:]}="
        for hit, head in names_in(name, name.lower()):
            kind = kind_of(hit)
            if hit.end() == len(name) and is_secret(kind, head, item, "quoted"):
                return f"[secret:{kind}]"
    return _redact_value(item, among, depth + 1)
