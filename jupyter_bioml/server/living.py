"""Changing runs: rename, note, star, archive, delete; and taking one along."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint
from .runs import RunHandler


class LivingRunHandler(RunHandler):
    """``/runs/ID``."""

    @endpoint("Rename, note, star or archive a run.", shapes.RunRow, takes=shapes.RunPatch)
    async def patch(self, run: str) -> None:
        said = self.body(shapes.RunPatch)
        await self.answer(lambda bench: bench.annotate(run, said))

    @endpoint("Delete a run; a tombstone is kept.", shapes.Deleted)
    async def delete(self, run: str) -> None:
        await self.answer(lambda bench: bench.delete(run))


class ExportHandler(BiomlHandler):
    """``/runs/ID/export``."""

    @endpoint("A run with all its files, as a zip file.")
    async def get(self, run: str) -> None:
        name, content = await self.work(lambda bench: bench.exported(run))
        self.attach(content, name, "application/zip")
