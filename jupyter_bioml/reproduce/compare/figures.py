"""Comparing figures: pictures pixel by pixel, drawings by their marks and numbers.

Two pictures are numerically equal when at most one pixel in :data:`SPARED` differs in any channel by more than
:data:`CHANNEL_TOLERANCE` of 255: less than an eye sees, more than another rounding of the same curve. In another
version of a plotting library nearly every picture differs (of 154 pictures none was the same, byte by byte), so
figures are told and do not decide.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...text.present import format_bytes, format_number
from .agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Match
from .texts import PlainText

if TYPE_CHECKING:
    import numpy

    Pixels = numpy.ndarray[Any, Any]

CHANNEL_TOLERANCE = 8
SPARED = 10_000
#: Pixels of a picture that is decoded.
MOST_PIXELS = 12_000_000
_VOLATILE = re.compile(rb"/(?:CreationDate|ModDate|Producer|Creator) ?\([^)\n]{0,200}\)|/ID ?\[[^\]\n]{0,200}\]")
_DRAWN_AT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r"""(\bid=["']|["'(]#)([^"')\s]{1,200})""")


class Unreadable(Exception):
    """A picture that cannot be decoded, and why."""


@dataclass(frozen=True)
class Picture:
    """A picture of pixels (PNG, JPEG, GIF, …). Its distance is the share of pixels that differ."""

    name: str
    data: bytes
    kind: str = "figure"
    weight: int = 1

    def summary(self) -> str:
        """Its size in pixels; in bytes where it cannot be read."""
        try:
            height, width, _ = self.pixels.shape
        except Unreadable:
            return format_bytes(len(self.data))
        return f"{width:,} × {height:,} pixels"

    @cached_property
    def pixels(self) -> Pixels:
        """Red, green, blue and alpha of every pixel.

        :raises Unreadable: when it is not a picture, or has too many pixels.
        """
        import numpy
        from PIL import Image, UnidentifiedImageError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image = Image.open(io.BytesIO(self.data))
                if image.width * image.height > MOST_PIXELS:
                    raise Unreadable(f"{image.width:,} × {image.height:,} pixels are too many to compare")
                return numpy.asarray(image.convert("RGBA"))
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise Unreadable(f"it cannot be decoded ({type(error).__name__})") from None

    def compare(self, other: Picture, rtol: float) -> Match:
        """Pixel by pixel; a picture that cannot be read is only bit-equal or not known."""
        left, right = self.summary(), other.summary()
        if self.data == other.data:
            return Match(BIT_EQUAL, "", left, right)
        try:
            ours, theirs = self.pixels, other.pixels
        except Unreadable as error:
            return Match(UNKNOWN, f"the files differ, and {error}", left, right)
        if ours.shape != theirs.shape:
            return Match(DIFFERENT, "different sizes", left, right)
        most = _channel_differences(ours, theirs)
        largest, differing = int(most.max(initial=0)), int((most > CHANNEL_TOLERANCE).sum())
        if not largest:
            return Match(NUMERICALLY_EQUAL, "every pixel is the same, the files differ elsewhere", left, right)
        share = differing / most.size
        note = f"{format_number(100 * share)} % of the pixels differ, a channel by up to {largest} of 255"
        level = NUMERICALLY_EQUAL if share <= 1 / SPARED else DIFFERENT
        return Match(level, note, left, right, distance=(share,))


def _channel_differences(left: Pixels, right: Pixels) -> Pixels:
    """The largest difference of a channel for every pixel; what is fully transparent on both sides has no colour."""
    import numpy

    most = numpy.where(left > right, left - right, right - left).max(axis=-1)
    most[(left[..., 3] == 0) & (right[..., 3] == 0)] = 0
    return numpy.asarray(most)


@dataclass(frozen=True)
class Drawing:
    """An SVG: compared as text, without comments and metadata, its ids numbered in the order they come."""

    name: str
    text: str
    kind: str = "figure"
    weight: int = 1

    def summary(self) -> str:
        """The size of its text."""
        return f"SVG of {format_bytes(len(self.text))}"

    @cached_property
    def plain(self) -> PlainText:
        """Its text without comments and metadata, one tag a line, its ids numbered in the order they come."""
        numbers: dict[str, int] = {}

        def numbered(match: re.Match[str]) -> str:
            return f"{match[1]}id-{numbers.setdefault(match[2], len(numbers))}"

        return PlainText(
            self.name, _ID.sub(numbered, _DRAWN_AT.sub("", self.text)).replace("<", "\n<").replace(",", ", ")
        )

    def compare(self, other: Drawing, rtol: float) -> Match:
        """By :attr:`plain`, whose numbers may differ by ``rtol``."""
        if self.text == other.text:
            return Match(BIT_EQUAL, "", self.summary(), other.summary())
        match = self.plain.compare(other.plain, rtol)
        if match.level == DIFFERENT:
            return match
        note = "apart from ids, dates and comments" if match.level != UNKNOWN else match.note
        level = NUMERICALLY_EQUAL if match.level == BIT_EQUAL else match.level
        return Match(level, note, self.summary(), other.summary(), match.masked)


@dataclass(frozen=True)
class Pages:
    """A PDF: compared by its bytes without its dates; nothing looks into it."""

    name: str
    data: bytes
    kind: str = "figure"
    weight: int = 1

    def summary(self) -> str:
        """The size of the document."""
        return f"PDF of {format_bytes(len(self.data))}"

    def compare(self, other: Pages, rtol: float) -> Match:
        """By bytes, without the dates and ids that a writer of PDF puts in."""
        left, right = self.summary(), other.summary()
        if self.data == other.data:
            return Match(BIT_EQUAL, "", left, right)
        if _VOLATILE.sub(b"", self.data) == _VOLATILE.sub(b"", other.data):
            return Match(NUMERICALLY_EQUAL, "apart from what is masked", left, right, ("dates and ids of the PDF",))
        return Match(UNKNOWN, "the bytes differ; what a PDF shows is not looked at", left, right)
