"""What was seen of a scoring call: plain data, and weak references to the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .followed import FollowedModel
from .returned import ReturnedNumber

Position = tuple[int | None, int | None, int | None, int | None]
#: File of the places in the code of a cell's magics; see :mod:`..inner_code`.
FLAT = "<code of the magics of this cell>"
#: A name's value where it is kept: a number, a boolean, a short text, or the class of a model.
PlainValue = int | float | bool | str


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where in the user's code a call stands."""

    filename: str
    function: str
    """Qualified name of the function around it; ``<module>`` at a cell's top level."""
    first_line: int
    """Line where that function (or the cell) begins."""
    position: Position
    """Line, last line, column and end column of the call; lines from 1, columns in bytes of UTF-8 from 0."""


@dataclass(frozen=True, slots=True)
class UserFrame:
    """One level of the user's code that led to the call."""

    place: CallPlace
    names: Mapping[str, PlainValue]
    """Values, at that moment, of the names that were asked for."""


@dataclass(frozen=True, slots=True)
class ScoreCall:
    """One call of a scoring function, or one series of training losses."""

    function: str
    """``sklearn.metrics.accuracy_score``; of a method with the class of its object."""
    short: str
    """``accuracy``; ``score`` for an estimator's score; ``loss`` for a loss."""
    numbers: tuple[ReturnedNumber, ...]
    frames: tuple[UserFrame, ...]
    """The place of the call first, then those of the user's functions around it, up to the cell."""
    models: tuple[FollowedModel, ...]
    """The models it is a score of, in the order of the arguments; empty: not known."""
    found_by: str
    """How they were found: ``self``, ``argument``, ``prediction``, ``name``, or "" for not at all."""
    at: float
    """Epoch seconds of its end."""
    run: str | None = None
    """Record id of the run that the calling code belonged to."""
