"""The documentation as a web site: it builds without a warning, holds all it shows, leads everywhere, and a fault fails."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

REPOSITORY = Path(__file__).parent.parent
DOCS = REPOSITORY / "docs"
#: Attributes by which a page makes the browser load something, without a click.
LOADS = {"src", "srcset", "poster", "data"}


@dataclass
class Read(HTMLParser):
    """What one page loads, where its links lead, and the names in it that a link can lead to."""

    loaded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in LOADS or (tag == "link" and name == "href"):
                self.loaded.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name == "id":
                self.ids.add(value or "")


def build(repository: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What ``make site`` runs, in another folder."""
    command = [sys.executable, "-m", "docs.site", str(folder)]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = build(REPOSITORY, folder)
    assert (built.returncode, built.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Read]:
    """Every page of the site; ``_static`` holds none (the theme leaves a template there)."""
    found = {}
    for file in site.rglob("*.html"):
        if "_static" not in file.parts:
            found[file] = Read()
            found[file].feed(file.read_text(encoding="utf-8"))
    return found


def elsewhere(address: str) -> bool:
    """Whether it is on another server; ``data:`` stands in the page itself."""
    return bool(urlsplit(address).netloc) or urlsplit(address).scheme not in ("", "data")


def test_nothing_is_loaded_from_another_server(site: Path, pages: dict[Path, Read]) -> None:
    loaded = [(file, address) for file, page in pages.items() for address in page.loaded]
    assert any(address.endswith(".png") for _, address in loaded)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        named = re.findall(r"""(?:url\(|@import\s)\s*["']?([^"')\s;]+)""", text)
        loaded += [(sheet, address) for address in named]
    assert [(str(file.relative_to(site)), address) for file, address in loaded if elsewhere(address)] == []


def test_what_is_loaded_and_linked_is_there(site: Path, pages: dict[Path, Read]) -> None:
    """Links of the theme and of raw HTML too, which Sphinx does not look at."""
    broken = []
    for file, page in pages.items():
        for address in [*page.loaded, *page.links]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            names = pages[target].ids if target in pages else set()
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in names):
                broken.append(f"{file.relative_to(site)}: {address}")
    assert broken == []


def below(document: Path) -> Iterator[Path]:
    """The documents that the tables of contents in it lead to, and those below them."""
    text = document.read_text(encoding="utf-8")
    for block in re.findall(r"^```\{toctree\}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        for entry in re.findall(r"^(?!:)(?:.*<)?([^\s<>]+)>?$", block, flags=re.MULTILINE):
            child = (document.parent / f"{entry}.md").resolve()
            yield child
            yield from below(child)


def test_every_page_is_reached_from_the_front_page(site: Path) -> None:
    front = DOCS / "index.md"
    reached = [front, *below(front)]
    assert sorted(reached) == sorted([*DOCS.rglob("*.md"), *REPOSITORY.glob("*.md")]), "each once"
    assert [page for page in reached if not (site / page.relative_to(REPOSITORY).with_suffix(".html")).exists()] == []


def test_the_schema_of_the_record_is_a_file_of_the_site(site: Path, pages: dict[Path, Read]) -> None:
    (link,) = {link for link in pages[site / "docs/reference/record.html"].links if link.endswith("record.schema.json")}
    copied = (site / "docs/reference" / link).read_bytes()
    assert copied == (DOCS / "reference" / "record.schema.json").read_bytes()


def test_a_fault_in_a_page_fails(tmp_path: Path) -> None:
    """Every kind that ``make site`` promises to find, each named with its page."""
    repository = tmp_path / "repository"
    shutil.copytree(DOCS, repository / "docs", ignore=shutil.ignore_patterns("*.md", "images", "reference"))
    icon = "labextension/style/icons/experiments.svg"
    (repository / icon).parent.mkdir(parents=True)
    shutil.copy(REPOSITORY / icon, repository / icon)
    toctree = "\n```{toctree}\nfaulty\n```\n"
    (repository / "docs" / "index.md").write_text(f"# Front\n{toctree}", encoding="utf-8")
    faults = ["[a](missing.md)", "[b](index.md#missing-heading)", "![c](missing.png)", "[d](../missing.py)"]
    (repository / "docs" / "faulty.md").write_text("# Faulty\n\n" + "\n".join(faults) + "\n", encoding="utf-8")
    (repository / "docs" / "left-out.md").write_text("# In no table of contents\n", encoding="utf-8")
    built = build(repository, tmp_path / "built")
    assert built.returncode == 1
    complaints = [line for line in built.stderr.splitlines() if "WARNING" in line]
    for name in ("'missing.md'", "'missing-heading'", "docs/missing.png", "'../missing.py'", "left-out.md"):
        assert [line for line in complaints if name in line], name
    assert len(complaints) == 5
