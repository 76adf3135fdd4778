"""A page as one HTML file: a template beside the code it belongs to, filled with a view. The only gateway of jinja2.

Templates only lay out; Python decides on the content and passes it as ``view``. Two things hold for every template:
text is escaped, its secrets are masked, and its control and direction-changing characters are shown by their codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..redact import redact
from ..text.present import counted, printable, shorten

if TYPE_CHECKING:
    from jinja2 import Environment

#: The root of templates, which are beside the code that fills them. Their names are paths from here.
TEMPLATES = Path(__file__).resolve().parent.parent
#: Columns of a line of code; the rest is cut off and the cut shown.
LINE = 1200


@dataclass(frozen=True)
class Mark:
    """A judgement: a sign and a word beside its colour, so that no meaning depends on colour alone."""

    sign: str
    tone: Literal["good", "fair", "bad", "none"]
    word: str


def render(template: str, view: object) -> str:
    """The text of a page.

    :param template: its path from the package's folder, for example ``batch/report.html.j2``.
    :param view: what the template calls ``view``; its fields are text, whole numbers, truth values, None for a part
        that the page does not have, and tuples or dataclasses of these.
    :raises jinja2.UndefinedError: the template names a field that the view does not have.
    :raises TypeError: the template shows what is neither text nor a whole number.
    """
    return _environment().get_template(template).render(view=view)


def lines_of(text: str, most: int | None = None) -> tuple[str, ...]:
    """The lines of code or of a traceback for a block that keeps them.

    :param most: how many are kept; a last line says how many more there are.
    """
    lines = text.splitlines()
    kept = lines if most is None else lines[:most]
    more = [f"… {counted(len(lines) - len(kept), 'more line')}"] if len(kept) < len(lines) else []
    return tuple(_line(line) for line in (*kept, *more))


def _line(line: str) -> str:
    # twice the columns that are kept: enough to see whether it was cut, and no work for a line of megabytes
    return shorten(printable(line[: 2 * LINE].expandtabs(4)), LINE)


@cache
def _environment() -> Environment:
    """Made at the first page: importing jinja2 takes longer than most commands."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    """The text a template shows for a value, before it is escaped.

    A macro's result is HTML already (it has ``__html__``), and an undefined name goes on to raise where it is escaped.
    """
    from jinja2 import Undefined

    if hasattr(value, "__html__") or isinstance(value, Undefined):
        return value
    if isinstance(value, str):
        return printable(redact(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"a template shows text or whole numbers, not {type(value).__name__}")
