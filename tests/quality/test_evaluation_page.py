"""docs/evaluation.md says what was measured."""

from __future__ import annotations

import pytest

from tests.quality.evaluation_page import PAGE, blocks, filled, kept


def test_the_page_holds_the_figures_that_are_kept() -> None:
    page = PAGE.read_text("utf-8")
    assert filled(page, blocks(kept())) == page


def test_a_text_without_a_place_is_named() -> None:
    with pytest.raises(KeyError, match="sets"):
        filled("a page", {"sets": "figures"})


def test_what_stands_around_the_marks_stays() -> None:
    page = "Before.\n<!-- sets -->\nold\n<!-- /sets -->\nAfter."
    assert filled(page, {"sets": r"new \1"}) == "Before.\n<!-- sets -->\nnew \\1\n<!-- /sets -->\nAfter."
