"""Runs: the list, one of them, its series, readings, outputs and files, and registering it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..records.run import FAILED, FINISHED, KILLED, RUNNING
from ..runs import query
from ..views import shapes
from .base import BiomlHandler, endpoint
from .bench import ServerBench
from .requests import choice, flag, number, whole

_SCOPES, _SORTS, _ORDERS = (
    ("notebook", "project", "experiment"),
    ("started", "name", "duration", "metric", "column"),
    ("asc", "desc"),
)
_STATES = (RUNNING, FINISHED, FAILED, KILLED)
#: Parameters that say which runs are meant, in which order, besides ``path`` and ``tag``; and which part of the list.
CHOICE = (
    "scope", "experiment", "q", "where", "group", "value", "state", "metric", "min", "max", "sort", "column", "order",
    "archived", "starred", "name", "reproductions", "parent", "flat",
)  # fmt: skip
LIST = (*CHOICE, "offset", "limit")
#: Points of one series: by default, and at most.
POINTS, MOST_POINTS = 2000, 100_000


class ListHandler(BiomlHandler):
    """Base of what answers about the runs that a query means."""

    def query(self) -> tuple[str, dict[str, Any]]:
        """(scope, fields of the query that do not depend on the project)."""
        given = {name: self.argument(name) or None for name in LIST}
        scope = choice("scope", given["scope"] or "notebook", _SCOPES)
        if scope == "experiment" and given["experiment"] is None:
            raise UsageError("The scope is an experiment, but none is named.", next="Give experiment=NAME.")
        states = [choice("state", word, _STATES) for word in (given["state"] or "").split(",") if word]
        fields: dict[str, Any] = {
            "text": given["q"],
            "tags": tuple(self.arguments("tag")),
            "states": frozenset(states),
            "metric": given["metric"],
            "name": given["name"],
            "parent": given["parent"],
            "experiment": given["experiment"] if scope == "experiment" else None,
            "sort": choice("sort", given["sort"] or "started", _SORTS),
            "descending": choice("order", given["order"] or "desc", _ORDERS) == "desc",
            "offset": whole("offset", given["offset"] or "0", 0, 10**9),
            "limit": whole("limit", given["limit"] or "50", 1, query.LARGEST_PAGE),
        }
        fields |= {name: given[name] for name in ("where", "group", "value", "column")}
        flags = ("archived", "starred", "reproductions", "flat")
        fields |= {name: flag(name, given[name] or "0") for name in flags}
        for name, field in (("min", "minimum"), ("max", "maximum")):
            text = given[name]
            fields[field] = None if text is None else number(name, text)
        return scope, fields


class RunsHandler(ListHandler):
    """``/runs``."""

    @endpoint(shapes.RunPage, query=LIST, repeated=("tag",))
    async def get(self) -> None:
        """A page of the runs of a notebook, the project or an experiment."""
        asked = self.query()
        await self.answer(lambda bench: bench.page(within(bench, self.place(), *asked)), patient=False)


def within(bench: ServerBench, place: Path, scope: str, fields: dict[str, Any]) -> query.Query:
    """The query of a scope: the notebook at the place, or all notebooks below the folder that it is. A run's children
    are listed whatever notebook they are in."""
    if scope == "notebook" and fields["parent"] is None:
        name = bench.project.relative(place)
        fields["folder" if place.is_dir() else "notebook"] = "" if name == "." else name
    return query.Query(**fields)


class ExperimentsHandler(BiomlHandler):
    """``/experiments``."""

    @endpoint(shapes.Experiment, many=True)
    async def get(self) -> None:
        """The MLflow experiments that hold runs of the project."""
        await self.answer(lambda bench: bench.experiments(), patient=False)


class RunHandler(BiomlHandler):
    """``/runs/ID``; PATCH and DELETE are in :mod:`.living`."""

    @endpoint(shapes.RunDetail)
    async def get(self, run: str) -> None:
        """One run and what is known around it."""
        await self.answer(lambda bench: bench.run.detail(run))


class SeriesHandler(BiomlHandler):
    """``/runs/ID/series``: ``key`` is repeated; without any, every metric that has more than one value."""

    @endpoint(shapes.SeriesSet, query=("limit",), repeated=("key",))
    async def get(self, run: str) -> None:
        """Metrics over their steps."""
        keys = [key for key in self.arguments("key") if key]
        limit = whole("limit", self.argument("limit") or str(POINTS), 4, MOST_POINTS)
        await self.answer(lambda bench: bench.run.series(run, keys, limit))


class ResourcesHandler(BiomlHandler):
    """``/runs/ID/resources``."""

    @endpoint(shapes.RunResources)
    async def get(self, run: str) -> None:
        """A run's resource use over time."""
        await self.answer(lambda bench: bench.run.resources(run))


class OutputsHandler(BiomlHandler):
    """``/runs/ID/outputs``."""

    @endpoint(shapes.RunOutput, many=True)
    async def get(self, run: str) -> None:
        """The cell's printed and displayed output, in order."""
        await self.answer(lambda bench: bench.run.outputs(run))


class FilesHandler(BiomlHandler):
    """``/runs/ID/files``."""

    @endpoint(shapes.FileEntry, many=True)
    async def get(self, run: str) -> None:
        """The files kept with a run."""
        await self.answer(lambda bench: bench.run.files(run))


class CodeHandler(BiomlHandler):
    """``/runs/ID/code``."""

    @endpoint(shapes.LoadCode, many=True)
    async def get(self, run: str) -> None:
        """Python that loads the run's models, predictions and data."""
        await self.answer(lambda bench: bench.run.code(run))


class FileHandler(BiomlHandler):
    """``/runs/ID/files/PATH``: never shown by the browser as a page of this server."""

    @endpoint()
    async def get(self, run: str, path: str) -> None:
        """One file of a run, to be saved."""
        content = await self.work(lambda bench: bench.run.read_file(run, path))
        self.attach(content, path.rpartition("/")[2])


class RegisterHandler(BiomlHandler):
    """``/runs/ID/register``."""

    @endpoint(shapes.RegisterOffer)
    async def get(self, run: str) -> None:
        """What registering the run would store, or why it cannot be registered."""
        await self.answer(lambda bench: bench.models.offer(run))

    @endpoint(shapes.ModelVersion, takes=shapes.RegisterRequest, status=201)
    async def post(self, run: str) -> None:
        """Make a model version from the run."""
        request = self.body(shapes.RegisterRequest)
        await self.answer(lambda bench: bench.models.register(run, request), status=201)
