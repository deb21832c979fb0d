"""docs/explanation/evaluation.md has the figures of docs/evaluation.json."""

from __future__ import annotations

import pytest

from tests.tools.quality.evaluation_page import PAGE, blocks, fill_marks, load_figures


def test_page_has_the_saved_figures() -> None:
    page = PAGE.read_text("utf-8")
    assert fill_marks(page, blocks(load_figures())) == page


def test_a_text_without_marks_raises_key_error() -> None:
    with pytest.raises(KeyError, match="sets"):
        fill_marks("a page", {"sets": "figures"})


def test_text_around_the_marks_stays_unchanged() -> None:
    page = "Before.\n<!-- sets -->\nold\n<!-- /sets -->\nAfter."
    assert fill_marks(page, {"sets": r"new \1"}) == "Before.\n<!-- sets -->\nnew \\1\n<!-- /sets -->\nAfter."
