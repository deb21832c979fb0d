"""Where sections begin and end: below headings, and in long texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingest.document.sections import _LARGEST_CHARS, to_sections
from ingest.readers import markdown
from ingest.readers.base import Block, BlockKind
from tests.cases import cases


@pytest.mark.parametrize("case", cases("sections"))
def test_headings_and_texts_of_a_page(case: dict[str, Any]) -> None:
    sections = to_sections("d", markdown.read(case["page"].encode()).blocks)
    assert [[section.heading, section.text] for section in sections] == case["sections"]


def paragraphs(count: int, first: str | None) -> list[Block]:
    """Return paragraphs of which only the first one has a number, if any."""
    return [Block("paragraph", f"Item {n} was noted.", first if n == 0 else None) for n in range(count)]


@pytest.mark.parametrize("number", ["12", None])
@pytest.mark.parametrize("kind", ["paragraph", "item", "row", "note"])
def test_what_follows_a_paragraph_without_a_limit_is_several_sections(
    kind: BlockKind, number: str | None
) -> None:
    first, *rest = paragraphs(3_000, number)
    blocks = [first, *(replace(block, kind=kind) for block in rest)]

    sections = to_sections("d", blocks)

    assert max(len(section.text) for section in sections) <= _LARGEST_CHARS
    assert {section.number for section in sections} == {number or "0"}
    assert [line for section in sections for line in section.text.split("\n")] == [
        block.raw for block in blocks
    ]
    assert [section.position for section in sections] == list(range(len(sections)))
    assert len({section.id for section in sections}) == len(sections)


def test_a_section_is_on_the_page_of_its_first_paragraph() -> None:
    long = "The group noted the report. " * 120
    blocks = [
        Block("paragraph", "Geneva", page=1),
        Block("heading", "Papers", page=1, level=1),
        Block("paragraph", "Send them.", page=2),
        Block("paragraph", "Soon.", page=3),
        Block("paragraph", "By post.", "4", page=4),
        Block("note", long, page=5),
        Block("note", long, page=6),
        Block("heading", "Annex", page=7, level=1),
    ]
    assert [section.page for section in to_sections("d", blocks)] == [1, 2, 4, 6, 7]


@pytest.mark.parametrize("space", [" ", "\n", "  "])
def test_a_giant_paragraph_is_cut_between_sentences(space: str) -> None:
    sentence = f"The group noted{space}the report."
    raw = space.join([sentence] * 1_000)

    sections = to_sections("d", [Block("paragraph", raw, "3")])

    assert max(len(section.raw) for section in sections) <= _LARGEST_CHARS
    assert "".join(section.raw for section in sections) == raw
    assert {(section.number, section.text[-11:]) for section in sections} == {("3", "the report.")}
    own = sections[3]
    assert own.quote(0, len("The group noted the report.")) == sentence


def test_a_giant_heading_is_a_paragraph() -> None:
    blocks = [Block("heading", "Long " * 2_000, level=1), Block("paragraph", "Below.", "1")]
    sections = to_sections("d", blocks)
    assert {section.heading for section in sections} == {""}
    assert sections[-1].text == "Below."
