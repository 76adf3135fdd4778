"""A real JupyterLab with our extension, and a page object for what the tests do in it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path
from jupyterlab_server.config import get_federated_extensions
from playwright.sync_api import Locator, Page, expect
from ports import free_port

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TOKEN = "browser-tests"
BUNDLE = Path(__file__).parents[2] / "jupyter_bioml" / "labextension"
#: Settings of the user: no question about news, and nothing that moves while a test looks.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}
#: Lab extensions that come with JupyterLab and with us; others that the environment has are off.
EXTENSIONS = {"jupyter-bioml", "jupyterlab_pygments", "@jupyter-widgets/jupyterlab-manager"}
#: Milliseconds that a front end gets on a loaded machine; what it is waited for comes much earlier.
PATIENCE = 30_000
#: Seconds that a server gets to start.
STARTED_WITHIN = 90
#: Seconds that publishers get, which make way for everything else on a loaded machine.
PUBLISHED_WITHIN = 150
expect.set_options(timeout=PATIENCE)


def notebook_document(cells: list[str], tags: dict[int, list[str]] | None = None) -> dict[str, Any]:
    """A notebook with these code cells; ``tags``: place → cell tags."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{place}",
                "metadata": {"tags": tags[place]} if tags and place in tags else {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for place, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


class Lab:
    """A running JupyterLab whose root is ``root``, with configuration and home of its own."""

    def __init__(
        self, folder: Path, *, base_url: str = "/", env: dict[str, str] | None = None, server: bool = True
    ) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        home = self.home = folder / "home"
        clean = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("JUPYTER", "JPY_", "BIOML_", "MLFLOW_"))
        }
        clean.update(
            HOME=str(home),
            IPYTHONDIR=str(home / "ipython"),
            JUPYTER_CONFIG_DIR=str(home / "config"),
            JUPYTER_DATA_DIR=str(home / "data"),
            JUPYTER_RUNTIME_DIR=str(home / "runtime"),
            JUPYTER_PATH=str(home / "first"),
            JUPYTERLAB_SETTINGS_DIR=str(home / "settings"),
            JUPYTERLAB_WORKSPACES_DIR=str(home / "workspaces"),
            MLFLOW_DISABLE_TELEMETRY="true",
            DVC_NO_ANALYTICS="1",
            **(env or {}),
        )
        for name, content in SETTINGS.items():
            file = home / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))
        page_config = home / "config" / "labconfig" / "page_config.json"
        page_config.parent.mkdir(parents=True)
        page_config.write_text(json.dumps({"disabledExtensions": dict.fromkeys(_foreign_extensions(), True)}))
        # the bundle of this tree, whichever one the environment has
        bundles = home / "first" / "labextensions"
        bundles.mkdir(parents=True)
        (bundles / "jupyter-bioml").symlink_to(BUNDLE)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{base_url}"
        self.log = folder / "lab.log"
        extensions = [] if server else ["--ServerApp.jpserver_extensions={'jupyterlab': True, 'jupyter_bioml': False}"]
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
                "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True", f"--ServerApp.root_dir={self.root}", f"--ServerApp.base_url={base_url}",
                f"--IdentityProvider.token={TOKEN}", *extensions,
            ],
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + STARTED_WITHIN
        while True:
            with contextlib.suppress(OSError):
                self.get("api")
                return
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def get(self, path: str, **headers: str) -> bytes:
        """GET an address of the server, with the token."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {TOKEN}", **headers})
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def api(self, path: str) -> Any:
        """GET an endpoint of the server half."""
        return json.loads(self.get(f"bioml/api/v1/{path}"))

    def notebook(self, name: str, cells: list[str], tags: dict[int, list[str]] | None = None) -> Path:
        """Write a notebook below the root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook_document(cells, tags)))
        return path

    def published(self, path: str, count: int) -> list[dict[str, Any]]:
        """The runs of a notebook or folder, newest first, once there are ``count`` and all are in MLflow."""
        until = time.monotonic() + PUBLISHED_WITHIN
        while True:
            rows: list[dict[str, Any]] = self.api(f"runs?scope=project&path={urllib.parse.quote(path)}")["rows"]
            if len(rows) >= count and all(row["published"] for row in rows):
                return rows
            assert time.monotonic() < until, f"not in MLflow: {[row['name'] for row in rows if not row['published']]}"
            time.sleep(0.1)

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _foreign_extensions() -> list[str]:
    """Lab extensions of this environment that are neither JupyterLab's nor ours: nothing of them is tested or shown."""
    found = get_federated_extensions(jupyter_path("labextensions"))
    return sorted(set(found) - EXTENSIONS)


@contextlib.contextmanager
def running(folder: Path, **options: Any) -> Iterator[Lab]:
    """A :class:`Lab`, ended at the end."""
    lab = Lab(folder, **options)
    try:
        yield lab
    finally:
        lab.close()


class LabPage:
    """One browser tab with JupyterLab in it."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        #: Exceptions that nobody caught, and what was written to the console as an error.
        self.errors: list[str] = []
        self.console: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.console.append(said.text) if said.type == "error" else None)

    def open(self, notebook: str | None = None) -> None:
        """Open JupyterLab, with a notebook whose kernel is idle; the layout of earlier tests is forgotten."""
        tree = f"/tree/{urllib.parse.quote(notebook)}" if notebook else ""
        self.goto(f"{self.lab.url}lab{tree}?reset&token={TOKEN}")
        if notebook:
            self.idle()

    def goto(self, address: str) -> None:
        """Go to an address of JupyterLab, and wait until it stands."""
        self.page.goto(address)
        self.page.wait_for_selector("#main .jp-LabShell, #main.jp-LabShell")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def idle(self) -> None:
        """Wait until the visible notebook's kernel is connected, has nothing to do, and is known to."""
        self.page.wait_for_function(
            """() => {
              const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
              return kernel?.connectionStatus === 'connected' && kernel.status === 'idle' && kernel.hasPendingInput === false;
            }"""
        )
        self.page.wait_for_selector(
            '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator[data-status="idle"]'
        )

    def cell(self, place: int) -> Locator:
        """A cell of the visible notebook by its place."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").nth(place)

    def run_cell(self, place: int, *, wait: bool = True) -> None:
        """Select a cell and run it with the keyboard, as a user does."""
        self.cell(place).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.page.wait_for_function(
                "([place]) => { const cells = document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell');"
                " const prompt = cells[place].querySelector('.jp-InputPrompt').textContent; return /\\[\\d+\\]/.test(prompt); }",
                arg=[place],
            )
            self.idle()

    def command(self, identity: str, arguments: dict[str, Any] | None = None) -> None:
        """Execute a JupyterLab command and wait for its end."""
        self.page.evaluate(
            "async ([id, args]) => { await window.jupyterapp.commands.execute(id, args); }", [identity, arguments or {}]
        )

    def sidebar(self) -> Locator:
        """The sidebar "Experiments", opened if it is not."""
        panel = self.page.locator("#jupyter-bioml-experiments")
        if not panel.is_visible():
            self.page.locator('.jp-SideBar [data-id="jupyter-bioml-experiments"]').click()
        panel.wait_for(state="visible")
        return panel

    def runs(self) -> Locator:
        """The list of runs in the sidebar."""
        return self.sidebar().get_by_role("listbox", name="Runs")

    def line(self, name: str) -> Locator:
        """The line of a run in the sidebar, by a part of what it says."""
        return self.runs().get_by_role("option").filter(has_text=name)

    def select(self, *lines: Locator) -> None:
        """Choose runs in the sidebar with the mouse."""
        for place, line in enumerate(lines):
            line.click(modifiers=["ControlOrMeta"] if place else [])

    def action(self, name: str) -> Locator:
        """A button below the list of runs, for those that are chosen."""
        return (
            self.sidebar().get_by_role("toolbar", name="Actions on the selected runs").get_by_role("button", name=name)
        )

    def document(self) -> Locator:
        """The page of a run or of a comparison that is in front."""
        return self.page.locator(".bioml-Page:visible")

    def open_run(self, line: Locator) -> Locator:
        """Open the page of a run by a double click on its line."""
        line.dblclick()
        shown = self.document()
        shown.get_by_role("tablist", name="Parts of the run").wait_for()
        return shown

    def figure(self, key: str) -> Locator:
        """The figures beside a name in a table of the page that is in front, first the run's own."""
        name = self.page.get_by_role("rowheader", name=key)
        return self.document().get_by_role("row").filter(has=name).locator(".bioml-Figure")

    def badge(self, place: int) -> Locator:
        """The run badge of a cell."""
        return self.cell(place).get_by_role("button", name=re.compile("^Run "))
