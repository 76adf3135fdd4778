"""What runs now."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint
from .bench import ServerBench


class LiveHandler(BiomlHandler):
    """``/live``."""

    @endpoint(shapes.Live)
    async def get(self) -> None:
        """What runs in the kernel of a notebook (of a folder: in every kernel), and its readings."""
        await self.answer(self._live, patient=False)

    def _live(self, bench: ServerBench) -> shapes.Live:
        place = self.place()
        return bench.live(None if place.is_dir() else bench.project.relative(place))
