"""The gate ``card``: the model card states what the model is for, and where it fails."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import NotFound
from ..card import FIELDS, FILE, figures_of, read_card
from ..context import Context
from ..gate import GateResult, failed, passed
from ..known_gates import gate


@dataclass(frozen=True)
class CardOptions:
    """The gate ``card`` has no options."""


@gate("card", "The model card is complete.", CardOptions)
def judge(context: Context) -> GateResult:
    """Judge by ``bioml-card.yaml``; its figures come from the run."""
    facts = context.facts
    try:
        card = read_card(facts.project.root, facts.version.name, figures_of(facts.record))
    except NotFound:
        return failed(f"There is no {FILE}.", f"Write one with: jupyter bioml gates --init. Then fill in {FILE}.")
    seen = {"fields": list(FIELDS), "problems": list(card.problems), "sha256": card.sha256}
    if card.problems:
        return failed(f"The card is not complete: {'; '.join(card.problems)}.", f"Fill in {FILE}.", **seen)
    return passed("The card is complete.", **seen, figures=card.figures)
