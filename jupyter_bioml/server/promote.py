"""Promotions: what the gates say, promote, approve or reject, roll back."""

from __future__ import annotations

from ..views import promote_shapes as shapes
from ..views import promotions
from .base import BiomlHandler, endpoint


class GatesHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/gates``."""

    @endpoint("What each gate of an alias says about a version; nothing is moved.", shapes.Promotion, query=("alias",))
    async def get(self, name: str, version: str) -> None:
        alias = self.argument("alias")
        await self.answer(lambda bench: promotions.gates(bench.promotions, name, version, alias))


class PromoteHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/promote``."""

    @endpoint(
        "Point an alias at a version if every gate passes; promoted says whether it does.",
        shapes.Promotion,
        takes=shapes.PromoteRequest,
    )
    async def post(self, name: str, version: str) -> None:
        request = self.body(shapes.PromoteRequest)
        await self.answer(lambda bench: promotions.promote(bench.promotions, name, version, request))


class ApproveHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/approve``."""

    @endpoint("Approve or reject a version in one's own name.", shapes.Decided, takes=shapes.DecisionRequest)
    async def post(self, name: str, version: str) -> None:
        request = self.body(shapes.DecisionRequest)
        await self.answer(lambda bench: promotions.decide(bench.promotions, name, version, request))


class RollbackHandler(BiomlHandler):
    """``/models/NAME/rollback``."""

    @endpoint(
        "Point an alias back at the version that held it before.", shapes.RolledBack, takes=shapes.RollbackRequest
    )
    async def post(self, name: str) -> None:
        request = self.body(shapes.RollbackRequest)
        await self.answer(lambda bench: promotions.roll_back(bench.promotions, name, request))
