"""The register as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

import pytest
from rich.console import Console

from bot.commands.deadlines import MOST_ROWS, register_table
from bot.register import RegisterEntry
from bot.register.export.data import to_csv
from tests.bot.register_entries import AS_OF, entry, spring


def lines(entries: Sequence[RegisterEntry], as_of: date = AS_OF) -> list[str]:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(register_table(entries, as_of))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def line_of(words: str, entries: Sequence[RegisterEntry], as_of: date = AS_OF) -> str:
    (found,) = [line for line in lines(entries, as_of) if words in line]
    return found


def position(words: str, entries: Sequence[RegisterEntry]) -> int:
    return next(number for number, line in enumerate(lines(entries)) if words in line)


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("UN Civil Society Conference", "in 8 days"),
        ("Expert consultation", "now"),
        ("WSIS Forum", "this month"),
        ("Summit of the Future", "in 144 days"),
        ("LLDC Conference", "postponed"),
    ],
)
def test_distance_of_entries(title: str, left: str) -> None:
    assert left in line_of(title, spring())


def test_an_inferred_year_is_marked_and_the_mark_explained() -> None:
    assert "2024*" in line_of("UN Civil Society Conference", spring())
    assert any(line.startswith("*") for line in lines(spring()))


def test_entries_coarser_than_a_month_have_their_own_group_and_no_distance() -> None:
    assert position("Summit of the Future", spring()) < position("Global DPI Summit", spring())
    assert "day" not in line_of("Global DPI Summit", spring())


def test_postponed_entries_have_their_own_heading() -> None:
    assert position("Postponed", spring()) == position("LLDC Conference", spring()) - 1


def test_superseded_dates_are_below_the_new_one() -> None:
    old = entry("SIDS4", "2024-05-27", id="a", status="postponed", rescheduled_to="b")
    shown = "\n".join(lines([old, entry("SIDS4", "2024-06-03", id="b")]))
    assert "was 27 May 2024" in shown
    assert "3 June 2024" in shown


def test_entry_with_a_past_date_is_never_upcoming() -> None:
    stale = entry("Stale", "2024-04-01", status="scheduled")
    assert position("Past", [stale]) < position("Stale", [stale])


def test_a_deadline_shows_its_hour() -> None:
    due = entry("Inputs", "2024-05-15", kind="deadline", bound="by", time="17:00", timezone="Geneva time")
    assert "by 15 May 2024, 17:00 (Geneva time)" in line_of("Inputs", [due])


def test_a_long_table_says_how_much_is_left_out() -> None:
    many = [entry(f"Meeting {number}", "2024-06-03") for number in range(MOST_ROWS + 7)]
    assert any("and 7 more" in line for line in lines(many))


def test_empty_table_says_so() -> None:
    assert any("Nothing" in line for line in lines([]))


def test_markup_of_documents_is_text() -> None:
    assert "[red]Conference[/red]" in line_of("Conference", [entry("[red]Conference[/red]", "2024-05-09")])


def test_control_characters_of_documents_are_visible() -> None:
    assert "\x1b" not in "\n".join(lines([entry("Con\x1b[2Jference", "2024-05-09")]))


def test_csv_reads_back() -> None:
    quoted = entry("Summit", "2024-09-22", quote='He said: "yes, no",\nand left.')
    (row,) = csv.DictReader(io.StringIO(to_csv([quoted]), newline=""))
    assert row["quote"] == quoted.quote
    assert row["start"] == "2024-09-22"


@pytest.mark.parametrize("opening", [*"=+-@\t\r\n＝＋－＠﹢", " =", "\n\n=", "\u200b=", "\ufeff="])
def test_csv_quotes_formulas(opening: str) -> None:
    written = to_csv([entry(f"{opening}HYPERLINK(A1)", "2024-05-09")])
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert row["title"] == f"'{opening}HYPERLINK(A1)"
