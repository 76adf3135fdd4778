"""A line of output as a terminal shows it, and the step it belongs to."""

from __future__ import annotations

import re

LONGEST_LINE = 1_000

_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|\x1b\][^\x07]{0,200}\x07")
_BAR = re.compile(r"\[[=>.\-#\s]{8,}\]|[━█▏▎▍▌▋▊▉░▒▓╸╺─]{3,}")
_PROGRESS = re.compile(r"\d{1,3}%\|")
#: A sign that the line must have, the pattern, what stands in its place.
_WRAPPED = (
    ("numpy=", re.compile(r"<tf\.Tensor: shape=\([^)]{0,40}\), dtype=\w{1,20}, numpy=([^>]{0,60})>"), r"\1"),
    ("=", re.compile(r", (?:device='[^']{0,40}'|dtype=[\w.]{1,40}|grad_fn=<[^>]{0,80}>|requires_grad=\w{4,5})"), ""),
    ("t", re.compile(r"\b(?:np\.|numpy\.)?(?:float|int|uint)\d{1,3}\(([^()]{0,60})\)"), r"\1"),
    ("Decimal", re.compile(r"\bDecimal\('([^']{0,60})'\)"), r"\1"),
    ("r", re.compile(r"\b(?:tensor|array|Array)\((-?\d{1,9}\.)\)"), r"\g<1>0"),
    ("r", re.compile(r"\b(?:tensor|array|Array)\(([^()\[\]]{0,60})\)"), r"\1"),
    ("r", re.compile(r"\b(?:tensor|array|Array)\("), "("),
    ("%", re.compile(r"\b\d{1,3}(?:\.\d+)?\s?%[\s-]{0,3}"
                     r"(?=(?:CI|KI|IC|HDI)\b|[CcKk]onf|[Ii]nterval|[Cc]redible)"), " "),
    (":", re.compile(r"^\s{0,8}\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,6})?\]?"), " "),
    (":", re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b"), " "),
    ("", re.compile(r"^[\s\[-]{0,8}(?:INFO|DEBUG|WARNING|ERROR|CRITICAL)\b[\]\s:|-]{1,6}"
                    r"(?:(?:root|__main__|\w{1,30}\.[\w.]{1,40}):)?"), " "),
    ("...", re.compile(r"\.{3,}"), " : "),
    ("−", re.compile(r"−"), "-"),
)  # fmt: skip
_STEP = re.compile(
    r"(?<![\w/\\.-])(?P<word>epochs?|epoche|époque|epoca|época|ep|step|schritt|iter|iteration|it|fold|round|batch|trial|"
    r"split|repeat|run|durchlauf|pli|pliegue)s?\s{0,3}[#:=\[(]?\s{0,3}(?:nr\.?|no\.?)?\s{0,3}(?P<step>\d{1,9})"
    r"(?:\s{0,3}(?:/|of|von|sur|de|out of)\s{0,3}\d{1,9})?(?![\w.]*\d)[\])]?(?!\s*%)",
    re.IGNORECASE,
)
#: The first word of a line: ``0:  train_loss: 2.95``.
_FIRST = re.compile(r"^\s{0,3}(?P<step>\d{1,7}):\s+(?=\S)")
#: A line that begins with its epoch or batch: ``[ 3/20] train_loss: 0.31``.
_COUNTED = re.compile(r"^\s{0,3}\[\s{0,6}(?P<step>\d{1,7})\s?/\s?\d{1,7}\s{0,3}\](?=\s{0,3}[^\W\d])")
_SHARE = re.compile(
    r"(?<![\w./])\d{1,9}\s?/\s?\d{1,9}(?![\w./])"
    r"(?:\s{1,8}-?\s{0,2}\d{1,6}(?:s|ms|us)(?:\s\d{1,6}(?:s|ms|us)/(?:step|epoch))?)?"
)


def plain_line(raw: str) -> str:
    """A line as a terminal shows it, without colours and bars, and with the bare numbers of arrays and tensors."""
    line = raw.replace("\x08", "\r").rstrip("\r").rpartition("\r")[2][:LONGEST_LINE]
    if "\x1b" in line:
        line = _ESCAPES.sub("", line)
    line = _BAR.sub("  ", line)
    for sign, pattern, instead in _WRAPPED:
        if sign in line:
            line = pattern.sub(instead, line)
    return line


def is_progress(line: str) -> bool:
    """Whether it is a progress bar that overwrites itself, as tqdm's."""
    return _PROGRESS.search(line) is not None


def step_of(line: str) -> tuple[int | None, str]:
    """The number of the epoch, fold, step … that a line names, and the line without it and without shares."""
    match = _FIRST.match(line) or _STEP.search(line) or _COUNTED.match(line)
    if match is None or re.search(
        r"(?:best|early|total|n|num|max|number of)[\s_]{0,2}$", line[: match.start()], re.IGNORECASE
    ):
        return None, _SHARE.sub("  ", line)
    return int(match["step"]), _SHARE.sub("  ", f"{line[: match.start()].rstrip(' [(')}  {line[match.end() :]}")
