"""Which server and project this is, and what waits."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class HelloHandler(BiomlHandler):
    """``/``."""

    @endpoint("Which server this is, and which project a path belongs to.", shapes.Hello)
    async def get(self) -> None:
        root = str(self.workbenches.root)
        await self.answer(lambda bench: bench.hello(root), patient=False)


class StatusHandler(BiomlHandler):
    """``/status``."""

    @endpoint("The project, waiting runs, and tracked kernels.", shapes.Status)
    async def get(self) -> None:
        await self.answer(lambda bench: bench.state(), patient=False)
