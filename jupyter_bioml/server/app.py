"""The server extension: its routes, and what it keeps while the server runs."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join

from . import compare, jobs, live, living, models, openapi, promote, runs, status, table
from .base import BiomlHandler
from .workbenches import Workbenches

PREFIX = "bioml/api/v1"
#: jupyter_server's own events of files.
CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
#: Path below the prefix → handler. ``{path}`` takes the rest, every other part one segment.
ROUTES: tuple[tuple[str, type[BiomlHandler]], ...] = (
    ("/", status.HelloHandler),
    ("/openapi.json", openapi.OpenApiHandler),
    ("/status", status.StatusHandler),
    ("/track", status.TrackHandler),
    ("/runs", runs.RunsHandler),
    ("/experiments", runs.ExperimentsHandler),
    ("/runs/{run}", living.LivingRunHandler),
    ("/runs/{run}/series", runs.SeriesHandler),
    ("/runs/{run}/resources", runs.ResourcesHandler),
    ("/runs/{run}/outputs", runs.OutputsHandler),
    ("/runs/{run}/code", runs.CodeHandler),
    ("/runs/{run}/files", runs.FilesHandler),
    ("/runs/{run}/files/{path}", runs.FileHandler),
    ("/runs/{run}/export", living.ExportHandler),
    ("/runs/{run}/register", runs.RegisterHandler),
    ("/table/columns", table.ColumnsHandler),
    ("/table/groups", table.GroupsHandler),
    ("/table/values", table.ValuesHandler),
    ("/table/change", table.ChangeHandler),
    ("/table/export", table.SeveralHandler),
    ("/table/views", table.ViewsHandler),
    ("/table/views/{name}", table.ViewHandler),
    ("/compare", compare.CompareHandler),
    ("/models", models.ModelsHandler),
    ("/models/{name}/aliases/{alias}", models.AliasHandler),
    ("/models/{name}/versions/{version}/gates", promote.GatesHandler),
    ("/models/{name}/versions/{version}/promote", promote.PromoteHandler),
    ("/models/{name}/versions/{version}/approve", promote.ApproveHandler),
    ("/models/{name}/rollback", promote.RollbackHandler),
    ("/live", live.LiveHandler),
    ("/jobs", jobs.JobsHandler),
    ("/jobs/{job}", jobs.JobHandler),
)


class NothingHandler(BiomlHandler):
    """Every other address below the prefix: an error in our form."""

    async def prepare(self) -> None:  # type: ignore[override]  # without a private argument
        """Refuse with 404, after the same checks as everywhere."""
        await super().prepare()
        self.send_error(404)


def pattern(path: str) -> str:
    """The regular expression of a route."""
    parts = re.split(r"({\w+})", path)
    one = {"{path}": "(.+)"}
    return "".join(one.get(part, "([^/]+)") if part.startswith("{") else re.escape(part) for part in parts)


class BiomlExtension(ExtensionApp):
    """jupyter_bioml in a Jupyter server."""

    name = "jupyter_bioml"
    app_name = "jupyter-bioml"
    description = "Runs of tracked notebook cells: list, compare, register."
    load_other_extensions = True

    def initialize_settings(self) -> None:
        """A server's root is where its contents manager looks."""
        contents = self.settings.get("contents_manager")
        root = getattr(contents, "root_dir", None) or self.settings["server_root_dir"]
        prefix = url_path_join(self.settings.get("base_url", "/"), PREFIX)
        self.settings["bioml_workbenches"] = Workbenches(Path(root))
        self.settings["bioml_jobs"] = jobs.Jobs()
        self.settings["bioml_openapi"] = openapi.document(ROUTES, prefix)

        events = self.serverapp.event_logger if self.serverapp is not None else None
        if events is not None:
            events.add_listener(schema_id=CONTENTS, listener=self._contents_changed)

    async def _contents_changed(self, logger: object, schema_id: str, data: dict[str, Any]) -> None:
        """A notebook that was renamed keeps its runs."""
        if data.get("action") == "rename":
            await asyncio.wrap_future(
                self.settings["bioml_workbenches"].renamed(str(data["source_path"]), str(data["path"]))
            )

    def initialize_handlers(self) -> None:
        """Our routes, and a refusal in our form for what is none."""
        self.handlers.extend((f"/{PREFIX}{pattern(path)}", handler) for path, handler in ROUTES)
        self.handlers.append((f"/{PREFIX}", status.HelloHandler))
        self.handlers.append((f"/{PREFIX}/.*", NothingHandler))

    async def stop_extension(self) -> None:
        """End what runs for us."""
        if "bioml_workbenches" in self.settings:
            await self.settings["bioml_jobs"].close()
            self.settings["bioml_workbenches"].close()
