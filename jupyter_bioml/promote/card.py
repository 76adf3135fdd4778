"""The model card: what people must state about a model (``bioml-card.yaml``), and the figures from the run itself.

The file holds what holds for every model of the project; what differs stands below ``models: NAME:``. ``TODO``
counts as missing. In a text ``{metric.NAME}`` stands for the run's last value of that metric, or for the value that the
run computed under that name, so that no figure is copied by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SchemaTooNew
from ..records.run import RunRecord
from ..store.base import VERDICT, StoredRun, StoredVersion
from ..text.present import format_number, printable
from .yaml_text import Document, quoted, read_yaml

FILE = "bioml-card.yaml"
VERSION = 1
#: Field → what is asked for.
FIELDS = {
    "intended_use": "What the model is for: the question, the users, the setting.",
    "out_of_scope": "What it must not be used for.",
    "data": "What it was trained and tested on: source, population, period, known gaps.",
    "owner": "Who is responsible for it, and how to reach them.",
    "limits": "Known and suspected limitations.",
}
_TODO = re.compile(r"\bTODO\b", re.IGNORECASE)
_FIGURE = re.compile(r"\{metric\.([^{}\n]{1,250})\}")
TEMPLATE = (
    """\
# The model card. Replace every TODO: the gate "card" counts a TODO as missing.
# {metric.NAME} in a text becomes the run's last value of that metric, or its value of that name, e.g. {metric.auc}.
version: 1
"""
    + "".join(f"\n# {text}\n{name}: TODO\n" for name, text in FIELDS.items())
    + """
# What differs for one model (name as registered):
# models:
#   diagnosis:
#     intended_use: ...
"""
)


@dataclass(frozen=True)
class Card:
    """The card of one model: its texts, and what is missing."""

    texts: dict[str, str]
    problems: tuple[str, ...]
    figures: dict[str, float]
    """Metrics and values named in the texts."""
    sha256: str
    """The file's digest."""


def figures_of(record: RunRecord) -> dict[str, float]:
    """What a card's texts may name: the run's values that are numbers, and its metrics, which come first."""
    values = record.values.items()
    numbers = {name: value for name, value in values if isinstance(value, (int, float)) and not isinstance(value, bool)}
    return {**numbers, **record.latest()}


def read_card(root: Path, model: str, known: Mapping[str, float]) -> Card:
    """A model's card, with its figures filled in.

    :param known: the run's figures (:func:`figures_of`).
    :raises NotFound: there is no card file.
    :raises UsageError: the file is wrong, naming the line. SchemaTooNew: a newer version wrote it.
    """
    document = read_yaml(root / FILE)
    given = _checked(document)
    own = (given.get("models") or {}).get(model) or {}
    texts, problems, figures = {}, [], {}
    for name in FIELDS:
        text = str(own.get(name) or given.get(name) or "").strip()
        if not text:
            problems.append(f"{name} is missing")
        elif _TODO.search(text):
            problems.append(f"{name} is still TODO")
        for figure in _FIGURE.findall(text):
            if figure in known:
                figures[figure] = known[figure]
            else:
                what = printable(figure)[:80]
                problems.append(f"{name} names the metric {what}, and the run has neither a metric nor a value {what}")
        texts[name] = _FIGURE.sub(lambda hit: format_number(known[hit[1]]) if hit[1] in known else hit[0], text)
    return Card(texts, tuple(problems), figures, document.sha256)


def _checked(document: Document) -> dict[str, Any]:
    value = document.value if document.value is not None else {}
    if not isinstance(value, dict):
        raise document.wrong((), "a card is a list of names and texts")
    check_version(document, value, VERSION)
    _check_texts(document, value, (), ("version", "models"))
    models = value.get("models") or {}
    if not isinstance(models, dict):
        raise document.wrong(("models",), "models must hold names of models and their texts")
    for name, texts in models.items():
        if not isinstance(texts, dict):
            raise document.wrong(("models", name), f"{quoted(name)} must hold texts")
        _check_texts(document, texts, ("models", name), ())
    return value


def _check_texts(document: Document, value: dict[str, Any], place: tuple[str, ...], also: tuple[str, ...]) -> None:
    for key, text in value.items():
        if key in also:
            continue
        if key not in FIELDS:
            raise document.wrong((*place, key), f"a card has no field {quoted(key)}", (*FIELDS, *also))
        if text is not None and not isinstance(text, (str, int, float)):
            raise document.wrong((*place, key), f"{key} must be a text")


def check_version(document: Document, value: Mapping[str, Any], newest: int) -> None:
    """The ``version`` of a policy or card file.

    :raises UsageError: it is missing or not a whole number. SchemaTooNew: it is above ``newest``.
    """
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise document.wrong(("version",), f"version must be {newest}, not {quoted(version)}")
    if version > newest:
        raise SchemaTooNew(
            f"{document.name} has version {version}; this jupyter-bioml reads up to {newest}.",
            next="Update jupyter-bioml.",
        )


def filled(card: Card, version: StoredVersion, run: StoredRun, record: RunRecord) -> dict[str, Any]:
    """The whole card of a version: people's statements and the run's figures."""
    read = [use for use in record.data if use.role != "written"]
    return {
        "version": VERSION,
        "model": version.name,
        "model_version": version.version,
        "run_id": version.run_id,
        **card.texts,
        "numbers": {
            "metrics": record.latest(),
            "data": [{"name": use.name, "digest": use.digest, "rows": use.rows, "size": use.size} for use in read],
            "test_rows": {table.name: table.rows for table in record.predictions},
            "model_class": record.model.class_name if record.model is not None else None,
            "commit": record.git.commit if record.git is not None else None,
            "environment": record.environment.digest if record.environment is not None else None,
            "verdict": run.tags.get(VERDICT),
        },
        "card_sha256": card.sha256,
    }
