"""Resolve direct requirements to the latest versions: a new lock, built like any other."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..config import without_credentials
from ..errors import UsageError
from ..host.distributions import canonical_name, requirement
from .installer import Installer, Say, call, choose
from .interpreters import Interpreter, find, running
from .local_sources import requirements_of_installed
from .lock import DIRECT, INDEX, NEEDED, OWN, USED, EnvironmentNotBuildable, Lock, refused, way_of

#: A name that is only available from its recorded source, which is gone: nothing that needs it can be resolved.
_NOWHERE = "file:///not-to-be-fetched-by-name/{name}"
_RESOLVED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:==\s*([^\s;]+)|@\s*(\S+))")
_ADDRESS = re.compile(r"^(?:(git|hg|svn|bzr)\+)?([^#]+?)(?:@([^@/#]+))?(?:#(.*))?$")


def resolve(lock: Lock, direct: Sequence[str], cache: Path, say: Say, *, limit: float) -> tuple[Lock, tuple[str, ...]]:
    """The newest versions that fulfil the direct requirements and what a kernel needs; and notes.

    What a kernel needs keeps its recorded version. A distribution that did not come from an index is taken from where
    it came from, also where another one needs it, or refused: never fetched by name.

    :param lock: of the recorded environment.
    :param direct: requirements as pip takes them.
    :param limit: seconds that it may take.
    :raises EnvironmentNotBuildable: naming what it fails at.
    """
    interpreter, notes = _interpreter(lock)
    if lock.get(NEEDED) is None:
        raise EnvironmentNotBuildable(
            f"The recorded environment has no {NEEDED}, so no kernel can start.", package=NEEDED
        )
    lines, kept = wanted(lock, direct)
    say(f"resolving the latest versions of {len(direct)} direct requirements")
    installer = choose()
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="resolving-", dir=cache) as folder:
        asked, limits = Path(folder, "requirements.in"), Path(folder, "constraints.txt")
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        limits.write_text("\n".join(origin_constraints(lock)) + "\n", encoding="utf-8")
        found = ask_installer(installer, interpreter, asked, limits, Path(folder), say, time.monotonic() + limit)
    check_names(lock, found)
    packages = {canonical_name(str(item["name"])): item for item in (*found, *kept)}
    packages.pop(OWN, None)
    newest = Lock(
        interpreter.implementation,
        interpreter.version,
        tuple(packages[name] for name in sorted(packages)),
        lock.executable,
        lock.own_version,
    )
    return newest, notes


def _interpreter(lock: Lock) -> tuple[Interpreter, tuple[str, ...]]:
    try:
        return find(lock), ()
    except EnvironmentNotBuildable:
        found = running()
        return found, (f"Python {lock.line} is not on this machine: {found.name} was used.",)


def wanted(lock: Lock, direct: Sequence[str]) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Lines to resolve, and distributions that are taken as recorded, because they lie in folders."""
    lines: dict[str, list[str]] = {}
    kept: dict[str, Mapping[str, Any]] = {}
    for text in direct:
        name = requirement_name(text)
        item = lock.get(name)
        if name == OWN:
            continue
        way = INDEX if item is None else way_of(item)
        if item is None or way == INDEX:
            lines.setdefault(name, []).append(text)
        elif way == DIRECT:
            lines[name] = [requirement(dict(item))]
        else:
            kept[name] = item
    for name in (NEEDED, *USED):
        item = lock.get(name)
        if item is not None and name not in lines and name not in kept and way_of(item) in (INDEX, DIRECT):
            lines[name] = [requirement(dict(item))]
    for name in list(kept):
        for text in requirements_of_installed(kept[name], lock.executable):
            needed = requirement_name(text)
            if needed not in kept and needed != OWN:
                lines.setdefault(needed, []).append(text)
    return [line for group in lines.values() for line in group], list(kept.values())


def requirement_name(text: str) -> str:
    """The canonical name in a requirement.

    :raises UsageError: if it is not a requirement.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return canonical_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise UsageError(f"{text[:80]!r} is not a requirement: {str(error).splitlines()[0]}.") from None


def origin_constraints(lock: Lock) -> list[str]:
    """The required origins of recorded distributions that did not come from an index."""
    lines = []
    for item in lock.packages:
        try:
            way = way_of(item)
        except EnvironmentNotBuildable:
            way = ""
        name = canonical_name(item["name"])
        if way == DIRECT:
            lines.append(requirement(dict(item)))
        elif way != INDEX and re.fullmatch(r"[a-z0-9-]+", name):
            lines.append(f"{name} @ {_NOWHERE.format(name=name)}")
    return lines


def ask_installer(
    installer: Installer, interpreter: Interpreter, asked: Path, limits: Path, folder: Path, say: Say, until: float
) -> list[dict[str, Any]]:
    """What an installer would install for the requirements of one file within the limits of another.

    :raises EnvironmentNotBuildable: with its own words.
    """
    files = ["-r", str(asked), "-c", str(limits)]
    try:
        if installer.name == "uv":
            out = folder / "resolved.txt"
            options = [
                "--no-header",
                "--no-annotate",
                "--quiet",
                "--index-strategy",
                "unsafe-best-match",
                "-o",
                str(out),
            ]
            command = [*installer.command, "pip", "compile", "--python", interpreter.executable, *options]
            call([*command, str(asked), "-c", str(limits)], installer.environment, say, until)
            return _from_lines(out.read_text(encoding="utf-8"))
        report = folder / "report.json"
        options = ["--dry-run", "--ignore-installed", "--report", str(report), "--quiet"]
        call(installer.install(interpreter.executable, [*options, *files]), installer.environment, say, until)
        return [_from_report(item) for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    except EnvironmentNotBuildable as error:
        if found := re.search(r"not-to-be-fetched-by-name/([a-z0-9-]+)", error.message):
            raise EnvironmentNotBuildable(
                f"{found[1]} is needed and did not come from an index, so it is never fetched by name.",
                package=found[1],
                next="Restore it to its original place, or use the recorded versions: --env locked",
            ) from None
        raise


def _from_report(item: Mapping[str, Any]) -> dict[str, Any]:
    """One distribution of pip's installation report, as ``environment.json`` has it."""
    metadata = item["metadata"]
    origin: Any = "index"
    if item.get("is_direct"):
        origin = {**item["download_info"], "url": without_credentials(str(item["download_info"]["url"]))}
    return {"name": metadata["name"], "version": metadata["version"], "origin": origin}


def _from_lines(text: str) -> list[dict[str, Any]]:
    """The distributions of uv's resolution; the version of one with an address is not known before it is built."""
    found = []
    for line in text.splitlines():
        match = _RESOLVED.match(line)
        if match is None:
            continue
        name, version, address = match.groups()
        found.append({"name": name, "version": version or "", "origin": _origin(address) if address else "index"})
    return found


def _origin(address: str) -> dict[str, Any]:
    match = _ADDRESS.match(address)
    assert match is not None
    vcs, url, commit, fragment = match.groups()
    fields = dict(part.partition("=")[::2] for part in (fragment or "").split("&") if part)
    origin: dict[str, Any] = {"url": without_credentials(url)}
    if vcs:
        origin["vcs_info"] = {"vcs": vcs, "commit_id": commit or ""}
    else:
        origin["archive_info"] = {"hashes": {"sha256": fields["sha256"]} if "sha256" in fields else {}}
    return {**origin, **({"subdirectory": fields["subdirectory"]} if "subdirectory" in fields else {})}


def check_names(lock: Lock, found: Sequence[dict[str, Any]]) -> None:
    """Nothing that was from no index may have been found on one; what has an address keeps its recorded version.

    :raises EnvironmentNotBuildable: naming it.
    """
    for item in found:
        recorded = lock.get(str(item["name"]))
        if recorded is not None and recorded["origin"] != "index" and item["origin"] == "index":
            raise refused(recorded, "an index has a different one of that name")
        if not item["version"] and recorded is not None:
            item.update(version=recorded["version"], files_sha256=recorded.get("files_sha256"))
