"""One JupyterLab and one browser for all browser tests of a worker; a fresh context for each test."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from .lab import CHROMIUM, FLAGS, Lab, LabPage, running
from .study import Study, make_study

#: As behind JupyterHub: nothing may take the server to be at the root of its host.
BASE_URL = "/user/ada/"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("lab"), base_url=BASE_URL) as started:
        yield started


@pytest.fixture(scope="session")
def study(lab: Lab) -> Study:
    """A project with finished runs in MLflow, made once by a real kernel. Tests look at it and leave it as it is."""
    return make_study(lab)


@pytest.fixture
def open_tab(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Lab], LabPage]]:
    """Opens tabs with storage of their own. An error in a page fails the test; of a test that fails a picture is kept."""
    tabs: list[LabPage] = []

    def make(lab: Lab) -> LabPage:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        tabs.append(LabPage(context.new_page(), lab))
        return tabs[-1]

    yield make
    for number, tab in enumerate(tabs):
        if request.node.stash.get(FAILED, False):
            picture = tmp_path / f"tab-{number}.png"
            with contextlib.suppress(Error):  # a page that hangs has no picture, and says so by hanging
                tab.page.screenshot(path=picture)
            sys.stdout.write(f"{picture}\nconsole: {tab.console}\n")
        tab.page.context.close()
    assert [error for tab in tabs for error in tab.errors] == []


@pytest.fixture
def tab(open_tab: Callable[[Lab], LabPage], lab: Lab) -> LabPage:
    return open_tab(lab)


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """A project of its own below the server's root."""
    path: Path = lab.root / re.sub(r"\W+", "_", request.node.name).strip("_")
    (path / ".bioml").mkdir(parents=True)
    return path
