"""What two libraries that are not ours read in our calendars: the events, days and statuses of `deadlines --json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import results
from bot.locales import in_language
from bot.register import RegisterEntry, build_register
from bot.register.export.calendar import calendar_events, clock, to_feed
from bot.safe_text import one_line, visible
from bot.terminal import dump_json
from store.jobs import Revision
from store.records import Document, Event, Mention, Section

TODAY = date(2025, 3, 1)
# The UID, the status, the first day or the moment in seconds since 1970, the last day, the number, the texts.
Row = tuple[Any, ...]
Reader = Callable[[bytes], list[Row]]

_SENTENCES = (
    "The Forum is dated here; it lasts a week, or \\n two.",
    "سيعقد المؤتمر في جنيف، " * 9,
    "会议将于九月在日内瓦举行；" * 12,
    'One line\u2028and\x0b another\x85 with a tab\t, a "quote" and a back\\slash\r\nEND:VEVENT',
)
DOCUMENTS = [
    Document(f"C{year}/9", f"{year}.txt", f"Report, {year}", date=date(year, 4, 29))
    for year in (2023, 2024, 2025)
]
SECTIONS = [
    Section(document.id, f"1.{number}", 0, number, "Heading", sentence, sentence)
    for document in DOCUMENTS
    for number, sentence in enumerate(_SENTENCES)
]
LANGUAGES = st.sampled_from(["en", "fr", "es", "ru", "zh", "ar"])
# icalendar writes a backslash with an N as a line break.
TEXTS = st.text(max_size=60).map(lambda text: text.replace("\\N", "N"))
HOURS = [
    (None, None),
    ("17:00", "Geneva time"),
    ("09:30", "New York"),
    ("12:00", "UTC+2"),
    ("8:15", None),
]
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@st.composite
def mentions(draw: st.DrawFn, document: Document) -> Mention:
    section = draw(st.sampled_from([each for each in SECTIONS if each.document_id == document.id]))
    precision = draw(st.sampled_from(["day"] * 5 + ["month", "season", "year", "none"]))
    start = None if precision == "none" else draw(DAYS)
    length = draw(st.integers(0, 9)) * (1 if precision == "day" else 30)
    bound = draw(st.sampled_from(["on", "on", "by", "from"]))
    end = None if start is None or bound == "from" else start + timedelta(length)
    time, zone = draw(st.sampled_from(HOURS))
    return Mention(
        section.id,
        "the expression",
        sentence_start=0,
        sentence_end=len(section.text),
        cue=draw(st.sampled_from([None, None, None, "postponed", "cancelled", "done"])),
        tentative=draw(st.booleans()),
        start=start,
        end=end,
        precision=precision,
        bound=bound,
        time=time if precision == "day" else None,
        timezone=zone,
        year_inferred=draw(st.booleans()),
    )


@st.composite
def registers(draw: st.DrawFn) -> list[RegisterEntry]:
    """A register of some chains, each dated by some documents."""
    events = []
    for number in range(draw(st.integers(0, 6))):
        document = draw(st.sampled_from(DOCUMENTS))
        title = draw(TEXTS | st.sampled_from(_SENTENCES))
        event = Event(
            id=f"event-{number}",
            document_id=document.id,
            title=title,
            kind=draw(st.sampled_from(["meeting", "deadline", "publication", "milestone"])),
            mentions=(draw(mentions(document)),),
            location=draw(st.none() | TEXTS | st.just("Genève; palais, salle A")),
            chain_id=draw(st.sampled_from(["chain-a", "chain-b", "chain-c"])),
        )
        events.append(event)
    return build_register(DOCUMENTS, {each.id: each for each in SECTIONS}, events, TODAY, generation=7)


def written(register: list[RegisterEntry], *, periods: bool) -> bytes:
    events = calendar_events(register, register, periods=periods)
    revisions = {each.uid: Revision(number, 1_700_000_000.0 + number) for number, each in enumerate(events)}
    return to_feed(events, TODAY, revisions, "")


def stated(register: list[RegisterEntry], *, periods: bool) -> list[tuple[str, str, str, str]]:
    """Return the chain, status, first and last day of what a calendar has to show of `deadlines --all --json`."""
    rows = json.loads(dump_json(list[results.Event], register))
    shown = []
    for row in rows:
        moved = row["rescheduled_to"] is not None
        if not moved and (row["precision"] == "day" or (periods and row["precision"] != "none")):
            first, last = row["start"] or row["end"], row["end"] or row["start"]
            if row["bound"] == "by" and row["precision"] == "day":
                first = last
            tentative = row["tentative"] and row["status"] not in ("postponed", "cancelled")
            status = {"postponed": "TENTATIVE", "cancelled": "CANCELLED"}.get(
                row["status"], "TENTATIVE" if tentative else "CONFIRMED"
            )
            shown.append((row["chain_id"], status, first, last))
    return sorted(shown)


def moved_to_no_day(register: list[RegisterEntry]) -> set[str]:
    """Return the chains whose date was moved from a day to something that is not known to the day."""
    by_id = {each.id: each for each in register}
    moved = set()
    for each in register:
        last = each
        while last.rescheduled_to:
            last = by_id[last.rescheduled_to]
        if each.precision == "day" != last.precision:
            moved.add(each.chain_id)
    return moved


def read_by_icalendar(content: bytes) -> list[Row]:
    rows = []
    for event in icalendar.Calendar.from_ical(content).walk("VEVENT"):
        first, end = event.decoded("dtstart"), event.decoded("dtend", None)
        rows.append(
            _row(
                str(event["uid"]),
                str(event["status"]),
                first,
                end,
                int(event["sequence"]),
                str(event["summary"]),
                str(event["description"]),
                str(event.get("location", "")),
                [str(each) for each in event["categories"].cats],
            )
        )
    return rows


def read_by_vobject(content: bytes) -> list[Row]:
    rows = []
    for event in vobject.readOne(content.decode()).contents.get("vevent", []):
        end = event.dtend.value if hasattr(event, "dtend") else None
        location = event.location.value if hasattr(event, "location") else ""
        rows.append(
            _row(
                event.uid.value,
                event.status.value,
                event.dtstart.value,
                end,
                int(event.sequence.value),
                event.summary.value,
                event.description.value,
                location,
                event.categories.value,
            )
        )
    return rows


def _row(uid: str, status: str, first: date, end: date | None, *rest: Any) -> Row:
    if isinstance(first, datetime):
        return uid, status, int(first.astimezone(UTC).timestamp()), None, *rest
    return uid, status, first.isoformat(), (end - timedelta(1)).isoformat() if end else None, *rest


def check(register: list[RegisterEntry], read: Reader, language: str, *, periods: bool) -> None:
    """Check that a reader finds in a calendar what the register states."""
    with in_language(language):
        content = written(register, periods=periods)
        shown = {each.uid: each for each in calendar_events(register, register, periods=periods)}
    rows = read(content)
    assert [row[0] for row in rows] == list(shown), "each event once"
    found = []
    for uid, status, first, last, sequence, summary, description, location, _categories in rows:
        event = shown[uid]
        entry = event.entry
        if isinstance(first, int):
            zone = clock(entry.timezone)
            assert zone is not None
            moment = datetime.fromtimestamp(first, zone)
            assert f"{moment:%H:%M}" == (entry.time or "").zfill(5)
            first = last = moment.date().isoformat()
        if event.moved_to:
            assert status == "TENTATIVE"
        else:
            found.append((entry.chain_id, status, first, last))
        marks = {"TENTATIVE": ("[POSTPONED] ", "[PROPOSED] "), "CANCELLED": ("[CANCELLED] ",)}
        assert language != "en" or summary.startswith(marks.get(status, "")), (status, summary)
        assert sequence == list(shown).index(uid)
        assert one_line(entry.title) in summary.replace("\u2068", "").replace("\u2069", "")
        # What the document says, as it says it.
        assert visible(entry.quote) in description
        assert f"§ {entry.section}" in description
        assert location == one_line(entry.location or "")
    assert sorted(found) == stated(register, periods=periods)
    if not periods:
        assert {each.entry.chain_id for each in shown.values() if each.moved_to} == moved_to_no_day(register)


@pytest.mark.parametrize("read", [read_by_icalendar, read_by_vobject])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(register=registers(), language=LANGUAGES, periods=st.booleans())
def test_libraries_of_python_read_what_the_register_states(
    read: Reader, register: list[RegisterEntry], language: str, periods: bool
) -> None:
    check(register, read, language, periods=periods)
