"""Tampering with every event of a log in every way, and what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.audit.anchors import Anchor, anchor_of
from jupyter_bioml.audit.event import encode, event_hash
from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.audit.signing import VARIABLE, PublicKeys, make_key, project_keys, read_public_keys
from jupyter_bioml.audit.tail import ENDED
from jupyter_bioml.audit.verify import Verification, verify
from jupyter_bioml.errors import JournalError, Refused, UsageError

COUNT = 8
Lines = list[bytes]


@pytest.fixture
def filled(log: AuditLog) -> AuditLog:
    for number in range(1, COUNT + 1):
        log.append("promote", "model", f"diagnosis/{number}", old=number - 1, new=number)
    return log


def read(log: AuditLog) -> Lines:
    assert log.path is not None
    return log.path.read_bytes().splitlines(keepends=True)


def tampered(log: AuditLog, lines: Lines, **more: Any) -> Verification:
    assert log.path is not None
    log.path.write_bytes(b"".join(lines))
    return verify(log, **more)


def changed(line: bytes, *, rehash: bool = False, **fields: Any) -> bytes:
    document = json.loads(line) | fields
    if rehash:
        document["hash"] = event_hash(document)
    return encode(document)


def edit(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], changed(lines[n - 1], actor_id="mallory"), *lines[n:]]


def edit_and_rehash(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], changed(lines[n - 1], actor_id="mallory", rehash=True), *lines[n:]]


def edit_with_another_writer(lines: Lines, n: int) -> Lines:
    """As a script does that reads and writes JSON."""
    line = json.dumps(json.loads(lines[n - 1]) | {"new": 77}).encode() + b"\n"
    return [*lines[: n - 1], line, *lines[n:]]


def only_reformat(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], json.dumps(json.loads(lines[n - 1])).encode() + b"\n", *lines[n:]]


def delete(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], *lines[n:]]


def delete_two(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], *lines[n + 1 :]]


def insert_forged(lines: Lines, n: int) -> Lines:
    """A line that looks right at its place, before event n; the rest is left as it was."""
    forged = changed(lines[n - 1], action="approve", actor_id="mallory", rehash=True)
    return [*lines[: n - 1], forged, *lines[n - 1 :]]


def insert_crude(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], changed(lines[n - 1], action="approve"), *lines[n - 1 :]]


def insert_copy(lines: Lines, n: int) -> Lines:
    """A copy of another event of the same chain."""
    return [*lines[: n - 1], lines[(n + 3) % COUNT], *lines[n - 1 :]]


def insert_and_renumber(lines: Lines, n: int) -> Lines:
    forged = changed(lines[n - 1], actor_id="mallory", rehash=True)
    return [*lines[: n - 1], forged, *(changed(line, seq=json.loads(line)["seq"] + 1) for line in lines[n - 1 :])]


def swap(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], lines[n], lines[n - 1], *lines[n + 1 :]]


def move_to_end(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], *lines[n:], lines[n - 1]]


def garble(lines: Lines, n: int) -> Lines:
    return [*lines[: n - 1], b"\x00\xff garbage\n", *lines[n:]]


TAMPERS: list[tuple[Callable[[Lines, int], Lines], str, range]] = [
    (edit, "altered", range(1, COUNT + 1)),
    (edit_and_rehash, "altered", range(1, COUNT)),
    (edit_with_another_writer, "altered", range(1, COUNT + 1)),
    (only_reformat, "altered", range(1, COUNT + 1)),
    (delete, "deleted", range(1, COUNT)),
    (delete_two, "deleted", range(1, COUNT - 1)),
    (insert_forged, "inserted", range(1, COUNT + 1)),
    (insert_crude, "inserted", range(1, COUNT + 1)),
    (insert_copy, "inserted", range(1, COUNT + 1)),
    (insert_and_renumber, "inserted", range(1, COUNT + 1)),
    (swap, "reordered", range(1, COUNT)),
    (move_to_end, "reordered", range(1, COUNT)),
    (garble, "unreadable", range(1, COUNT + 1)),
]


@pytest.mark.parametrize(("tamper", "kind", "places"), TAMPERS, ids=[item[0].__name__ for item in TAMPERS])
def test_tampering_is_found_at_its_event(
    filled: AuditLog, tamper: Callable[[Lines, int], Lines], kind: str, places: range
) -> None:
    lines = read(filled)
    for n in places:
        found = tampered(filled, tamper(lines, n))
        assert not found.ok and found.problem is not None
        assert (found.problem.kind, found.problem.seq) == (kind, n), found.problem.message
        assert found.count == n - 1, "what is before it is sound"
    assert tampered(filled, lines).ok


def test_a_healthy_log(filled: AuditLog) -> None:
    head = filled.head()
    assert head is not None
    found = verify(filled)
    assert (found.ok, found.count, found.head, found.anchored_up_to) == (True, COUNT, head.hash, None)
    fifth = anchor_of(filled.events()[4], "a tag")
    found = verify(filled, [fifth, anchor_of(filled.events()[1], "a note")])
    assert (found.ok, found.anchored_up_to, found.anchored_in) == (True, 5, "a tag")
    assert json.loads(json.dumps(found.as_json()))["anchored_up_to"] == 5


def test_a_log_that_is_not_there(log: AuditLog) -> None:
    found = verify(log)
    assert (found.ok, found.chain, found.count) == (True, None, 0)


def test_truncation_needs_an_anchor(filled: AuditLog) -> None:
    lines, events = read(filled), filled.events()
    assert tampered(filled, lines[:5]).ok, "the chain itself cannot show it"
    found = verify(filled, [anchor_of(events[2], "a tag"), anchor_of(events[6], "a note")])
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("truncated", 6)
    assert "Events 6 to 7 are missing" in found.problem.message and found.anchored_up_to == 3


def test_a_chain_written_anew_needs_an_anchor(filled: AuditLog) -> None:
    events, lines = filled.events(), read(filled)
    forged, before = lines[:3], events[2].hash
    for line in lines[3:]:
        forged.append(changed(line, actor_id="mallory", prev=before, rehash=True))
        before = json.loads(forged[-1])["hash"]
    assert tampered(filled, forged).ok
    found = verify(filled, [anchor_of(events[2], "a tag"), anchor_of(events[5], "a note")])
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("altered", 4)
    assert "events 4 to 6" in found.problem.message and "a note" in found.problem.message


def test_an_anchor_tells_which_of_two_was_altered(filled: AuditLog) -> None:
    """The last event, given a new hash and another predecessor: nothing behind it tells whether it or the one before."""
    events, lines = filled.events(), read(filled)
    lines[-1] = changed(lines[-1], prev="e" * 64, rehash=True)
    found = tampered(filled, lines, anchors=[anchor_of(events[-2], "a tag")])
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("altered", COUNT)


def test_events_of_another_chain(filled: AuditLog, tmp_path: Path) -> None:
    other = AuditLog(tmp_path / "other")
    for number in range(COUNT):
        other.append("approve", "model", str(number))
    lines, pasted = read(filled), read(other)
    found = tampered(filled, [*lines[:3], pasted[3], *lines[3:]])
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("inserted", 4)
    assert "another chain" in found.problem.message
    found = tampered(filled, pasted)
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("inserted", 1)


def test_a_torn_line_is_no_tampering(filled: AuditLog) -> None:
    lines = read(filled)
    found = tampered(filled, [*lines, lines[0][:50]])
    assert found.ok and found.count == COUNT and "torn by a crash" in found.notes[0]
    filled.append("after", "model", "1")
    found = verify(filled)
    assert found.ok and found.count == COUNT + 2 and "declared" in found.notes[0]
    repaired = read(filled)
    assert repaired[COUNT].startswith(lines[0][:50]), "its bytes are kept"
    repaired[COUNT] = repaired[COUNT].replace(b"acti", b"ACTI")
    found = tampered(filled, repaired)
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("unreadable", COUNT + 2)


def test_a_missing_file_of_this_folder(filled: AuditLog) -> None:
    event = filled.events()[-1]
    elsewhere = Anchor("f" * 32, 3, "a" * 64, "0" * 16, "a tag")
    assert filled.path is not None
    path = filled.path
    ended = path.with_name(path.name.removesuffix(".jsonl") + ENDED)
    path.rename(ended)
    assert verify(filled, [anchor_of(event, "a tag"), elsewhere]).ok, "it was ended by hand, and is there"
    ended.unlink()
    found = verify(filled, [anchor_of(event, "a tag"), elsewhere])
    assert found.problem is not None and found.problem.kind == "missing" and event.chain in found.problem.message
    filled.append("promote", "model", "1")
    found = verify(filled, [anchor_of(event, "a tag"), elsewhere])
    assert found.problem is not None and found.problem.kind == "missing", "a new chain does not hide it"
    assert verify(filled, [elsewhere]).ok, "another folder's chain is no concern of this one"


def test_a_clock_that_was_set_back_is_noted(filled: AuditLog) -> None:
    lines = read(filled)[:1]
    document = json.loads(lines[0])
    late = {"seq": 2, "prev": document["hash"], "ts_utc": "2001-01-01T00:00:00.000000Z"}
    found = tampered(filled, [*lines, changed(lines[0], rehash=True, **late)])
    assert found.ok and "clock" in found.notes[0]


# -- signatures ------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublicKeys:
    """A configured key; returns its public half."""
    make_key(tmp_path / "key.pem", tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "key.pem"))
    return read_public_keys(project_keys(tmp_path))


def test_signatures(log: AuditLog, key: PublicKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        log.append("approve", "model", str(number))
    event = log.events()[1]
    assert event.key_id in key and event.signature
    found = verify(log, keys=key)
    assert found.ok and found.signed == 3 and found.notes == ()
    found = verify(log)
    assert found.ok and found.signed == 0 and "3 signatures were not checked" in found.notes[0]
    monkeypatch.delenv(VARIABLE)
    log.append("approve", "model", "4")
    found = verify(log, keys=key)
    assert found.ok and found.notes == ("Event 4 is not signed, after signed ones.",)


def test_a_forged_signature(log: AuditLog, key: PublicKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        log.append("approve", "model", str(number))
    lines = read(log)
    moved = json.loads(lines[0])["signature"]
    for signature in (moved, "", "AAAA", "é"):
        found = tampered(log, [*lines[:2], changed(lines[2], signature=signature), lines[3]], keys=key)
        assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("bad-signature", 3)
    bare = json.loads(lines[2])
    del bare["signature"]
    found = tampered(log, [*lines[:2], encode(bare), lines[3]], keys=key)
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("bad-signature", 3)
    tampered(log, lines)
    make_key(tmp_path / "mallory.pem", tmp_path / "audit")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mallory.pem"))
    log.append("approve", "model", "5")
    found = verify(log, keys=key)
    assert found.problem is not None and (found.problem.kind, found.problem.seq) == ("unknown-key", 5)


def test_a_key_that_cannot_be_used_stops_the_append(
    log: AuditLog, key: PublicKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is to be signed is never continued unsigned."""
    file = tmp_path / "key.pem"
    log.append("approve", "model", "1")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="read by others") as error:
        log.append("approve", "model", "2")
    assert error.value.next == f"Run: chmod 600 {file}"
    file.chmod(0o600)
    with pytest.raises(Refused, match="exists"):
        make_key(file, tmp_path)
    for content, why in ((b"nonsense", "not a private key"), (RSA_PUBLIC, "not a private key")):
        file.write_bytes(content)
        with pytest.raises(UsageError, match=why):
            log.append("approve", "model", "2")
    for command, why in (
        (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "not an Ed25519 key"),
        (["genpkey", "-algorithm", "ED25519", "-aes-128-cbc", "-pass", "pass:x"], "passphrase"),
    ):
        file.write_bytes(subprocess.run(["openssl", *command], capture_output=True, check=True).stdout)
        with pytest.raises(UsageError, match=why):
            log.append("approve", "model", "2")
    file.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        log.append("approve", "model", "2")
    assert len(log.events()) == 1


RSA_PUBLIC = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"


def test_a_key_of_openssl_and_a_file_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = tmp_path / "key.pem", tmp_path / "key.pub.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    private.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(private))
    log = AuditLog(tmp_path / "audit")
    log.append("approve", "model", "1")
    assert verify(log, keys=read_public_keys([public])).signed == 1
    with pytest.raises(UsageError, match=r"key\.pem is not an Ed25519 public key"):
        read_public_keys([private])


def test_an_unsigned_log_needs_no_cryptography(filled: AuditLog) -> None:
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from pathlib import Path; from jupyter_bioml.audit.log import AuditLog; from jupyter_bioml.audit.verify import verify\n"
        "log = AuditLog(Path(sys.argv[1])); log.append('one', 'thing', '1'); assert verify(log).ok\n"
        "assert 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(filled.folder)], check=True)


def test_two_chains_cannot_be_verified(filled: AuditLog) -> None:
    (filled.folder / "00.jsonl").write_bytes(b"")
    with pytest.raises(JournalError, match="2 chains"):
        verify(filled)
