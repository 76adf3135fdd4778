"""The evidence for a promotion, as files of the version's run and as digests in its event."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..canonical import bytes_digest, jsonable
from ..errors import BiomlError
from ..store.base import FOLDER
from ..text.present import format_number, printable
from .answers import PromotionOutcome
from .card import FIELDS, FILE, figures_of, filled, read_card
from .context import SECONDS
from .facts import Facts
from .gate import Undecided
from .limited import within
from .policy import Policy

PROMOTIONS, CARD_JSON, CARD_TEXT = f"{FOLDER}/promotions", f"{FOLDER}/card.json", f"{FOLDER}/card.md"


@dataclass(frozen=True)
class PromotionEvidence:
    """Files (path in the run → content), and their digests in the event."""

    model_sha256: str | None
    details: dict[str, Any]
    files: dict[str, bytes]
    notes: tuple[str, ...] = field(default=())


def evidence_of(facts: Facts, policy: Policy, answer: PromotionOutcome) -> PromotionEvidence:
    """The policy's text, every gate's answer and the filled card; missing parts are named."""
    notes, files = [], {}
    gates = _document({**answer.as_json(), "policy_text": policy.text})
    gates_sha256 = bytes_digest(gates)
    files[f"{PROMOTIONS}/{gates_sha256[:32]}.json"] = gates
    details: dict[str, Any] = {"policy_sha256": policy.sha256, "gates_sha256": gates_sha256}
    try:
        model_sha256: str | None = within(SECONDS, lambda: facts.model_sha256)
    except (BiomlError, OSError) as error:
        model_sha256 = None
        notes.append(f"The digest of the model's files is unknown: {error}")
    card = _card(facts)
    if card is not None:
        files[CARD_JSON] = _document(card)
        files[CARD_TEXT] = card_text(card).encode("utf-8", "backslashreplace")
        details["card_sha256"] = bytes_digest(files[CARD_JSON])
    return PromotionEvidence(model_sha256, details, files, tuple(notes))


def _card(facts: Facts) -> dict[str, Any] | None:
    """The filled card; None when there is none, or it is not complete."""

    def found() -> dict[str, Any] | None:
        record = facts.record
        card = read_card(facts.project.root, facts.version.name, figures_of(record))
        return None if card.problems else filled(card, facts.version, facts.run, record)

    try:
        return within(SECONDS, found)
    except (BiomlError, Undecided):
        return None


def card_text(card: dict[str, Any]) -> str:
    """The filled card as Markdown."""
    lines = [f"# {_plain(card['model'])} version {card['model_version']}", ""]
    for name in FIELDS:
        lines += [f"## {name.replace('_', ' ').capitalize()}", "", _plain(card[name], keep_lines=True), ""]
    numbers = card["numbers"]
    lines += ["## Numbers of the run", "", f"MLflow run {card['run_id']}; verdict {numbers['verdict'] or 'none'}.", ""]
    lines += [f"- {_plain(key)}: {format_number(value)}" for key, value in sorted(numbers["metrics"].items())]
    lines += [f"- data {_plain(item['name'])}: {item['digest'] or 'no digest'}" for item in numbers["data"]]
    lines += [f"- test rows {_plain(name)}: {rows:,}" for name, rows in numbers["test_rows"].items()]
    return "\n".join(lines) + f"\n\nFrom {FILE} (SHA-256 {card['card_sha256']}) and the run's record.\n"


def _plain(text: str, *, keep_lines: bool = False) -> str:
    """Text that cannot become Markdown markup."""
    shown = "\n".join(map(printable, text.splitlines())) if keep_lines else printable(text)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _document(value: Any) -> bytes:
    return (json.dumps(jsonable(value), indent=1, sort_keys=True) + "\n").encode()
