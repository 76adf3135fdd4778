"""Send later findings to the destination: reports and tags of runs, facts about model versions.

They are in the project's log first (:mod:`jupyter_bioml.journal.facts`), so that the next publisher repeats anything
that is interrupted here, and nothing is lost while the destination does not answer. One code path for the publisher and
for a process that does not want to wait for one.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..canonical import digest, jsonable
from ..errors import JournalError, NotFound, Refused
from ..journal.annotations import Annotations
from ..journal.blobs import Blobs
from ..journal.facts import MOST_FACTS, FactLog, RunFacts, VersionFacts
from ..journal.ledger import Ledger
from ..records.run import RunRecord
from ..records.wire import load_record
from ..store.base import FACTS, FOLDER, PARTS, RECORD_FILE, Store
from ..store.limits import fit_tags
from ..store.naming import later_tags
from ..store.shared import SHARED_KEY, record_text
from .artifacts import Staging, safe_path

#: Bytes of one file of facts in MLflow: the newest that fit.
FACTS_LIMIT = 4 << 20


class LaterTeller:
    """Writes later findings into one store.

    :param blobs: the project's, for the files of reports.
    """

    def __init__(self, store: Store, facts: FactLog, ledger: Ledger, blobs: Blobs) -> None:
        self._store = store
        self._facts = facts
        self._ledger = ledger
        self._blobs = blobs
        self._origin = digest([socket.gethostname(), str(facts.path)])[:12]

    def tell_all(self, key: str, annotations: Annotations) -> None:
        """Send all findings that the destination of that key lacks, about runs that it has and about versions.

        :raises StoreUnavailable: it does not answer; the rest is sent later.
        """
        for item in due(self._facts, self._ledger, annotations, key):
            self.tell(item)

    def tell(self, item: RunFacts | VersionFacts) -> str | None:
        """Send the newest findings about one run or version, unless the destination has them already. Those that the
        store refuses (the run or version was deleted there) are remembered as refused.

        :returns: why it was refused; None: the destination has it.
        :raises StoreUnavailable: it does not answer.
        """
        with self._facts.applying():
            newest = self._facts.newest(item)
            if self._facts.reached(newest):
                return self._facts.refusal(newest)
            refused = None
            try:
                if isinstance(newest, RunFacts):
                    self._write_run(newest)
                else:
                    self._write_version(newest)
            except (NotFound, Refused) as error:
                refused = error.message
            self._facts.apply(newest, refused)
            return refused

    def _write_run(self, said: RunFacts) -> None:
        """Its tags, the files of its reports, and ``record.json``, which lists them too."""
        run = self._store.get(self._ledger.run_id(said.record_id) or said.run_id or "")
        if run.deleted:
            raise Refused(f"The run {run.run_id} was deleted.")
        part = said.record_id in run.tags.get(PARTS, "").split()
        within = f"{FOLDER}/parts/{said.record_id}" if part else FOLDER
        document = self._document(run.run_id, within)
        before = _record(document)
        after = None if before is None else said.onto(before)
        new = [item for item in said.reports.values() if after is None or item in after.reports]
        with tempfile.TemporaryDirectory(prefix="bioml-later-") as folder:
            staging = Staging(Path(folder), self._blobs, within)
            staging.reports(new)
            if after is not None:
                staging.write_record(dataclasses.replace(after, gaps=(*after.gaps, *staging.gaps)))
                _keep_shared(Path(folder, _record_file(within)), document)
            if any(Path(folder).iterdir()):
                self._store.add_artifacts(run.run_id, Path(folder))
        if not part:
            self._store.write(run.run_id, tags={**fit_tags(said.theirs), **later_tags(said.ours, new)})

    def _document(self, run_id: str, within: str) -> dict[str, Any]:
        """``record.json`` as it stands; empty where there is none that can be read."""
        try:
            document = json.loads(self._store.read_artifact(run_id, _record_file(within)))
        except (NotFound, ValueError):
            return {}
        return document if isinstance(document, dict) else {}

    def _write_version(self, said: VersionFacts) -> None:
        """A file in the version's run, and one short tag of the version."""
        version = self._store.model_version(said.model, said.version)
        count, last = said.count, said.newest[-1].at
        if version.run_id is not None:
            place = [safe_path(part.replace("/", "_")) for part in (said.model, said.version)]
            name = "/".join((FOLDER, "versions", *place, f"{said.kind}.jsonl"))
            found = self._elsewhere(version.run_id, name, {fact.id for fact in said.newest})
            ours = [{**dataclasses.asdict(fact), "from": self._origin} for fact in said.newest]
            count += len(found)
            with tempfile.TemporaryDirectory(prefix="bioml-later-") as folder:
                target = Path(folder, name)
                target.parent.mkdir(parents=True)
                target.write_bytes(file_of_facts([*found, *ours], count))
                self._store.add_artifacts(version.run_id, Path(folder))
        when = datetime.fromtimestamp(last, UTC).isoformat(timespec="seconds")
        self._store.tag_version(said.model, said.version, {FACTS + said.kind: f"{count}, last {when}"})

    def _elsewhere(self, run_id: str, name: str, known: Collection[str]) -> list[dict[str, Any]]:
        """Facts in the file from other projects: they are kept."""
        try:
            lines = self._store.read_artifact(run_id, name).splitlines()
        except NotFound:
            return []
        found = []
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                fact = json.loads(line)
                if fact["from"] != self._origin and fact["id"] not in known:
                    found.append({**fact, "at": float(fact["at"])})
        return found


def file_of_facts(facts: Sequence[dict[str, Any]], count: int) -> bytes:
    """One fact a line, oldest first: the newest that fit. A first line says how many older ones are not in it."""
    lines: list[bytes] = []
    room = FACTS_LIMIT
    for fact in sorted(facts, key=lambda fact: float(fact["at"]), reverse=True)[:MOST_FACTS]:
        line = (json.dumps(jsonable(fact), sort_keys=True) + "\n").encode()
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    if len(lines) < count:
        cut = {"cut": count - len(lines), "why": "older facts: only the newest are kept here"}
        lines.append((json.dumps(cut) + "\n").encode())
    return b"".join(reversed(lines))


def _record_file(within: str) -> str:
    return f"{within}/{RECORD_FILE.rpartition('/')[2]}"


def _record(document: dict[str, Any]) -> RunRecord | None:
    """The record; None where there is none, or one that only a newer version can write."""
    try:
        return load_record(document)
    except (JournalError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _keep_shared(file: Path, before: dict[str, Any]) -> None:
    """What a child's record has in common with the run above it goes on lying there."""
    if shared := before.get(SHARED_KEY):
        file.write_bytes(record_text({**json.loads(file.read_bytes()), SHARED_KEY: shared}))


def due(facts: FactLog, ledger: Ledger, annotations: Annotations, key: str) -> list[RunFacts | VersionFacts]:
    """The findings that the destination of that key lacks, about runs that it has completely, and about versions.

    A run that is still to be sent takes its findings along.
    """
    return [
        item
        for item in facts.pending(key)
        if isinstance(item, VersionFacts) or (_is_there(item, ledger) and annotations.tombstone(item.record_id) is None)
    ]


def _is_there(said: RunFacts, ledger: Ledger) -> bool:
    if ledger.touched(said.record_id):
        return ledger.state(said.record_id).done is not None
    return said.run_id is not None
