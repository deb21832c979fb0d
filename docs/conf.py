"""The documentation as a site: `make docs` writes it to docs/_build/html."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
ROOT = DOCS.parent

sys.path.insert(0, str(DOCS / "_ext"))

project = "itubot"
author = "the itubot authors"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "right_to_left"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
highlight_language = "none"
# "--json" stays as it is typed.
smartquotes_action = "qe"

html_theme = "furo"
html_title = f"itubot {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_use_index = False
html_theme_options = {"navigation_with_keys": True}


def link_to_root(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Let a link to a page of the repository's root, which is none of the site's, lead to the file."""
    source[0] = source[0].replace("](../../CHANGELOG.md)", "](../changelog.md)")
    source[0] = re.sub(r"\[([^\]]+)\]\(((?:\.\./)+[A-Z]+\.md)\)", r"{download}`\1 <\2>`", source[0])


def setup(app: Sphinx) -> None:
    """Connect it."""
    app.connect("source-read", link_to_root)
