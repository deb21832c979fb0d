"""Lets each line of an example in Arabic have its own direction.

A browser orders the lines of one element together: the numbers of an English line below an Arabic one would be read
from right to left. So each line of such an example becomes an element, which site.css isolates.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

_ARABIC = re.compile("[\u0600-\u06ff]")


def divide(_app: Sphinx, document: nodes.document) -> None:
    """Have Pygments make an element of each line."""
    examples = [node for node in document.findall(nodes.literal_block) if _ARABIC.search(node.astext())]
    for number, example in enumerate(examples, start=1):
        example["highlight_args"] = example.get("highlight_args", {}) | {"linespans": f"example{number}-line"}


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it."""
    app.connect("doctree-read", divide)
    return {"parallel_read_safe": True}
