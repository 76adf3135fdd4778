"""Promotions: what the gates say, promote, approve or reject, roll back."""

from __future__ import annotations

from ..views import promote_shapes as shapes
from ..views import promotions
from .base import BiomlHandler, endpoint


class GatesHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/gates``."""

    @endpoint(shapes.Promotion, query=("alias", "ticket"))
    async def get(self, name: str, version: str) -> None:
        """What each gate of an alias says about a version, as far as it is known; nothing is moved."""
        alias, ticket = self.argument("alias"), self.argument("ticket")
        await self.answer(lambda bench: bench.gates.look(bench.promotions(name, version), name, version, alias, ticket))


class PromoteHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/promote``."""

    @endpoint(shapes.Promotion, takes=shapes.PromoteRequest)
    async def post(self, name: str, version: str) -> None:
        """Point an alias at a version if every gate passes; promoted says whether it does."""
        request = self.body(shapes.PromoteRequest)
        await self.answer(lambda bench: promotions.promote(bench.promotions(name, version), name, version, request))


class ApproveHandler(BiomlHandler):
    """``/models/NAME/versions/VERSION/approve``."""

    @endpoint(shapes.Decided, takes=shapes.DecisionRequest)
    async def post(self, name: str, version: str) -> None:
        """Approve or reject a version in one's own name."""
        request = self.body(shapes.DecisionRequest)
        await self.answer(lambda bench: promotions.decide(bench.promotions(name, version), name, version, request))


class RollbackHandler(BiomlHandler):
    """``/models/NAME/rollback``."""

    @endpoint(shapes.RolledBack, takes=shapes.RollbackRequest)
    async def post(self, name: str) -> None:
        """Point an alias back at the version that held it before."""
        request = self.body(shapes.RollbackRequest)
        await self.answer(lambda bench: promotions.roll_back(bench.promotions(name, request.alias), name, request))
