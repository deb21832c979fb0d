"""Events without a model: the titles, kinds and states that the document's own words say, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.register import build_register
from bot.register.wording import title as shown
from store.records import Document, Event, Section
from tests.event_reading import read_events
from tests.growth import LINEAR, lines_run
from tests.ingest.events.papers import PAPER, events, only, rows


def of(language: str, text: str) -> list[Event]:
    paper = Document("C25/9", "paper.txt", "C25/9", date=date(2025, 2, 3), language=language)
    return events(text, heading="", document=paper)


def cues(language: str, text: str) -> dict[str, str | None]:
    """Return first day -> state."""
    return {str(m.start): m.cue for event in of(language, text) for m in event.mentions}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No meeting on 12 May."),
        ("en", "The workshop, planned for 12 May, will not be held."),
        ("fr", "Pas de réunion le 12 mai."),
        ("fr", "La réunion du 12 mai n'aura pas lieu."),
        ("es", "No habrá reunión el 12 de mayo."),
        ("es", "Se dejó sin efecto la reunión del 12 de mayo."),
        ("ru", "12 мая заседания не будет."),
        ("ru", "Совещание 12 мая сорвано."),
        ("zh", "5月12日不开会。"),
        ("zh", "5月12日会议停开。"),
        ("zh", "5月12日的会议流会。"),
        ("zh", "5月12日的会议暂不举行。"),
        ("ar", "لا اجتماع في 12 مايو."),
        ("ar", "ألغت اللجنة اجتماع 12 مايو."),
    ],
)
def test_what_does_not_take_place_is_cancelled(language: str, text: str) -> None:
    assert cues(language, text) == {"2025-05-12": "cancelled"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The meeting of 12 May has been postponed."),
        ("fr", "La réunion du 12 mai est suspendue."),
        ("es", "El taller del 12 de mayo se pospuso."),
        ("es", "Se difiere la reunión del 12 de mayo."),
        ("es", "La reunión del 12 de mayo queda suspendida."),
        ("ru", "Совещание 12 мая приостановлено."),
        ("ar", "عُلّق اجتماع 12 مايو."),
        ("ar", "تم ترحيل اجتماع 12 مايو."),
    ],
)
def test_what_has_no_new_date_is_postponed(language: str, text: str) -> None:
    assert cues(language, text) == {"2025-05-12": "postponed"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The deadline was moved from 4 to 11 April."),
        ("en", "The Summit will be held on 11 April instead of 4 April."),
        ("en", "The Forum, originally planned for 4 April, will now be held on 11 April."),
        ("fr", "L'atelier glisse du 4 au 11 avril."),
        ("ru", "Совещание переназначено с 4 на 11 апреля."),
        ("zh", "会议日期由4月4日变更为4月11日。"),
    ],
)
def test_an_old_and_a_new_date_are_one_event(language: str, text: str) -> None:
    found = of(language, text)
    assert cues(language, text) == {"2025-04-04": "postponed", "2025-04-11": "planned"}
    assert len({event.chain_id for event in found}) == 1
    entries = build_register(
        [Document("C25/9", "p", "p", date=date(2025, 2, 3))], _sections(text), found, date(2025, 3, 1)
    )
    assert [bool(entry.rescheduled_to) for entry in entries] == [True, False]


def _sections(text: str) -> dict[str, Section]:
    section = Section("C25/9", "1", 1, 1, "", text, text)
    return {section.id: section}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("The item was postponed to the session to be held on 5 May 2025.", "planned"),
        ("The committee met on 5 May 2025.", "done"),
        ("The committee will meet on 5 May 2025.", "planned"),
        ("The dates remain unchanged: the Forum will not be postponed and opens on 5 May 2025.", "planned"),
    ],
)
def test_a_state_belongs_to_what_is_said_of_the_date(text: str, cue: str) -> None:
    assert only(text).mentions[0].cue == cue


def test_a_word_of_change_that_cannot_be_placed_leaves_the_status_open() -> None:
    text = "Nobody withdrew from the list that closed the matter and was rescheduled, 5 June 2025 being too late."
    found = only(text, heading="")
    section = Section(PAPER.id, "1", 1, 1, "", text, text)
    (entry,) = build_register([PAPER], {section.id: section}, [found], date(2025, 3, 11))
    assert (entry.status, entry.quoted) in [("unknown", True), ("postponed", True)]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The Summit of the Future will be held on 22-23 September 2025.", "Summit of the Future"),
        (
            "Event: Regional Forum for Africa; Dates: 4-6 March 2026; Place: Nairobi",
            "Regional Forum for Africa",
        ),
        ("Opening of the exhibition: 4 March 2026", "Opening of the exhibition"),
    ],
)
def test_a_title_is_a_name_or_a_label(text: str, title: str) -> None:
    found = only(text)
    assert (found.title, found.quoted) == (title, False)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("The workshop will be held in Kigali on 5 May 2025.", ["Kigali"]),
        ("The workshop will be held on 5 May 2025 in Kigali.", ["Kigali"]),
        ("The workshop will be held on 5 May 2025, Kigali, Rwanda.", ["Kigali, Rwanda"]),
        ("The Forum in Geneva proposed that the workshop in Nairobi be held on 5 May 2025.", ["Nairobi"]),
        ("The workshop will be held online on 5 May 2025.", [None]),
    ],
)
def test_place_of_a_date_is_the_nearest_one(text: str, places: list[str | None]) -> None:
    assert [event.location for event in events(text)] == places


def test_else_it_is_a_quotation_and_shown_as_one() -> None:
    text = "Dr Amara Tsegaye having been called to other duties, two co-facilitators were appointed on 3 March 2025."
    found = only(text, heading="")
    assert (found.title, found.quoted) == (text, True)
    section = Section(PAPER.id, "1", 1, 1, "", text, text)
    (entry,) = build_register([PAPER], {section.id: section}, [found], date(2025, 3, 11))
    assert shown(entry) == f"“{text}”"


def test_a_long_sentence_is_shortened_around_its_date() -> None:
    found = only(
        f"{'Many things were said, ' * 20}and then, on 3 June 2025, all agreed{', as they do' * 20}.",
        heading="",
    )
    assert "3 June 2025" in found.title
    assert len(found.title) < 160
    assert found.title.startswith("… ")
    assert found.title.endswith(" …")


@pytest.mark.parametrize(
    "text",
    [
        "Geneva, 10 March 2025",
        "as stated in circular letter 12/3 of 4 February 2025",
        "Last update: 4 February 2025",
        "This replaces TD27-R1 of 19 October 2024.",
        "The plan covers the period from 1 January 2024 to 31 December 2027.",
        "A company founded in 1999 won.",
    ],
)
def test_what_is_no_event(text: str) -> None:
    assert events(text, heading="") == []


def test_days_below_the_name_of_a_month() -> None:
    found = rows("July 2025\n6-10 Expert team, Exeter\nFri 18 Reports due", heading="")
    assert [day for _, _, day in found] == ["2025-07-06", "2025-07-18"]


def test_the_title_of_a_document_gives_the_year() -> None:
    calendar = replace(PAPER, title="Calendar of meetings 2026", date=date(2025, 11, 3))
    assert rows("Council: 8 February", heading="", document=calendar)[0][2] == "2026-02-08"


def test_the_work_is_linear() -> None:
    def steps(count: int) -> int:
        text = "The Forum of Ministers will be held on 5 May 2025, the Summit on 9 June 2025. " * count
        section = Section(PAPER.id, "1", 1, 1, "", text, text)
        return lines_run(lambda: read_events(PAPER, [section]))

    steps(3)  # loads the tables
    assert steps(40) < LINEAR * steps(20)


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        ("Newsletter\nNo. 27 | May 2026\n", "The Forum took place on 16 April.", "2026-04-16"),
        ("Calendar\nMeetings in 2026\n", "The Forum takes place on 16 April.", "2026-04-16"),
        ("Calendar\nMeetings in 2026\n", "The Forum took place on 16 November.", "2025-11-16"),
    ],
)
def test_the_head_states_the_year_of_what_it_is_about(head: str, text: str, expected: str) -> None:
    paper = replace(PAPER, date=None if "No." in head else date(2025, 11, 20))
    found = events(
        head + "It is sent to all members and observers of the Forum.\n" + text, heading="", document=paper
    )
    assert expected in {str(event.mentions[0].start) for event in found}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The phase, which was to begin on 4 May, will now begin on 11 June."),
        ("fr", "Le manuel, attendu pour le 4 mai, ne paraîtra que le 11 juin."),
        ("zh", "会议原拟于5月4日举行。会议现定于6月11日举行。"),
    ],
)
def test_the_old_date_of_a_paragraph_does_not_stand_beside_the_new_one(language: str, text: str) -> None:
    found = of(language, text)
    assert {str(m.start): m.cue for event in found for m in event.mentions}["2025-05-04"] == "postponed"
    assert len({event.chain_id for event in found}) == 1
