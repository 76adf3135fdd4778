"""Comparing runs."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class CompareHandler(BiomlHandler):
    """``/compare``."""

    @endpoint("Two to twenty runs side by side.", shapes.Comparison, takes=shapes.CompareRequest)
    async def post(self) -> None:
        request = self.body(shapes.CompareRequest)
        await self.answer(lambda bench: bench.run.compare(request.runs))
