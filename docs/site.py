"""``python -m docs.site FOLDER``: the documentation as a web site, read from scratch each time.

A warning fails: a link to a page, a heading or an image that is not there, a page that no table of contents leads to.
Links to other servers are not followed, because a build needs no network.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import build_main

DOCS = Path(__file__).parent


def build(folder: Path) -> int:
    """Write the site into ``folder``; 0, or another number when Sphinx had anything to complain about."""
    with tempfile.TemporaryDirectory(prefix="bioml-site-") as cache:
        strict = ["--fail-on-warning", "--quiet"]
        return build_main([*strict, "-d", cache, "-c", str(DOCS), str(DOCS.parent), str(folder)])


def main() -> int:
    folder = Path(sys.argv[1])
    code = build(folder)
    if code == 0:
        sys.stdout.write(f"The site is written; its front page is {folder / 'index.html'}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
