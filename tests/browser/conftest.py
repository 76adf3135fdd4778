"""One JupyterLab and one browser for all browser tests of a worker; a fresh context for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .lab import CHROMIUM, FLAGS, Lab, LabPage, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture
def tab(browser: Browser, lab: Lab) -> Iterator[LabPage]:
    """A tab of its own; what the page wrote to the console as an error fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield LabPage(page, lab)
    context.close()
    assert errors == []


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """A project of its own below the server's root."""
    path = lab.root / request.node.name.partition("[")[0]
    (path / ".bioml").mkdir(parents=True)
    return path
