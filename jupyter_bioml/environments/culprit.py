"""Find the changed distribution that breaks a notebook: named by the error, or proved by bisection."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..headless.results import CellFailure
from ..host.distributions import canonical_name
from .differences import same_version
from .imports import distributions_of
from .installer import LIMIT, Say, call, choose
from .lock import INDEX, EnvironmentNotBuildable, Lock, way_of

#: Whether a notebook passes in the environment of a lock.
Passes = Callable[[Lock], bool]
_FILE = re.compile(r"site-packages/([A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)*)")
_QUOTED = re.compile(r"['\"]([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)['\"]")
_AVAILABLE = re.compile(r"^Available versions: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Culprit:
    """The distribution that breaks the notebook, as shown by trials."""

    name: str
    passes: str | None
    """The last version with which it passes; None: without it."""
    fails: str | None
    """The first version with which it fails; None: without it."""
    trials: int
    """Environments that were built and run to find it."""
    note: str = ""

    @property
    def sentence(self) -> str:
        """Package, the versions that pass and fail, and how many trials it took."""
        good, bad = self.passes or "none", self.fails or "none"
        return f"{self.name}: passes with {good}, fails with {bad} ({self.trials} trials)"

    def as_json(self) -> dict[str, Any]:
        """The fields and the sentence."""
        return {**asdict(self), "sentence": self.sentence}


def suspects(failure: CellFailure | None, document: Mapping[str, Any], changed: Sequence[str]) -> tuple[str, ...]:
    """The changed distributions mentioned in an error, the innermost frame's first; a hint, not a proof.

    :param document: says which distribution a module belongs to.
    :param changed: names of distributions.
    """
    if failure is None:
        return ()
    lines = list(reversed(failure.traceback.splitlines()))
    named = _QUOTED.findall(failure.message)
    named += [found.replace("/", ".") for line in lines for found in _FILE.findall(line)]
    named += [name for line in failure.source.splitlines() for name in re.findall(r"\b[A-Za-z_]\w*\b", line)]
    wanted = {canonical_name(name): name for name in changed}
    found = distributions_of(dict.fromkeys(named), document)
    hits = [name for module in found for name in found[module] if name in wanted]
    return tuple(wanted[name] for name in dict.fromkeys(hits))


def find_culprit(good: Lock, bad: Lock, passes: Passes, *, first: Sequence[str] = (), say: Say) -> Culprit | None:
    """The one distribution whose change makes a notebook fail, then the first of its versions that does.

    ``good`` is known to pass and ``bad`` to fail. The changes are put in one after another, in a fixed order; a search
    by halves finds the first that makes it fail. So it is the culprit given the changes before it.

    :param first: names to suspect first.
    :returns: None when ``good`` with all changes passes: then what ``bad`` lacks is the cause.
    """
    order = _changes(good, bad, first)
    tried = 0

    def fails(count: int) -> bool:
        nonlocal tried
        tried += 1
        say(f"bisecting: {count} of {len(order)} changed distributions")
        return not passes(_mixed(good, bad, order[:count]))

    lacking = [item["name"] for item in good.packages if bad.get(item["name"]) is None]
    if not order or (lacking and not fails(len(order))):
        return None
    low, high = 0, len(order)
    probe = 1
    while high - low > 1:
        if fails(probe):
            high = probe
        else:
            low = probe
        probe = (low + high) // 2
    name = order[high - 1]
    base = _mixed(good, bad, order[: high - 1])
    before, after = base.get(name), bad.get(name)
    return _first_version(name, base, before, after, passes, tried, say)


def _changes(good: Lock, bad: Lock, first: Sequence[str]) -> list[str]:
    """Names that are added or of another version in ``bad``, suspects first."""
    found = []
    for item in bad.packages:
        other = good.get(item["name"])
        if other is None or not same_version(other["version"], item["version"]) or other["origin"] != item["origin"]:
            found.append(canonical_name(item["name"]))
    leading = [name for name in map(canonical_name, first) if name in found]
    return [*dict.fromkeys(leading), *(name for name in found if name not in leading)]


def _mixed(good: Lock, bad: Lock, names: Sequence[str]) -> Lock:
    """``good`` with the distributions of these names as ``bad`` has them."""
    packages = {canonical_name(item["name"]): item for item in good.packages}
    for name in names:
        item = bad.get(name)
        assert item is not None
        packages[name] = item
    return replace(good, packages=tuple(packages[name] for name in sorted(packages)))


def _with(lock: Lock, item: Mapping[str, Any]) -> Lock:
    kept = [one for one in lock.packages if canonical_name(one["name"]) != canonical_name(item["name"])]
    return replace(lock, packages=tuple(sorted([*kept, item], key=lambda one: canonical_name(one["name"]))))


def _first_version(
    name: str,
    base: Lock,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    passes: Passes,
    tried: int,
    say: Say,
) -> Culprit:
    """Search by halves through the versions between the one that passes and the one that fails."""
    assert after is not None
    low = None if before is None else str(before["version"])
    high = str(after["version"])
    if before is None or way_of(before) != INDEX or way_of(after) != INDEX:
        return Culprit(name, low, high, tried, "only versions from an index are searched")
    try:
        between = versions_between(name, str(low), high, say)
    except EnvironmentNotBuildable as error:
        return Culprit(name, low, high, tried, f"its versions could not be listed: {error.message}")
    while between:
        middle = len(between) // 2
        version = between[middle]
        say(f"bisecting: {name} {version}")
        tried += 1
        if passes(_with(base, {"name": before["name"], "version": version, "origin": "index"})):
            low, between = version, between[middle + 1 :]
        else:
            high, between = version, between[:middle]
    return Culprit(name, low, high, tried)


def versions_between(name: str, low: str, high: str, say: Say) -> list[str]:
    """The versions that an index has between two, in order; pre-releases left out.

    :raises EnvironmentNotBuildable: when no pip is here, or no index answers.
    """
    from packaging.version import InvalidVersion, Version

    installer = choose(search="")  # uv cannot list versions
    command = [*installer.command, "index", "versions", name]
    said = "\n".join(call(command, installer.environment, say, time.monotonic() + LIMIT / 10))
    match = _AVAILABLE.search(said)
    found = []
    for text in match[1].split(",") if match else ():
        try:
            version = Version(text.strip())
        except InvalidVersion:
            continue
        if Version(low) < version < Version(high) and not version.is_prerelease:
            found.append((version, text.strip()))
    return [text for _, text in sorted(found)]
