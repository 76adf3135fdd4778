"""Appending: what an event holds, what a crash, a full disk or a second writer leaves."""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from jupyter_bioml.audit.actor import OS_USER, Actor
from jupyter_bioml.audit.event import NO_EVENT, decode, encode, event_hash
from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.audit.tail import ENDED, TORN
from jupyter_bioml.audit.verify import verify
from jupyter_bioml.canonical import digest
from jupyter_bioml.config import find_project
from jupyter_bioml.errors import JournalError, UsageError

ADA = Actor("ada", "Ada Lovelace", OS_USER)


def test_an_event_has_every_field_and_binds_the_one_before(log: AuditLog) -> None:
    first = log.append("promote", "model", "diagnosis/3", old={"alias": None}, new={"alias": "champion"}, actor=ADA)
    second = log.append("rollback", "model", "diagnosis/3", reason="worse on site B", object_sha256="ab" * 32)
    assert (first.seq, first.prev, second.seq, second.prev) == (1, NO_EVENT, 2, first.hash)
    assert first.chain == second.chain and len(first.chain) == 32
    assert (first.actor_id, first.actor_name, first.auth_method) == ("ada", "Ada Lovelace", "os-user")
    assert first.old == {"alias": None} and first.new == {"alias": "champion"}
    assert first.host == os.uname().nodename and first.session.endswith(f"/{os.getpid()}")
    assert first.ts_utc.endswith("Z") and first.tz[0] in "+-" and first.software_version
    assert log.events() == (first, second)
    head = log.head()
    assert head is not None and (head.chain, head.seq, head.hash) == (second.chain, 2, second.hash)


def test_the_hash_is_that_of_the_canonical_json_without_hash(log: AuditLog) -> None:
    """As somebody without this package would compute it from a line of the file."""
    event = log.append("approve", "model", "modèle/1", new=float("nan"), reason="\u202e<b>\x00", actor=ADA)
    assert log.path is not None
    line = json.loads(log.path.read_text(encoding="ascii"))
    del line["hash"]
    assert digest(line) == event.hash == event_hash(event.as_json())
    assert b"\x00" not in log.path.read_bytes() and b"\xe2" not in log.path.read_bytes(), "harmless when printed"


def test_values_that_look_like_the_events_own_fields(log: AuditLog) -> None:
    """A member of the same name and text inside a value is covered by the hash as every other text is."""
    first = log.append("promote", "model", "1", old={"a": 1, "hash": "x", "signature": "y"}, new='{"a":1,"hash":"z"}')
    again = log.append("promote", "model", "2", old={"a": 1, "hash": first.hash}, reason='back\\slash, "quotes", é')
    assert log.path is not None
    lines = log.path.read_bytes().splitlines()
    assert all(decode(line).sound for line in lines)
    for old, new in ((b'"hash":"x"', b'"hash":"X"'), (b'"signature":"y"', b'"signature":"Y"')):
        assert not decode(lines[0].replace(old, new)).sound
    document = again.as_json() | {"old": {"a": 1, "hash": again.hash}}
    assert not decode(encode(document)[:-1]).sound, "the same member twice"


def test_secrets_are_masked(log: AuditLog) -> None:
    token = "ghp_" + "a1B2" * 9
    log.append("override", "model", "m/1", old={"password": "hunter2!x"}, reason=f"used {token}", statement=token)
    assert log.path is not None
    text = log.path.read_text(encoding="ascii")
    assert token not in text and "hunter2" not in text and "[secret:" in text


def test_a_meaning_names_who_means_it(log: AuditLog) -> None:
    event = log.append("approve", "model", "m/1", meaning="approval", record_sha256="cd" * 32, actor=ADA)
    assert (event.printed_name, event.meaning, event.components_used) == ("Ada Lovelace", "approval", ("os-user",))
    assert log.events()[0] == event and asdict(event)["record_sha256"] == "cd" * 32


def test_two_processes_at_once(log: AuditLog) -> None:
    """Also the very first events: both start with no folder, and one chain comes of it."""
    code = (
        "import sys; from pathlib import Path; from jupyter_bioml.audit.log import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1])); sys.stdin.readline()\n"
        "for i in range(25): log.append('test', 'thing', f'{sys.argv[2]}-{i}')\n"
    )
    command = [sys.executable, "-c", code, str(log.folder)]
    both = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in ("a", "b")]
    for process in both:
        process.communicate(b"go\n")
        assert process.returncode == 0
    events = log.events()
    assert {event.object_id for event in events} == {f"{name}-{i}" for name in "ab" for i in range(25)}
    assert [event.seq for event in events] == list(range(1, 51))
    assert all(after.prev == before.hash for before, after in itertools.pairwise(events))


def test_a_writer_that_is_killed_loses_nothing_it_was_told_is_kept(log: AuditLog) -> None:
    code = (
        "import sys; from pathlib import Path; from jupyter_bioml.audit.log import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "while True: print(log.append('test', 'thing', '1').hash, flush=True)\n"
    )
    told: list[str] = []
    for count in (1, 4, 9):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(log.folder)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            told += [writer.stdout.readline().strip() for _ in range(count)]
            writer.kill()
            told += [line.strip() for line in writer.stdout if line.endswith("\n")]
    log.append("after", "thing", "2")
    found = verify(log)
    assert found.ok and len(told) >= 14 and set(told) <= {event.hash for event in log.events()}


def test_every_cut_of_an_append_is_mended(log: AuditLog) -> None:
    """A crash may leave any beginning of what was being written, also of the mending itself."""
    first = log.append("one", "thing", "1")
    assert log.path is not None
    path, start = log.path, log.path.read_bytes()
    log.append("two", "thing", "2")
    line = path.read_bytes()[len(start) :]
    path.write_bytes(start + line[:40])
    log.append("three", "thing", "3")
    repaired = path.read_bytes()[len(start) + 40 :]
    for cut in {1, 5, 6, 7, 60, repaired.index(b"\n", 6), repaired.index(b"\n", 6) + 1, repaired.index(b"\n", 6) + 50}:
        path.write_bytes(start + line[:40] + repaired[:cut])
        event = log.append("four", "thing", "4")
        events = log.events()
        assert events[0] == first and events[-1] == event, cut
        assert all(item.action == TORN for item in events[1:-1]) and len(events) > 2
        assert [item.seq for item in events] == list(range(1, len(events) + 1))
        assert path.read_bytes().startswith(start + line[:40]), "nothing was cut off"


def test_an_event_that_lacks_only_its_newline_counts(log: AuditLog) -> None:
    first = log.append("one", "thing", "1")
    assert log.path is not None
    log.path.write_bytes(log.path.read_bytes()[:-1])
    assert log.events() == (first,)
    second = log.append("two", "thing", "2")
    assert log.events() == (first, second) and second.prev == first.hash


def test_a_damaged_end_is_not_built_upon(log: AuditLog) -> None:
    log.append("one", "thing", "1")
    assert log.path is not None
    path, before = log.path, log.path.read_bytes().replace(b'"one"', b'"two"')
    path.write_bytes(before)
    with pytest.raises(JournalError, match="damaged; nothing was logged") as error:
        log.append("two", "thing", "2")
    assert "audit verify" in error.value.next and path.read_bytes() == before
    path.rename(path.with_name(path.name.removesuffix(".jsonl") + ENDED))
    assert log.append("new", "thing", "3").seq == 1, "a new chain, beside the ended one"


def test_two_chains_in_one_folder_are_named(log: AuditLog) -> None:
    log.append("one", "thing", "1")
    (log.folder / "00.jsonl").write_bytes(b"")
    with pytest.raises(JournalError, match=r"2 chains: 00\.jsonl"):
        log.append("two", "thing", "2")


def test_a_full_disk_leaves_the_log_as_it_was(log: AuditLog) -> None:
    """A real limit on the size of files, in a process of its own: the line is taken in part, then refused."""
    log.append("one", "thing", "1")
    assert log.path is not None
    before = log.path.read_bytes()
    code = (
        "import sys, signal; from pathlib import Path; from jupyter_bioml.audit.log import AuditLog\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: AuditLog(Path(sys.argv[1])).append('two', 'thing', '2')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    limit = len(before) + 100
    said = subprocess.run(
        [sys.executable, "-B", "-c", code, str(log.folder)],
        capture_output=True, text=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    ).stdout  # fmt: skip
    assert said.startswith("JournalError") and "nothing was logged" in said and "free disk space" in said
    assert log.path.read_bytes() == before
    assert log.append("three", "thing", "3").seq == 2


def test_an_unwritable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be written"):
        AuditLog(tmp_path / "file" / "audit").append("one", "thing", "1")


def test_a_huge_event_is_refused(log: AuditLog) -> None:
    log.append("one", "thing", "1")
    with pytest.raises(UsageError, match="too large"):
        log.append("two", "thing", "2", reason="x" * (1 << 20))
    assert len(log.append("three", "thing", "3", reason="x" * 100_000).reason) == 100_000
    assert log.append("four", "thing", "4").seq == 3, "a line longer than what is read of the end at once"


def test_the_log_of_a_project(project_dir: Path) -> None:
    project = find_project(project_dir)
    log = AuditLog.of(project)
    assert log.head() is None and log.events() == () and not log.folder.exists(), "looking makes nothing"
    log.append("one", "thing", "1")
    assert log.path is not None and log.path.parent == project.home / "audit"
    assert log.path.stat().st_mode & 0o077 == 0
