"""Conditions on runs in MLflow's filter language, for its client and its REST interface."""

from __future__ import annotations

from collections.abc import Mapping

from .base import PARTS, RECORD_ID

#: The order in which runs are asked for.
NEWEST_FIRST = "attributes.start_time DESC"


def run_filters(prefix: str | None, name: str | None, tags: Mapping[str, str], ours: bool) -> list[str]:
    """Filters that together find the runs of these conditions (MLflow has no OR); none: there can be no such run.

    Values that the language cannot express are left out: the caller checks ``name`` and ``tags`` in what it gets.
    """
    conditions = [f"tags.`{RECORD_ID}` LIKE '%'"] if ours else []
    conditions += [f"tags.`{key}` = {text}" for key, value in tags.items() if (text := quoted(value))]
    if name is not None and (text := quoted(name)):
        conditions.append(f"attributes.run_name = {text}")
    return [" AND ".join([*conditions, *more]) for more in _beginning(prefix)]


def _beginning(prefix: str | None) -> list[list[str]]:
    """Alternatives: the run's id, its record's, that of a part."""
    if prefix is None:
        return [[]]
    if not may_begin_an_id(prefix):
        return []
    return [
        [f"attributes.run_id LIKE '{prefix}%'"],
        [f"tags.`{RECORD_ID}` LIKE '{prefix}%'"],
        [f"tags.`{PARTS}` LIKE '{prefix}%'"],
        [f"tags.`{PARTS}` LIKE '% {prefix}%'"],
    ]


def may_begin_an_id(prefix: str) -> bool:
    """Whether it has no other characters than ids have."""
    return prefix.isalnum() and prefix.isascii()


def quoted(value: str) -> str | None:
    """``value`` as a literal of MLflow's filter language; None when it has no way to say it."""
    if "\\" in value or not value.isprintable():
        return None
    return next((f"{quote}{value}{quote}" for quote in "'\"" if quote not in value), None)
