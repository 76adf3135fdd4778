"""Registered models and their aliases."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class ModelsHandler(BiomlHandler):
    """``/models``."""

    @endpoint("The registered models with their versions.", shapes.Model, many=True)
    async def get(self) -> None:
        await self.answer(lambda bench: bench.registered())


class AliasHandler(BiomlHandler):
    """``/models/NAME/aliases/ALIAS``."""

    @endpoint("Let an alias point at a version.", shapes.ModelVersion, takes=shapes.AliasRequest)
    async def put(self, name: str, alias: str) -> None:
        request = self.body(shapes.AliasRequest)
        await self.answer(lambda bench: bench.point_alias(name, alias, request.version))

    @endpoint("Remove an alias; the version stays.", shapes.AliasDeleted)
    async def delete(self, name: str, alias: str) -> None:
        await self.answer(lambda bench: bench.take_alias(name, alias))
