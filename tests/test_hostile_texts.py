"""No text takes more than its length: the work of each step of an ingest is linear, whatever the text repeats."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from ingest.document.facts import find_facts
from ingest.document.sections import clean
from ingest.errors import NotReadable
from ingest.events.names import gatherings, location_of
from ingest.readers import html, markdown, text
from ingest.readers.base import Block, Extract
from ingest.readers.choice import reader_for
from ingest.readers.pdf import (
    Body,
    Composition,
    Page,
    PrintedLine,
    PrintedWord,
    lines_in_columns,
    without_margins,
)
from ingest.text.dates import find_dates
from ingest.text.languages import LANGUAGES
from ingest.text.sentences import split
from store.records import Document, Section
from store.terms import acronyms, words
from tests.cases import table
from tests.event_reading import read_events
from tests.growth import LONGER, is_linear, lines_run

DOCUMENT = Document("d", "d.txt", "Report", date=date(2024, 5, 1))


def _section(written: str) -> Section:
    return Section("d", "1", 0, 0, "Dates", written, written)


def _events(written: str) -> object:
    return read_events(DOCUMENT, [_section(written)])


def _facts(raw: str) -> object:
    block = Block("paragraph", raw)
    extract = Extract([block], margins=[raw], banner=[block])
    return find_facts(extract, name="d.txt", sidecar={}, today=DOCUMENT.date)


def _names(written: str) -> object:
    return gatherings(written, "en"), location_of(written, len(written), len(written), "en")


def _read(reader: Callable[[bytes], object]) -> Callable[[str], object]:
    def read(written: str) -> None:
        with suppress(NotReadable):
            reader(written.encode())

    return read


# Each function with the length of the shorter text.
FUNCTIONS: dict[str, tuple[Callable[[str], object], int]] = {
    "sentences": (split, 3_000),
    "acronyms": (lambda written: acronyms([written]), 2_000),
    "words": (words, 20_000),
    "clean": (clean, 10_000),
    "dates": (lambda written: find_dates(written, reference=DOCUMENT.date), 1_000),
    "languages": (
        lambda written: [find_dates(written, reference=None, language=one) for one in LANGUAGES],
        400,
    ),
    "events": (_events, 2_500),  # more than the bounded pieces into which a text is divided
    "names": (_names, 2_000),
    "facts": (_facts, 4_000),
    "text": (_read(text.read), 4_000),
    "markdown": (_read(markdown.read), 1_000),
    "html": (_read(html.read), 2_000),
}


# Each takes seconds.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "piece"), [(name, piece) for name, pieces in table("hostile").items() for piece in pieces]
)
def test_the_work_is_linear_in_the_text(name: str, piece: str) -> None:
    function, length = FUNCTIONS[name]
    count = length // len(piece)
    assert is_linear(function, f"{piece * count}a.", f"{piece * count * LONGER}a.")


def test_a_long_line_above_is_not_read_again_for_each_date_below_it() -> None:
    def function(count: int) -> None:
        _events(f"{'The proposed dates of the meetings are ' * count}:\n" + "5 May: A1\n" * count)

    assert is_linear(function, 25, 25 * LONGER)


def _nested(opening: str, depth: int) -> int:
    page = f"<html><body>{opening * depth}word"
    return lines_run(lambda: _read(html.read)(page))


@pytest.mark.parametrize(
    "opening",
    [
        "<table><tr><td>a",
        "<dl><dd>a",
        "<ul><li>a",
        "<ol><li>a",
        "<blockquote>a",
        "<div>a",
        "<h1>a",
        "<footer>a",
        "<b>a",
    ],
)
def test_nested_elements_are_read_once(opening: str) -> None:
    assert _nested(opening, 24) <= 3 * _nested(opening, 12)


@pytest.mark.parametrize(
    "opening", ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<dl><dd>", "> ", "- ", "1. "]
)
@pytest.mark.parametrize("depth", [100, 10_000])
def test_nesting_of_any_depth_is_read_or_refused(opening: str, depth: int) -> None:
    for reader in (html.read, markdown.read, text.read):
        with suppress(NotReadable):
            reader(f"{opening * depth}word".encode())


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "> - "])
def test_markdown_is_refused_before_nested_text_is_lost(mark: str) -> None:
    read = 0
    for depth in (1, 5, *range(12, 18), *range(27, 33), *range(57, 63)):
        with suppress(NotReadable):
            assert "word" in markdown.read(f"{mark * depth}word".encode()).blocks[0].raw
            read += 1
    assert 4 < read < 20


@pytest.mark.parametrize("back", ["↩ ", "^", "^ ^"])
def test_signs_after_a_note_take_no_time(back: str) -> None:
    def function(count: int) -> None:
        html.read(f"<p>A <a href='#n'>[1]</a></p><p id=n>note {back * count}a</p>".encode())

    assert is_linear(function, 1_000, 1_000 * LONGER)


def test_comments_before_a_page_are_tried_once() -> None:
    assert is_linear(lambda count: reader_for("x.txt", b"<!---->" * count + b"word"), 3, 3 * LONGER)


def test_a_long_title_in_front_matter_is_read_once() -> None:
    def function(count: int) -> None:
        assert markdown.read(f"---\ntitle: a{' ' * count}b\n---\n\nText".encode()).title is not None

    assert is_linear(function, 2_000, 2_000 * LONGER)


def _line(written: str, base: float, *, mark: str | None = None, notes: tuple[str, ...] = ()) -> PrintedLine:
    return PrintedLine(written, 0, 100, base, 10, True, 1, (0.0, 100.0), notes, mark)


def test_the_lines_of_a_page_are_put_together_once() -> None:
    def work(count: int) -> int:
        lines = [_line("words of a par-", 10_000 - k, notes=(str(k),)) for k in range(count)]
        notes = [(str(k), [_line("note", 0)]) for k in range(count)]
        return lines_run(lambda: Composition([Body(1, list(lines), notes)], 10).blocks())

    assert work(800) <= 4.2 * work(200)


def test_the_notes_at_the_foot_of_a_page_are_read_once() -> None:
    def work(count: int) -> int:
        lines = [_line("note", 10_000 - k, mark=str(k + 1)) for k in range(count)]
        return lines_run(lambda: without_margins([Page(1, 10_000.0, list(lines))], 20))

    assert work(800) <= 4.2 * work(200)


def test_the_words_of_one_long_line_are_joined_once() -> None:
    def function(count: int) -> None:
        assert (
            len(
                lines_in_columns(
                    [PrintedWord("a", 99 * k, 99 * k + 5, 0, 10, False, True) for k in range(count)], 1
                )
            )
            == 1
        )

    assert is_linear(function, 1_000, 1_000 * LONGER)
