"""Which server and project this is, and what waits."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class HelloHandler(BiomlHandler):
    """``/``."""

    @endpoint(shapes.Hello)
    async def get(self) -> None:
        """Which server this is, and which project a path belongs to."""
        root = str(self.workbenches.root)
        await self.answer(lambda bench: bench.hello(root), patient=False)


class StatusHandler(BiomlHandler):
    """``/status``."""

    @endpoint(shapes.Status)
    async def get(self) -> None:
        """The project, waiting runs, and tracked kernels."""
        await self.answer(lambda bench: bench.state(), patient=False)


class TrackHandler(BiomlHandler):
    """``/track``."""

    @endpoint(shapes.Tracked, takes=shapes.Tracked)
    async def put(self) -> None:
        """Track every notebook of the project in JupyterLab, or only those that are switched on."""
        asked, root = self.body(shapes.Tracked), self.workbenches.root
        await self.answer(lambda bench: bench.track(asked, root), patient=False)
