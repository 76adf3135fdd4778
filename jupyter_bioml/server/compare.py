"""Comparing runs."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class CompareHandler(BiomlHandler):
    """``/compare``."""

    @endpoint(shapes.Comparison, takes=shapes.CompareRequest)
    async def post(self) -> None:
        """Two to twenty runs side by side."""
        request = self.body(shapes.CompareRequest)
        await self.answer(lambda bench: bench.run.compare(request.runs))
