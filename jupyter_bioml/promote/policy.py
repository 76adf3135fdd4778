"""The policy: which gates an alias has, from ``bioml-policy.yaml`` in the project's root, else the built-in one.

Every key is checked: a policy with an unknown word is refused, because a misspelled gate would be an open gate.
Its digest is part of every event that is based on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotFound, Refused, UsageError
from ..text.present import printable
from .card import FILE as CARD_FILE
from .card import TEMPLATE as CARD_TEMPLATE
from .card import check_version
from .context import SECONDS, Gate
from .known_gates import built_in, known_gates
from .options import filled
from .register import check_names
from .yaml_text import Document, parse_yaml, quoted, read_yaml

FILE = "bioml-policy.yaml"
VERSION = 1
DEFAULT = Path(__file__).with_name(FILE)
BUILT_IN = "the built-in default"
#: Keys of every gate besides its options: what happens if the gate is not decidable;
UNDECIDABLE, ALLOW, REFUSE = "undecidable", "allow", "refuse"
#: and its time limit in seconds, and the longest one.
TIME_LIMIT, MOST_SECONDS = "time_limit", 86_400.0


@dataclass(frozen=True)
class GateRule:
    """One gate of an alias, with its options."""

    gate: Gate
    options: Any
    allow_undecidable: bool
    seconds: float = SECONDS
    """Its time limit."""


@dataclass(frozen=True)
class Policy:
    """The gates of each alias."""

    source: str
    """The file, or :data:`BUILT_IN`."""
    sha256: str
    """SHA-256 of the file's bytes."""
    aliases: dict[str, tuple[GateRule, ...]]
    text: str
    """The file's own."""

    def rules(self, alias: str) -> tuple[GateRule, ...]:
        """The gates of an alias.

        :raises Refused: the policy does not name it.
        """
        if alias not in self.aliases:
            raise Refused(
                f"The policy ({self.source}) has no alias {printable(alias)[:80]}, so its gates are unknown.",
                next=f"Known: {', '.join(self.aliases) or 'none'}. Add another one in {FILE}.",
            )
        return self.aliases[alias]

    @property
    def meanings(self) -> tuple[str, ...]:
        """Meanings of approvals that some alias requires."""
        wanted = [rule.options.required for rules in self.aliases.values() for rule in rules if _wants_people(rule)]
        return tuple(dict.fromkeys(meaning for one in wanted for meaning in one))


def _wants_people(rule: GateRule) -> bool:
    return rule.gate.name == "approval"


def load_policy(root: Path) -> Policy:
    """The policy of a project.

    :raises UsageError: naming the file, the line and what could stand there.
    :raises SchemaTooNew: a newer version wrote it.
    """
    try:
        return policy_of(read_yaml(root / FILE), str(root / FILE))
    except NotFound:
        return policy_of(parse_yaml(DEFAULT.read_bytes(), BUILT_IN), BUILT_IN)


def refuse_if_gated(root: Path, alias: str) -> None:
    """Refuse an alias of the project's own policy, because only promotions move it.

    A project without a policy file has asked for no gates: its aliases may be set by hand.

    :raises Refused: it is. UsageError: the policy cannot be read.
    """
    if (root / FILE).exists() and alias in load_policy(root).aliases:
        raise Refused(
            f"The alias {alias} has gates in {FILE}, so only a promotion can move it. Nothing was changed.",
            next=f"Write: jupyter bioml promote NAME@VERSION --to {alias}  (or rollback NAME --alias {alias})",
        )


def policy_of(document: Document, source: str) -> Policy:
    """The policy that a document holds."""
    value = document.value
    if not isinstance(value, dict):
        raise document.wrong((), "a policy starts with version and aliases", ("version", "aliases"))
    check_version(document, value, VERSION)
    for key in value:
        if key not in ("version", "aliases"):
            raise document.wrong((key,), f"a policy has no key {quoted(key)}", ("version", "aliases"))
    aliases = value.get("aliases")
    if not isinstance(aliases, dict) or not aliases:
        raise document.wrong(("aliases",), "aliases must hold at least one alias with its gates")
    gates = built_in()
    if not all(isinstance(value, dict) and value.keys() <= gates.keys() for value in aliases.values()):
        gates = known_gates()  # looks through all installed packages
    rules = {name: _rules(document, name, aliases[name], gates) for name in aliases}
    return Policy(source, document.sha256, rules, document.text)


def _rules(document: Document, alias: str, value: Any, gates: Mapping[str, Gate]) -> tuple[GateRule, ...]:
    place = ("aliases", alias)
    try:
        check_names("model", alias, {})
    except UsageError as error:
        raise document.wrong(place, error.message.rstrip(".")) from None
    if not isinstance(value, dict):
        raise document.wrong(place, f"{alias} must hold gates; write {{}} for an alias without gates", sorted(gates))
    return tuple(_rule(document, (*place, name), options, gates) for name, options in value.items())


def _rule(document: Document, place: tuple[str, ...], value: Any, gates: Mapping[str, Gate]) -> GateRule:
    name = place[-1]
    if name not in gates:
        raise document.wrong(place, f"there is no gate {quoted(name)}", sorted(gates))
    given = {} if value is None else value
    if not isinstance(given, dict):
        raise document.wrong(place, f"{name} must hold options, not {quoted(value)}")
    options = {key: item for key, item in given.items() if key not in (UNDECIDABLE, TIME_LIMIT)}
    said = given.get(UNDECIDABLE, REFUSE)
    if said not in (ALLOW, REFUSE):
        raise document.wrong((*place, UNDECIDABLE), f"{UNDECIDABLE} cannot be {quoted(said)}", (ALLOW, REFUSE))
    gate = gates[name]
    seconds = _seconds(document, given.get(TIME_LIMIT, gate.seconds), place)
    if gate.options is not None:
        return GateRule(gate, filled(gate.options, document, options, place), said == ALLOW, seconds)
    return GateRule(gate, options, said == ALLOW, seconds)


def _seconds(document: Document, value: Any, place: tuple[str, ...]) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MOST_SECONDS:
        where = f"{TIME_LIMIT} must be a number of seconds up to {MOST_SECONDS:g}, not {quoted(value)}"
        raise document.wrong((*place, TIME_LIMIT), where)
    return float(value)


def write_templates(root: Path) -> tuple[list[Path], list[Path]]:
    """Write the default policy and an empty card if they are missing; (written, left as they were).

    :raises UsageError: the folder cannot be written.
    """
    written, kept = [], []
    for name, text in ((FILE, DEFAULT.read_text(encoding="utf-8")), (CARD_FILE, CARD_TEMPLATE)):
        target = root / name
        try:
            with open(target, "x", encoding="utf-8") as file:
                file.write(text)
            written.append(target)
        except FileExistsError:
            kept.append(target)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from None
    return written, kept
