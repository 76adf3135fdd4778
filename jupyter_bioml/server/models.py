"""Registered models and their aliases."""

from __future__ import annotations

from ..views import shapes
from .base import BiomlHandler, endpoint


class ModelsHandler(BiomlHandler):
    """``/models``."""

    @endpoint(shapes.RegisteredModel, many=True)
    async def get(self) -> None:
        """The registered models with their versions."""
        await self.answer(lambda bench: bench.models.registered())


class AliasHandler(BiomlHandler):
    """``/models/NAME/aliases/ALIAS``."""

    @endpoint(shapes.ModelVersion, takes=shapes.AliasRequest)
    async def put(self, name: str, alias: str) -> None:
        """Point an alias at a version."""
        request = self.body(shapes.AliasRequest)
        await self.answer(lambda bench: bench.models.set_alias(name, alias, request.version))

    @endpoint(shapes.AliasDeleted)
    async def delete(self, name: str, alias: str) -> None:
        """Remove an alias; the version stays."""
        await self.answer(lambda bench: bench.models.remove_alias(name, alias))
