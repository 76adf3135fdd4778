"""The full-width table of runs: groups, whole columns, names to choose from, changes of many runs, saved views."""

from __future__ import annotations

from ..keeping.table_views import forget_view, save_view, saved_views
from ..views import shapes
from .base import BiomlHandler, endpoint
from .runs import CHOICE, ListHandler, within


class ColumnsHandler(ListHandler):
    """``/table/columns``."""

    @endpoint(shapes.ColumnKeys)
    async def get(self) -> None:
        """Every metric, parameter and tag of the project's runs."""
        await self.answer(lambda bench: bench.index.snapshot().columns, patient=False)


class GroupsHandler(ListHandler):
    """``/table/groups``: ``by`` is the column whose values make the groups (``name``), ``of`` the metric that they are
    judged by."""

    @endpoint(shapes.TableGroups, query=(*CHOICE, "by", "of"), repeated=("tag",))
    async def get(self) -> None:
        """The runs in groups by the values of a column, each with its best, mean and standard deviation."""
        asked, by, of = self.query(), self.argument("by") or "name", self.argument("of") or None
        await self.answer(lambda bench: bench.groups(within(bench, self.place(), *asked), by, of), patient=False)


class ValuesHandler(ListHandler):
    """``/table/values``: ``show`` is repeated; without any, only the ids of the runs."""

    @endpoint(shapes.TableValues, query=CHOICE, repeated=("tag", "show"))
    async def get(self) -> None:
        """Whole columns of the runs that are asked for."""
        asked, columns = self.query(), tuple(self.arguments("show"))
        await self.answer(lambda bench: bench.values(within(bench, self.place(), *asked), columns), patient=False)


class ChangeHandler(BiomlHandler):
    """``/table/change``."""

    @endpoint(shapes.ManyPatched, takes=shapes.ManyPatch)
    async def post(self) -> None:
        """Star, archive or tag many runs at once."""
        said = self.body(shapes.ManyPatch)
        await self.answer(lambda bench: bench.annotate_all(said))


class SeveralHandler(BiomlHandler):
    """``/table/export``: ``run`` is repeated."""

    @endpoint(repeated=("run",))
    async def get(self) -> None:
        """Several runs with all their files: a zip file of one zip file for each."""
        runs = tuple(self.arguments("run"))
        name, content = await self.work(lambda bench: bench.exported_all(runs))
        self.attach(content, name, "application/zip")


class ViewsHandler(BiomlHandler):
    """``/table/views``."""

    @endpoint(shapes.TableView, many=True)
    async def get(self) -> None:
        """The project's saved views of the table."""
        await self.answer(lambda bench: saved_views(bench.project), patient=False)

    @endpoint(shapes.TableView, takes=shapes.TableView)
    async def post(self) -> None:
        """Save a view; one of the same name is replaced."""
        view = self.body(shapes.TableView)
        await self.answer(lambda bench: save_view(bench.project, view))


class ViewHandler(BiomlHandler):
    """``/table/views/NAME``."""

    @endpoint(shapes.TableView)
    async def delete(self, name: str) -> None:
        """Delete a view; answers with what it was."""
        await self.answer(lambda bench: forget_view(bench.project, name))
