"""Mask parts of a text that change from run to run without being a result: find, replace and list them.

A mask is an admission that something was not compared, so patterns are narrow: a bare ``5.2 h`` may be a
half-life and stays, ``took 5.2 s`` is masked; of a path the folders are masked and the file's name stays; of a
progress bar the bar and the times are masked and the figures after them stay. Every pattern is linear in its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ...text.present import printable, shorten
from .durations import Timed

#: Masked things listed of one output, and columns shown of each.
LISTED, SHOWN = 20, 60
_UNIT = r"(?:ns|µs|μs|us|ms|s|secs?|seconds?|mins?|minutes?|hrs?|hours?)"
_SPAN = rf"\d+(?:\.\d+)?(?:e[-+]?\d+)?(?:\s?{_UNIT}\b(?:,?\s?\d+(?:\.\d+)?\s?{_UNIT}\b){{0,3}})?"
_TIMED = (
    r"(?:elapsed(?:[ _]time)?|took|wall(?:[ _-]clock)?(?:[ _]time)?|run[ _-]?time|"
    r"time[ _](?:taken|elapsed|used|spent|cost|per[ _](?:epoch|fold|step|iteration))|"
    r"(?:fit(?:ting)?|train(?:ing)?|total|execution|processing|inference|cpu|computation|user|sys)[ _-]time)"
)
#: Beginnings of lines of pip and conda, and of lines that tell where data came from: other ones the second time.
_PIP = (
    r"[ \t]{0,8}(?:Collecting|Requirement already|Installing collected|Successfully (?:un)?installed|Using cached|"
    r"Found existing installation|Attempting uninstall|Looking in indexes|Note: you may need to restart the kernel|"
    r"WARNING: Running pip|Preparing metadata|Building wheels?|Solving environment|\[notice\])"
)
_FETCHED = (
    r"downloading|downloaded|files already downloaded|using cached|load(?:ed|ing)? from cache|found cached|unzipping|"
    r"extracting [^\n]{1,200}\.(?:zip|tar|t?gz)|[^\n]{1,200} already exists"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?!\d)(?:[.,]\d+)?"
_SPEED = r"[\d.?]+ ?[A-Za-z]{1,12}/(?:s|[A-Za-z]{1,12})"
_ZONE = r"(?: ?(?:Z|UTC|GMT|CES?T|[A-Z]{2}ST|[A-Z]{2}DT|[+-]\d\d:?\d\d)\b)?"

#: Kind → what it looks like. ``keep`` is put back before the mask. In this order, so that larger things go first.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("installation", rf"(?m)^{_PIP}[^\n]*\n?"),
    (
        "threading",
        r"(?m)^\[LightGBM\] \[Info\] Auto-choosing[^\n]*\n?|^(?:You can set|And if memory is)[^\n]*force_[^\n]*\n?",
    ),
    ("download", rf"(?m)^[^\w\n]{{0,5}}(?i:{_FETCHED})\b[^\n]*\n?"),
    ("duration", r"\bETA:? {1,3}\d+(?::\d\d)*s?"),
    ("progress bar", r"(?<=%)\|[█▏▎▍▌▋▊▉#0-9 ]{3,200}\||[━╸╺]{5,200}|\[[=>.]{5,200}\]"),
    ("progress bar", rf"\[\d+:\d\d(?::\d\d)?(?:<[^\],\n]{{0,40}}(?:, *{_SPEED})?|, *{_SPEED})"),
    ("rate", r"\b\d+(?:\.\d+)? ?(?:(?:it|iter|steps?|samples?|batch(?:es)?|rows?|[kMG]i?B)/s|m?s/(?:it|step|epoch))\b"),
    ("duration", r"(?:CPU times|Wall time):[^\n]*|\b[\d.]+ [nµμum]?s ± [^\n]{0,60}per loop[^\n]{0,80}"),
    ("id", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("address", r"(?<=at )0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{9,16}\b"),
    ("time", rf"(?<![\d.])\d{{4}}[-/]\d\d[-/]\d\d[T ,]\s?\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?{_ZONE}"),
    ("time", rf"\b{_DAY},? (?:{_MONTH} +\d{{1,2}}|\d{{1,2}} {_MONTH} \d{{4}}),? {_CLOCK}{_ZONE}(?: \d{{4}}\b)?"),
    ("time", r"(?<![\d.])20\d\d[01]\d[0-3]\d[-T_][0-2]\d[0-5]\d[0-5]\d(?!\d)(?:\.\d+)?Z?"),
    ("time", rf"\b{_CLOCK}{_ZONE}(?: ?[AP]M\b)?|\b\d{{1,2}}:\d\d ?[AP]M\b"),
    ("time", r"(?i)(?P<keep>\b(?:timestamp|epoch|time)[ =:]{1,3})1[5-9]\d{8}(?:\.\d+)?\b"),
    ("date", r"(?<![\d.])(?:\d{4}[-/]\d\d[-/]\d\d|\d\d[./]\d\d[./]\d{4})(?!\d)"),
    ("date", rf"\b(?:{_DAY},? )?(?:{_MONTH} \d{{1,2}}, \d{{4}}|\d{{1,2}} {_MONTH} \d{{4}})\b"),
    ("duration", rf"(?i)(?P<keep>\b{_TIMED}\b[^\d\n]{{0,12}}){_SPAN}"),
    (
        "duration",
        r"(?P<keep>['\"]?\b(?:(?:mean|std|min|max)_)?(?:fit|score|refit)_time_?['\"]?\s{0,40}[:=]?\s{0,40})"
        r"(?:array\(\s?)?(?:\[[^\]]{0,4000}\]\)?|\d+(?:\.\d+)?(?:e[-+]?\d+)?"
        r"(?:[ \t]{1,40}\d+(?:\.\d+)?(?:e[-+]?\d+)?){0,200})",
    ),
    ("duration", r"\b\d+(?:\.\d+)? ?(?:s|secs?|seconds?|mins?|minutes?|ms)(?= (?:elapsed|remaining|left|passed)\b)"),
    (
        "memory",
        r"(?i)(?P<keep>\b(?:memory|mem|rss|ram|peak|heap)[a-z _]{0,20}[ :=]{1,3})\d+(?:\.\d+)?\+? ?"
        r"(?:bytes|[kmgt]?i?b)\b",
    ),
    ("version", r"\bv?\d+\.\d+\.\d+(?:\.\d+)?(?:[-+.]?(?:a|b|rc|dev|post|cu|cpu|el|ubuntu)[\w.]{0,20})?\b(?!\.?\d)"),
    ("version", r"(?i)(?P<keep>\bversion[ :='\"]{1,4})v?\d+(?:\.\d+)+(?:[\w.+-]{0,20})"),
    # what libraries print while they fit: CatBoost, Keras, gradient boosting, lifelines, LightGBM
    ("duration", r"(?P<keep>\b(?:total|remaining): )\d+(?:\.\d+)?(?:us|ms|s|m|h)(?: \d+s)?\b"),
    ("duration", r"(?<=- )\d+(?:\.\d+)?m?s(?= -)"),
    ("duration", r"(?m)^(?P<keep>[ \t]{1,20}\d+(?:[ \t]{1,20}-?\d+\.\d+){1,2}[ \t]{1,20})\d+\.\d\d[sm]$"),
    (
        "duration",
        r"(?i)(?P<keep>\btime spent [a-z ]{0,40}:\s{0,20}|\bseconds_since_start = |\boverhead of testing was )"
        r"\d+(?:\.\d+)?(?: ?s(?:econds?)?\b)?",
    ),
    ("id", r"(?P<keep>\bv_num[=:] ?)\w+"),
    ("duration", r"(?P<keep>\bin )\d+(?:\.\d+)? ?(?:ns|[µμu]s|ms|s|secs?|seconds?)\b(?!/)"),
    ("duration", r"\b\d+(?:\.\d+)?m?s(?= (?:⟨rate⟩|\d+m?s/step))"),
    ("execution count", r"<ipython-input-\d+-[0-9a-f]+>|(?P<keep>\b(?:Cell )?(?:In|Out) ?\[)\d+(?=\])"),
    ("process", r"(?i)(?P<keep>\b(?:pid|process id|process|thread id|port)[ =:#(]{1,3})\d{2,}\b"),
    ("process", r"(?P<keep>\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0):)\d{2,5}\b"),
    ("id", r"(?i)(?P<keep>\b(?:id|uuid|run|run[_ ]id|experiment|session)[ =:#'\"(]{1,4})(?:[0-9a-f]{8,40}|\d{9,20})\b"),
    ("id", r"\b(?P<keep>sk-[a-z-]{0,30}id-)\d+\b|\bT_[0-9a-f]{5}(?:_[a-z0-9_]{1,40})?\b"),
)
#: Kinds that stand for a whole line, which may be there on one side only.
_WHOLE_LINES = ("installation", "download", "threading")
_MASKS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_FOLDERS = re.compile(
    r"(?<![\w.:/<>⟩])(?:file://)?(?:~|(?=/))(?:/[\w.@+~%-]+)+/?"
    r"|\b[A-Za-z]:\\(?:[^\\/\s\"'<>|:]{1,255}\\){0,40}[^\\/\s\"'<>|:]{0,255}"
)
_TEMPORARY = re.compile(r"\btmp[a-z0-9_]{6,12}\b|\bipykernel_\d+\b")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class Masked:
    """A text with every volatile thing replaced by ``⟨kind⟩``, and what stood there, by kind, in order."""

    text: str
    found: Mapping[str, tuple[str, ...]]


def mask(text: str, timed: Sequence[Timed] = ()) -> Masked:
    """Replace what changes from run to run; terminal colours are taken out.

    :param timed: lines that tell a duration, as the code says.
    """
    found: dict[str, list[str]] = {}
    text = _COLOURS.sub("", text)
    if timed:
        text = "\n".join(_timed(line, timed, found) for line in text.split("\n"))
    for kind, pattern in _MASKS:

        def put(match: re.Match[str], kind: str = kind) -> str:
            keep = match.groupdict().get("keep") or ""
            found.setdefault(kind, []).append(match[0].removeprefix(keep))
            return f"{keep}⟨{kind}⟩" if kind not in _WHOLE_LINES else ""

        text = pattern.sub(put, text)
    text = _FOLDERS.sub(lambda match: _folder(match[0], found), text)
    text = _TEMPORARY.sub(lambda match: _temporary(match[0], found), text)
    return Masked(text, {kind: tuple(items) for kind, items in found.items()})


def _timed(line: str, timed: Sequence[Timed], found: dict[str, list[str]]) -> str:
    for known in timed:
        line, durations = known.mask(line, "⟨duration⟩")
        if durations:
            found.setdefault("duration", []).extend(durations)
    return line


def _folder(path: str, found: dict[str, list[str]]) -> str:
    """A path with its folders masked; the file's name stays unless it is a temporary one."""
    if path.count("/") + path.count("\\") < 2 and not path.startswith("~"):
        return path
    folder, separator, name = path.rstrip("/\\").rpartition("\\" if "\\" in path else "/")
    found.setdefault("path", []).append(path)
    if re.search(r"ipykernel_\d+$", folder) or not folder:
        return "⟨path⟩"
    return f"⟨path⟩{separator}{name}"


def _temporary(name: str, found: dict[str, list[str]]) -> str:
    found.setdefault("temporary name", []).append(name)
    return "⟨temporary name⟩"


def differing(left: Masked, right: Masked) -> tuple[str, ...]:
    """The masked parts that differ between both sides, as ``kind: left → right``; at most :data:`LISTED`."""
    lines: list[str] = []
    for kind in dict.fromkeys([*left.found, *right.found]):
        pairs = zip_longest(left.found.get(kind, ()), right.found.get(kind, ()), fillvalue="–")
        lines += [f"{kind}: {_shown(one)} → {_shown(other)}" for one, other in pairs if one != other]
    more = len(lines) - LISTED
    return tuple(lines) if more <= 0 else (*lines[:LISTED], f"and {more:,} more")


def _shown(text: str) -> str:
    return shorten(printable(text.strip()), SHOWN)
