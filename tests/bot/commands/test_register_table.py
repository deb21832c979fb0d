"""The register as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

import pytest
from rich.console import Console

from bot.commands.register import MOST_ROWS, register_table
from bot.register import RegisterEntry
from bot.register.export.data import to_csv
from tests.bot.register_entries import AS_OF, entry, spring


def lines(entries: Sequence[RegisterEntry], as_of: date = AS_OF) -> list[str]:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(register_table(entries, as_of))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


OLD = entry("SIDS4", "2024-05-27", id="a", status="postponed", rescheduled_to="b")
MOVED = [OLD, entry("SIDS4", "2024-06-03", id="b")]
DUE = entry("Inputs", "2024-05-15", kind="deadline", bound="by", time="17:00", timezone="Geneva time")
MANY = [entry(f"Meeting {number}", "2024-06-03") for number in range(MOST_ROWS + 7)]


@pytest.mark.parametrize(
    ("entries", "title", "said"),
    [
        (spring(), "UN Civil Society Conference", "in 8 days"),
        # The year is inferred, which the mark says.
        (spring(), "UN Civil Society Conference", "2024*"),
        (spring(), "the document does not state it", "*"),
        (spring(), "Expert consultation", "now"),
        (spring(), "WSIS Forum", "this month"),
        (spring(), "Summit of the Future", "in 144 days"),
        (spring(), "LLDC Conference", "postponed"),
        (MOVED, "3 June 2024", "SIDS4"),
        (MOVED, "was 27 May 2024", ""),
        ([DUE], "Inputs", "by 15 May 2024, 17:00 (Geneva time)"),
        (MANY, "and 7 more", ""),
        ([], "Nothing", ""),
    ],
)
def test_line_of_an_entry(entries: Sequence[RegisterEntry], title: str, said: str) -> None:
    (line,) = [line for line in lines(entries) if title in line]
    assert said in line


@pytest.mark.parametrize(
    ("entries", "above", "below"),
    [
        (spring(), "Summit of the Future", "Global DPI Summit"),
        (spring(), "Postponed", "LLDC Conference"),
        ([entry("Stale", "2024-04-01", status="scheduled")], "Past", "Stale"),
    ],
)
def test_entries_stand_in_their_groups(entries: Sequence[RegisterEntry], above: str, below: str) -> None:
    text = "\n".join(lines(entries))
    assert text.index(above) < text.index(below)


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
