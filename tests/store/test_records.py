"""Sections: their ids, paragraphs and quotes."""

from __future__ import annotations

from dataclasses import replace

from ingest.document.sections import to_sections
from ingest.readers.base import Block
from store.records import Section
from tests.growth import LINEAR, lines_run


def with_offsets(pairs: int) -> Section:
    """Return a section of two letters and two spaces a pair, of which the text has one space."""
    return Section(
        document_id="d",
        number="1",
        ordinal=0,
        position=0,
        heading="",
        text="ab " * pairs,
        raw="ab  " * pairs,
        offsets=tuple((3 * n, 4 * n) for n in range(pairs)),
    )


def test_the_id_is_computed_once_and_anew_for_another_text() -> None:
    section = with_offsets(3)
    assert section.id is section.id
    assert replace(section, text="other").id != section.id


def test_a_quote_in_a_long_text_takes_as_many_steps_as_in_a_short_one() -> None:
    short, long = with_offsets(10), with_offsets(10_000)
    assert long.quote(29_997, 30_000) == "ab "
    assert lines_run(lambda: long.quote(29_997, 30_000)) == lines_run(lambda: short.quote(27, 30))


def test_paragraphs_take_steps_by_their_number() -> None:
    def of(count: int) -> Section:
        [section] = to_sections(
            "d", [Block("paragraph", f" a  {n}", "1" if n == 0 else None) for n in range(count)]
        )
        return section

    assert [part.quote(0, 3) for part in of(3).paragraphs()] == ["a  0", "a  1", "a  2"]
    short, long = of(200), of(400)
    assert lines_run(long.paragraphs) < LINEAR * lines_run(short.paragraphs)
