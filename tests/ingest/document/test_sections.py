"""What becomes of headings that have nothing below them."""

from __future__ import annotations

import pytest

from ingest.document.sections import to_sections
from ingest.readers.base import Block
from ingest.readers.html import markdown


def told(page: str) -> list[tuple[str, str]]:
    """Return heading and text of each section of a page of Markdown."""
    return [(s.heading, s.text) for s in to_sections("d", markdown.read(page.encode()).blocks)]


@pytest.mark.parametrize(
    ("page", "sections"),
    [
        (
            "## Papers: 12 May 2025\n\n## Slides: 15 May 2025\n\nSend them.",
            [("", "Papers: 12 May 2025"), ("Slides: 15 May 2025", "Send them.")],
        ),
        (
            "# Papers: 12 May 2025\n\n# Slides: 15 May 2025\n\nSend them.",
            [("", "Papers: 12 May 2025"), ("Slides: 15 May 2025", "Send them.")],
        ),
        (
            "## Papers\n\nSend them.\n\n## It closes 20 May 2025",
            [("Papers", "Send them."), ("", "It closes 20 May 2025")],
        ),
        (
            "## 2026\n\n### Papers: 12 May\n\n## 2027\n\nNone.",
            [("2026", "Papers: 12 May"), ("2027", "None.")],
        ),
    ],
    ids=["siblings", "first level", "last", "below another"],
)
def test_a_heading_with_nothing_below_is_a_section(page: str, sections: list[tuple[str, str]]) -> None:
    assert told(page) == sections


def test_a_heading_without_level_and_text_is_a_section() -> None:
    blocks = [
        Block("heading", "Papers: 12 May 2025", page=3),
        Block("heading", "Slides"),
        Block("row", "Due"),
    ]
    assert [(s.text, s.page) for s in to_sections("d", blocks)] == [("Papers: 12 May 2025", 3), ("Due", None)]


def test_heading_above_subheadings_is_put_before_them() -> None:
    assert told("## 2026\n\n### January\n\nOn 5.\n\n### May\n\nOn 6.") == [
        ("2026: January", "On 5."),
        ("2026: May", "On 6."),
    ]


def test_the_title_is_no_section() -> None:
    assert told("# Report\n\n## Papers\n\nSend them.") == [("Papers", "Send them.")]
