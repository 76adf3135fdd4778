"""The project, its journal, and the destination: can they be used, and what is wrong with them?"""

from __future__ import annotations

import os
import shutil
import sqlite3
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..config import Destination, Project, file_system, load_settings, on_network, sqlite_uri
from ..journal.belonging import ledger_of
from ..journal.damage import other_damage
from ..journal.elsewhere import told_elsewhere
from ..journal.runs import read_journal
from ..keeping.usage import sizes
from ..publish.scan import other_places, waiting
from ..text.present import format_bytes
from .check import FAIL, OK, WARN, Check

#: Seconds for a server to answer.
ANSWER_TIME = 4.0
#: Bytes free below which the disk counts as full, and below which it counts as nearly full.
NO_SPACE, LITTLE_SPACE = 50_000_000, 1_000_000_000
#: Bytes of a ``.bioml`` above which its size is reported as a warning.
LARGE = 20_000_000_000
_DISK_FIX = (
    "Everything else is kept. Copy the file back from a backup if there is one, keep git and editors away from .bioml, "
    "and check the disk."
)
SERVER_LINE = "export MLFLOW_TRACKING_URI=http://HOST:PORT"


def project(place: Project, destination: Destination) -> Check:
    """The project's place, and whether its journal can be written."""
    load_settings(place.root)
    home = place.home
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Check("project", FAIL, f"{existing} cannot be written", f'chmod u+rwx "{existing}"')
    if place.fallback:
        return Check("project", WARN, f"{place.fallback}; the journal is in {home}", f'chmod u+rwx "{place.root}"')
    free = shutil.disk_usage(existing).free
    detail = f"{place.root}, journal in {home}, {format_bytes(free)} free"
    if free < NO_SPACE:
        return Check("project", FAIL, detail, "Free some space: on a full disk, runs cannot be kept.")
    if free < LITTLE_SPACE:
        return Check("project", WARN, detail, "Free some space.")
    return Check("project", OK, detail)


def files(place: Project, destination: Destination) -> Check:
    """Whether the file system can hold the journal's locks and the embedded database."""
    home = place.home if place.home.exists() else place.root
    kind = file_system(home) or "unknown"
    if not on_network(home):
        return Check("file system", OK, kind)
    if destination.database is not None:
        detail = f"{kind} is a network file system: sqlite's locks are unreliable there, so it is refused"
        return Check("file system", FAIL, detail, f"Use a server: {SERVER_LINE}")
    return Check("file system", OK, f"{kind} (network); runs go to {destination.uri}")


def journal(place: Project, destination: Destination) -> Check:
    """Whether every segment of the journal can be read, and how large it is."""
    logs, problems = read_journal(place)
    problems += other_damage(place.home, ledger_of(place, destination.key))
    alive = sum(not log.dead() for log in logs)
    detail = f"{len(logs)} sessions ({alive} alive)"
    if not problems:
        return Check("journal", OK, detail)
    newer = any("version" in problem for problem in problems)
    fix = "Update with: pip install -U jupyter-bioml" if newer else _DISK_FIX
    return Check("journal", WARN, f"{detail}; {' '.join(problems)}", fix)


def space(place: Project, destination: Destination) -> Check:
    """The size of each part of the project's ``.bioml``."""
    parts = sizes(place.home)
    total = sum(parts.values())
    listed = ", ".join(f"{name} {format_bytes(size)}" for name, size in parts.items() if size)
    detail = f"{format_bytes(total)} in {place.home}" + (f": {listed}" if listed else "")
    if total > LARGE:
        return Check("space", WARN, detail, "See what can be deleted: bioml gc --older-than 90 --dry-run")
    return Check("space", OK, detail)


def data_versions(place: Project, destination: Destination) -> Check:
    """DVC, and whether the project uses it."""
    version = metadata.version("dvc")
    uses = "this project uses it" if (place.root / ".dvc").is_dir() else "files are hashed as it does; no repository"
    return Check("dvc", OK, f"{version}; {uses}")


def mlflow(place: Project, destination: Destination) -> Check:
    """Whether the destination answers."""
    if destination.database is not None:
        return _database(destination.database, destination.embedded)
    if destination.uri.startswith(("http://", "https://")):
        return _server(destination.uri)
    return Check("mlflow", WARN, f"{destination.uri} was not checked: it is neither an http server nor a sqlite file")


def _database(file: Path, embedded: bool) -> Check:
    whose = "the project's own database" if embedded else "database"
    if not file.exists():
        return Check("mlflow", OK, f"{whose} {file} will be created when the first run is published")
    try:
        with sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=ANSWER_TIME) as connection:
            (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        connection.close()
    except sqlite3.Error as error:
        fix = f"Keep a copy of {file}, then: mlflow db upgrade {sqlite_uri(file)}"
        return Check("mlflow", FAIL, f"{whose} {file} cannot be read: {error}", fix)
    if not os.access(file, os.W_OK):
        return Check("mlflow", FAIL, f"{whose} {file} cannot be written", f'chmod u+w "{file}"')
    return Check("mlflow", OK, f"{whose} {file}, {runs:,} runs, {format_bytes(file.stat().st_size)}")


def _server(uri: str) -> Check:
    request = urllib.request.Request(f"{uri.rstrip('/')}/version", headers=_credentials())
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_TIME) as answer:
            said = answer.read(100).decode("utf-8", "replace").strip()
        return Check("mlflow", OK, f"server {uri} answers" + (f", version {said}" if said[:1].isdigit() else ""))
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            fix = "export MLFLOW_TRACKING_USERNAME=… MLFLOW_TRACKING_PASSWORD=… (or MLFLOW_TRACKING_TOKEN)"
            return Check("mlflow", FAIL, f"server {uri} refuses the credentials (HTTP {error.code})", fix)
        if error.code == 404:
            return Check("mlflow", WARN, f"server {uri} answers, but not like MLflow", "Check the address.")
        return Check("mlflow", FAIL, f"server {uri} answers HTTP {error.code}", "Look at the server's log.")
    except (OSError, ValueError, ssl.SSLError) as error:
        reason = getattr(error, "reason", error)
        fix = f"Start it, or set its address: {SERVER_LINE}. Runs are kept in the journal until it answers."
        return Check("mlflow", FAIL, f"server {uri} does not answer within {ANSWER_TIME:g} s: {reason}", fix)


def _credentials() -> dict[str, str]:
    """The credentials MLflow's client would send: from the address, or a token or user and password from variables."""
    address = urlsplit(os.environ.get("MLFLOW_TRACKING_URI", ""))
    if address.username and address.password:
        return _basic(unquote(address.username), unquote(address.password))
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token:
        return {"Authorization": f"Bearer {token}"}
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        return _basic(user, password)
    return {}


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def sent(place: Project, destination: Destination) -> Check:
    """Whether runs are waiting to be sent, and why."""
    runs, others = waiting(place, destination), other_places(place, destination.key)
    if told := told_elsewhere(others):
        listed = f"{len(runs):,} waiting for {destination.uri}; {' '.join(told)}"
        return Check("publishing", WARN, listed, "bioml publish --wait" if runs else "bioml publish --elsewhere")
    if not runs:
        sent = "".join(f"; {place.text}" for place in others)
        return Check("publishing", OK, f"no runs are waiting for {destination.uri}{sent}")
    reasons = "; ".join(dict.fromkeys(run.reason for run in runs[:3]))
    return Check("publishing", WARN, f"{len(runs):,} waiting for {destination.uri}: {reasons}", "bioml publish --wait")


#: In reading order.
CHECKS = (project, files, journal, space, data_versions, mlflow, sent)
