"""What runs now."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class LiveHandler(BiomlHandler):
    """``/live``."""

    @endpoint("What runs in the kernel of a notebook (of a folder: in every kernel), and its readings.", shapes.Live)
    async def get(self) -> None:
        place = self.place()
        await self.answer(
            lambda desk: desk.live(None if place.is_dir() else desk.project.relative(place)), patient=False
        )
