"""Any range, spelled in any way that documents use, is read as that range; and no text makes the reader raise."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.text.dates import find_dates

MONTHS = "January February March April May June July August September October November December".split()
SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split()
DASHES = ["-", "–", " - ", " – ", " to "]

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


def _ordinal(day: int) -> str:
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


@st.composite
def spelled_days(draw: st.DrawFn) -> tuple[str, date]:
    day = draw(days)
    month, short = MONTHS[day.month - 1], SHORT[day.month - 1]
    spelling = draw(
        st.sampled_from(
            [
                f"{day.day} {month} {day.year}",
                f"{day.day} {short} {day.year}",
                f"{day:%A}, {day.day} {month} {day.year}",
                f"{month} {day.day}, {day.year}",
                f"{_ordinal(day.day)} {month} {day.year}",
                f"the {_ordinal(day.day)} of {month} {day.year}",
                f"{day.isoformat()}",
                f"{day.day:02}.{day.month:02}.{day.year}",
                f"{day.day}\u00a0{month}\u00a0{day.year}",
            ]
        )
    )
    return spelling, day


@st.composite
def spelled_ranges(draw: st.DrawFn) -> tuple[str, date, date]:
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(min_value=1, max_value=300)))
    dash = draw(st.sampled_from(DASHES))
    m1, m2 = MONTHS[first.month - 1], MONTHS[last.month - 1]
    spellings = [
        f"{first.day} {m1} {first.year}{dash}{last.day} {m2} {last.year}",
        f"{m1} {first.day}, {first.year}{dash}{m2} {last.day}, {last.year}",
        f"{first.isoformat()} to {last.isoformat()}",
        f"{first:%A}, {first.day} {m1} {first.year} to {last:%A}, {last.day} {m2} {last.year}",
        f"from {first.day} {m1} {first.year} until {last.day} {m2} {last.year}",
    ]
    if first.year == last.year:
        spellings.append(f"{first.day} {m1}{dash}{last.day} {m2} {last.year}")
        spellings.append(f"{m1} {first.day}{dash}{m2} {last.day}, {last.year}")
        spellings.append(f"between {first.day} {m1} and {last.day} {m2} {last.year}")
        if first.month == last.month:
            spellings.append(f"{first.day}{dash}{last.day} {m1} {last.year}")
            spellings.append(f"{m1} {first.day}{dash}{last.day}, {last.year}")
            spellings.append(f"{first:%A} {first.day}{dash}{last:%A} {last.day} {m1} {last.year}")
    elif (last.month, last.day) < (first.month, first.day):
        spellings.append(f"from {first.day} {m1} to {last.day} {m2} {last.year}")
    return draw(st.sampled_from(spellings)), first, last


@given(spelled_days())
def test_any_day_is_read(case: tuple[str, date]) -> None:
    text, day = case
    found = find_dates(f"The meeting will be held on {text}.", reference=None)
    assert [(e.start, e.end) for e in found] == [(day, day)]


@given(spelled_ranges())
def test_any_range_is_read(case: tuple[str, date, date]) -> None:
    text, first, last = case
    found = find_dates(f"The meeting, {text}, is in Geneva.", reference=None)
    assert [(e.start, e.end) for e in found] == [(first, last)]


@given(days, st.sampled_from(["", "in ", "by ", "early ", "the end of "]))
def test_month_has_its_own_days(day: date, lead: str) -> None:
    found = find_dates(f"{lead}{MONTHS[day.month - 1]} {day.year}", reference=None)
    assert [(e.start.year, e.start.month, e.end.month) for e in found if e.start and e.end] == [
        (day.year, day.month, day.month)
    ]


_WORDS = st.sampled_from(
    (
        "May|5|12|31|2024|2025-02-30|31.2.2025|32|0|the|of|from|to|and|-|–|/|,|.|(|)|early|mid|end|quarter|Q3|week"
        "|within|two|months|before|every|year|annual|Monday|17:00|99:99|hours|(Geneva time)|C24/67|2030|Agenda"
        "|next|last|this|12/9|30.VI|2.10.|7 – 9.7.2026|12th|Friday|tomorrow|week|month|Christmas|Q2:"
        "|;|(|)|on|by|turn of the year|w/c|weekend|[|]|24.04.|27.04. -|2Q2010|each|20–21|\t"
        "|\n|00|9999|first|half|current"
    ).split("|")
)


@settings(max_examples=300)
@given(st.lists(_WORDS, max_size=40), st.one_of(st.none(), st.dates()))
@example(["3", "March"], date.min)
def test_any_sequence_of_date_words_without_an_error(words: list[str], reference: date | None) -> None:
    text = " ".join(words)
    for found in find_dates(text, reference=reference):
        assert text[slice(*found.span)] == found.text
        assert found.start is None or found.end is None or found.start <= found.end


@settings(max_examples=300)
@given(st.text(max_size=300), st.one_of(st.none(), st.dates()))
def test_any_text_without_an_error(text: str, reference: date | None) -> None:
    for found in find_dates(text, reference=reference):
        assert text[slice(*found.span)] == found.text
