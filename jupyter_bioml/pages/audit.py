"""The audit log as lines of text: the result of verifying it, its events, its anchors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..text.present import counted, printable

if TYPE_CHECKING:
    from ..audit.anchors import Anchored
    from ..audit.event import Event
    from ..audit.mlflow_copy import ChainKnown
    from ..audit.project import Checked, Events
    from ..audit.signing import KeyMade

_VALUE = 200


def verified(checked: Checked) -> Iterator[str]:
    """The answer of ``audit verify``."""
    found = checked.verification
    if found.problem is not None:
        yield f"✗ {found.problem.kind}, event {found.problem.seq}: {printable(found.problem.message)}"
        yield f"  Intact before it: {counted(found.count, 'event')}. Leave the file as it is."
    elif found.chain is None:
        yield "✓ This project has no audit log yet."
    else:
        yield f"✓ {counted(found.count, 'event')} intact: chain {found.chain}, head {(found.head or '')[:16]}"
    if found.anchored_up_to is not None:
        yield f"  anchored up to event {found.anchored_up_to} ({printable(found.anchored_in or '')})"
    elif found.count:
        yield "  not anchored: deleted events at the end could not be detected. Anchor it: bioml audit anchor"
    if found.signed:
        yield f"  {counted(found.signed, 'good signature')}"
    yield from (f"⚠ {printable(note)}" for note in found.notes)
    if checked.joined is not None:
        yield from (f"✗ {printable(problem)}" for problem in checked.joined.problems)
        yield f"  MLflow knows of {counted(len(checked.joined.chains), 'chain')}"
        yield from map(_chain, checked.joined.chains)


def _chain(item: ChainKnown) -> str:
    where = "of this folder" if item.here else "of another folder"
    text = f"chain {item.chain} ({where}): {item.copies} of its events kept, known up to event {item.last_known}"
    if item.missing is None:
        return f"  {text}"
    first, last = item.missing
    tail = f"event {first}" if first == last else f"events {first} to {last}"
    return f"{'✗' if item.here else '⚠'} {text}; its tail is missing: {tail}"


def events(found: Events) -> Iterator[str]:
    """The answer of ``audit show``."""
    if not found.events:
        yield "No events." if found.total == 0 else f"No events shown, of {found.total}."
        return
    for event in found.events:
        yield from _event(event)
    if len(found.events) < found.total:
        yield f"The newest {len(found.events)} of {found.total}; all of them: bioml audit show -n {found.total}"


def _event(event: Event) -> Iterator[str]:
    who = f"{printable(event.actor_name)} ({printable(event.actor_id)}, {printable(event.auth_method)})"
    what = f"{printable(event.action)} {printable(event.object_type)} {printable(event.object_id)}"
    signed = f"  signed {event.key_id}" if event.key_id else ""
    yield f"{event.seq:>5}  {event.ts_utc[:19].replace('T', ' ')} UTC  {who}  {what}{signed}"
    if event.old is not None or event.new is not None:
        yield f"       {_value(event.old)} → {_value(event.new)}"
    if event.meaning is not None:
        yield f"       meaning: {printable(event.meaning)}, by {printable(event.printed_name or '')}"
    for text in filter(None, (event.statement, event.reason)):
        yield f"       “{printable(text)}”"


def _value(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}…"


def anchored(done: Anchored) -> Iterator[str]:
    """The answer of ``audit anchor``."""
    sign = "✓" if done.places else "✗"
    yield f"{sign} event {done.head.seq} of chain {done.head.chain}, {done.head.hash[:16]}"
    yield from (f"  anchored in {printable(place)}" for place in done.places)
    yield from (f"⚠ not anchored in {printable(reason)}" for reason in done.failed)


def key_made(made: KeyMade) -> Iterator[str]:
    """The answer of ``audit keygen``."""
    yield f"✓ key {made.key_id}"
    private = printable(str(made.private))
    yield f"  private: {private}; keep it secret, and sign with: export BIOML_AUDIT_KEY={private}"
    yield f"  public:  {printable(str(made.public))}; commit it"
