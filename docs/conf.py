"""The documentation as a site: `make docs` writes it to docs/_build/html."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
# The program of this source tree, from which the reference is generated, whatever is installed.
sys.path[:0] = [str(ROOT), str(DOCS / "_ext")]

project = "itubot"
author = "the itubot authors"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "program_reference", "right_to_left"]
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
