"""``bioml.register_widget()``: the form that makes a model version from a finished run.

The form only asks and shows: what it offers is what the lab extension's form offers (:mod:`..views.registry`), and what
is allowed, and why not, is the workbench's to say. Every text that came from a run or a server is escaped before it is
shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets

from ..capture import recorder as recording
from ..errors import BiomlError
from ..promote.register import Registered
from ..runs.row import RunRow
from ..text.present import format_ago, format_number, printable, short_id
from ..views import registry, shapes
from ..workbench import Workbench

#: Runs offered, newest first; reproductions are not, as the run that they repeat is.
MOST_RUNS = 100
_SOFT = "color:var(--jp-ui-font-color2, #757575)"
_COLOURS = {"✓": "var(--jp-success-color1, #388e3c)", "✗": "var(--jp-error-color1, #d32f2f)"}
_WIDE = {"width": "560px", "max_width": "100%"}


def register_widget(run: str | None = None) -> RegisterForm:
    """A form to register a model: show it as the last expression of a cell.

    :param run: the run to begin with (a run id, a record id, or a beginning of either); default: the newest
        finished one that has a model.
    """
    recorder = recording.active
    if recorder is None:
        return RegisterForm(Workbench.at(), run)
    recorder.run_later()
    return RegisterForm(Workbench(recorder.project, recorder.destination), run)


class RegisterForm:
    """The form. Its parts are ipywidgets, so that code can fill it in and press its button too.

    :ivar run: the chosen run (value: its record id).
    :ivar name: the model's name, at first the one that suits the run; ``alias`` and ``description`` may stay empty.
    :ivar stored: what a version will hold, or why the run cannot be registered. ``said``: what came of it.
    :ivar button: registers; disabled until there is a run that can be registered and a name.
    :ivar made: the last version made, or None.
    """

    def __init__(self, workbench: Workbench, run: str | None = None) -> None:
        self._workbench = workbench
        self._rows: dict[str, RunRow] = {}
        self._models: tuple[shapes.RegisteredModel, ...] = ()
        self._offer: shapes.RegisterOffer | None = None
        self.made: Registered | None = None
        wide = {"layout": ipywidgets.Layout(**_WIDE), "style": {"description_width": "90px"}}
        self.run = ipywidgets.Dropdown(description="Run", **wide)
        self.name = ipywidgets.Combobox(description="Name", placeholder="an existing or new model name", **wide)
        self.next_version = ipywidgets.HTML()
        self.alias = ipywidgets.Combobox(description="Alias", placeholder="optional", **wide)
        self.description = ipywidgets.Text(description="Description", placeholder="optional", **wide)
        self.stored = ipywidgets.HTML()
        self.said = ipywidgets.HTML()
        self.button = ipywidgets.Button(description="Register", button_style="primary", icon="check", disabled=True)
        self.again = ipywidgets.Button(description="Refresh", icon="refresh", tooltip="Look for newer runs")
        self.box = ipywidgets.VBox(
            [
                ipywidgets.HTML("<strong>Register a model</strong>"),
                self.run,
                ipywidgets.HBox([self.name, self.next_version]),
                self.alias,
                self.description,
                self.stored,
                ipywidgets.HBox([self.button, self.again]),
                self.said,
            ]
        )
        self.refresh(run)
        self.run.observe(lambda _: self._guarded(self._show_run), "value")
        self.name.observe(lambda _: self._show_name(), "value")
        self.button.on_click(lambda _: self._guarded(self.register))
        self.again.on_click(lambda _: self.refresh())

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    def refresh(self, run: str | None = None) -> None:
        """Reload runs and models; keep what was typed. ``run``: choose this one."""
        self._guarded(lambda: self._read(run))

    def _read(self, run: str | None) -> None:
        chosen = self._workbench.runs.find(run).record.record_id if run else self.run.value
        self._rows = {row.record_id: row for row in self._workbench.runs.list(reproductions=True, children=True).rows}
        options = [(_label(row), row.record_id) for row in self._rows.values() if row.has_model and not row.reproduces][
            :MOST_RUNS
        ]
        if chosen is not None and chosen not in [identity for _, identity in options]:
            options.insert(0, (f"{short_id(chosen)} (as named)", chosen))
        self._read_models()
        self.run.options = options
        self.run.value = chosen if chosen is not None else (options[0][1] if options else None)
        self._say("")
        self._show_run()

    def _read_models(self) -> None:
        found = self._workbench.models.list()
        models = registry.models_of(found.versions, found.descriptions, lambda _: None, self._workbench.destination)
        self._models = tuple(_with_run_names(model, self._rows) for model in models)

    def _show_run(self) -> None:
        suggested = self._offer.suggested_name if self._offer else ""
        if self.run.value is None:
            self._offer = None
            self.stored.value = _soft(
                "No finished run with a model yet. Fit one in a cell marked with %%experiment NAME, then press Refresh."
            )
        else:
            found, row = self._workbench.runs.find(self.run.value), self._rows.get(self.run.value)
            has_model = found.record.model is not None or (row is not None and row.has_model)
            self._offer = registry.offer(found, self._models, has_model=has_model)
            self.stored.value = _offered(self._offer)
            self.name.options = tuple(one.name for one in self._offer.names)
            self.alias.options = self._offer.aliases
            if self.name.value in ("", suggested):
                self.name.value = self._offer.suggested_name
        self._show_name()

    def _show_name(self) -> None:
        name = self.name.value.strip()
        known = {one.name: one.next_version for one in self._offer.names} if self._offer else {}
        self.next_version.value = _soft(f"next version: {known.get(name, '1')}") if name else ""
        self._allow()

    def _allow(self) -> None:
        self.button.disabled = self._offer is None or not self._offer.can or not self.name.value.strip()

    def register(self) -> None:
        """Register, and show the result."""
        self._say("Registering; a run that is not in MLflow yet is sent first …")
        self.button.disabled = True
        made = self._workbench.models.register(
            self.run.value,
            self.name.value.strip(),
            alias=self.alias.value.strip() or None,
            description=self.description.value,
        )
        self.made = made
        alias = "".join(f" @{name}" for name in made.aliases)
        self._read_models()
        self._show_run()
        self._say(f"✓ {made.name} version {made.version}{alias}, from run {short_id(made.record_id)}", _load_line(made))

    def _guarded(self, work: Callable[[], None]) -> None:
        """A callback of the form never raises into the kernel: the form says what happened."""
        try:
            work()
        except BiomlError as error:
            self._say(f"✗ {error.message}", error.next)
        except Exception as error:
            self._say(f"✗ {type(error).__name__}: {error}", "Nothing was registered.")
        self._allow()

    def _say(self, text: str, more: str = "") -> None:
        colour = _COLOURS.get(text[:1])
        sign = f'<span style="color:{colour}">{text[:1]}</span>' if colour else escape(text[:1])
        self.said.value = f"{sign}{escape(printable(text[1:]))}" + (f"<br>{_soft(more)}" if more else "")


def _soft(text: str) -> str:
    return f'<span style="{_SOFT};white-space:pre-wrap">{escape(printable(text))}</span>'


def _label(row: RunRow) -> str:
    figures = next(iter(row.metrics.items()), None)
    figure = f"{printable(figures[0])} {format_number(figures[1])}, " if figures else ""
    return f"{printable(row.name) or '(no name)'} ({figure}{format_ago(row.started)}, {short_id(row.record_id)})"


def _offered(offer: shapes.RegisterOffer) -> str:
    """The content to be stored, line by line; else the refusal and the next step."""
    if offer.refusal is not None:
        return f"✗ {escape(printable(offer.refusal.message))}<br>{_soft(offer.refusal.next)}"
    lines = [f"{one.label}: {one.text}" for one in offer.will_store]
    return "Will store<br>" + "<br>".join(map(_soft, lines))


def _with_run_names(model: shapes.RegisteredModel, rows: Mapping[str, RunRow]) -> shapes.RegisteredModel:
    """The model with the names of the runs that its versions came from."""
    named = ((version, rows.get(version.record_id or "")) for version in model.versions)
    versions = (dataclasses.replace(version, run_name=row.name) if row else version for version, row in named)
    return dataclasses.replace(model, versions=tuple(versions))


def _load_line(made: Registered) -> str:
    return f'Load it in this notebook with: mlflow.pyfunc.load_model("{made.uri}")'
