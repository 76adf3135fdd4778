"""How the documentation becomes a web site (``make site``).

Sphinx with MyST and the PyData theme: the generator and the look of NumPy, pandas and scikit-learn, kept by several
people each, under BSD and MIT licences. The theme brings its script, style and fonts along, so that a page needs no
other server.

The source folder is the repository, not ``docs/``: README, ARCHITECTURE, CONTRIBUTING and CHANGELOG are pages as they
stand, and a relative link leads to the same place in a git web view and on the site.
"""

from __future__ import annotations

from importlib.metadata import version as installed
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent

project = "jupyter_bioml"
version = release = installed("jupyter-bioml")
language = "en"

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**", "*.md"]
# Environments and packages of Node are not walked through.
exclude_patterns = [path.name for path in REPOSITORY.iterdir() if path.is_dir() and path.name != "docs"]

# Headings can be linked to by the names that a git web view gives them.
myst_heading_anchors = 4
nitpicky = True
highlight_language = "none"

templates_path = ["_templates"]
html_theme = "pydata_sphinx_theme"
html_title = "jupyter_bioml"
html_favicon = "../labextension/style/icons/experiments.svg"
html_additional_pages = {"index": "to-the-front-page.html"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False
html_use_index = False
# Only the how-tos and the reference have pages beside them to choose from.
html_sidebars: dict[str, list[str]] = {"*": [], "docs/*": []}
html_theme_options = {
    # Pages for users stand side by side; those about the project are below one word, so that one row holds all.
    "header_links_before_dropdown": 6,
    "header_dropdown_text": "Project",
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
    "show_toc_level": 2,
    "footer_start": ["sphinx-version"],
    "footer_end": ["theme-version"],
}
