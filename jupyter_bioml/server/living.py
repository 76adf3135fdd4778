"""Changing runs: rename, note, star, archive, delete; and taking one along."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint
from .runs import RunHandler


class LivingRunHandler(RunHandler):
    """``/runs/ID``."""

    @endpoint(shapes.RunRow, takes=shapes.RunPatch)
    async def patch(self, run: str) -> None:
        """Rename, note, star, archive or tag a run."""
        said = self.body(shapes.RunPatch)
        await self.answer(lambda bench: bench.annotate(run, said))

    @endpoint(shapes.Deleted)
    async def delete(self, run: str) -> None:
        """Delete a run; a tombstone is kept."""
        await self.answer(lambda bench: bench.delete(run))


class ExportHandler(BiomlHandler):
    """``/runs/ID/export``."""

    @endpoint()
    async def get(self, run: str) -> None:
        """A run with all its files, as a zip file."""
        name, content = await self.work(lambda bench: bench.exported(run))
        self.attach(content, name, "application/zip")
