"""A model reads events and rules check them: what the document does not say does not get in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from ingest.events.model import EventReply, EventRequest, ModelReader, StatedEvent
from store.records import Document, Section
from tests.event_reading import read_events

PAPER = Document("C25/9", "paper.txt", "Report of the Water Forum", symbol="C25/9", date=date(2025, 3, 10))
TEXT = (
    "The second meeting of the Group will be held in Suva from 4 to 6 May. The day after, the Bureau meets."
)
RIGHT = StatedEvent(
    1,
    "from 4 to 6 May",
    "2025-05-04",
    "2025-05-06",
    "Second meeting of the Group",
    kind="meeting",
    place="Suva",
)


def section(text: str, number: str = "1", heading: str = "") -> Section:
    return Section(PAPER.id, number, 0, int(number), heading, text, text)


@dataclass
class ScriptedModel:
    """Says what it is told to, in turn, and remembers what it was asked."""

    replies: list[Sequence[StatedEvent] | Callable[[], Sequence[StatedEvent]] | None]
    asked: list[EventRequest] = field(default_factory=list)
    name: str = "scripted 1"

    def ask(self, request: EventRequest) -> EventReply:
        self.asked.append(request)
        said = self.replies.pop(0) if self.replies else ()
        if callable(said):
            said = said()
        return EventReply(said, "" if said is not None else "it is down", 100, 10)


def titles(*replies: Sequence[StatedEvent] | None, text: str = TEXT) -> list[tuple[str, str, str]]:
    found = read_events(PAPER, [section(text)], ModelReader(ScriptedModel(list(replies))))
    return [(event.title, str(event.mentions[0].start), str(event.mentions[0].end)) for event in found]


def test_what_stands_there_is_taken() -> None:
    (event,) = read_events(PAPER, [section(TEXT)], ModelReader(ScriptedModel([[RIGHT]])))
    mention = event.mentions[0]
    assert (event.title, event.kind, event.location, event.quoted) == (
        "Second meeting of the Group",
        "meeting",
        "Suva",
        False,
    )
    assert (mention.start, mention.end, mention.cue, mention.year_inferred) == (
        date(2025, 5, 4), date(2025, 5, 6), "planned", True,
    )  # fmt: skip
    assert TEXT[mention.offset :].startswith("from 4 to 6 May")


def test_the_day_after_is_reckoned_from_a_date_beside_it() -> None:
    after = replace(
        RIGHT, words="The day after", first="2025-05-07", last="2025-05-07", title="Meeting of the Bureau"
    )
    assert ("Meeting of the Bureau", "2025-05-07", "2025-05-07") in titles([RIGHT, after])
    wrong = replace(after, first="2025-05-09", last="2025-05-09")
    assert "2025-05-09" not in {day for _, day, _ in titles([RIGHT, wrong], [wrong])}


@pytest.mark.parametrize(
    ("language", "text", "words", "first", "last"),
    [
        (
            "en",
            "It opens on 20 May 2025. Papers are due six weeks before.",
            "six weeks before",
            "04-08",
            "04-08",
        ),
        (
            "en",
            "It opens on 20 May 2025 and lasts for three days.",
            "20 May 2025 and lasts for three days",
            "05-20",
            "05-22",
        ),
        (
            "fr",
            "Elle s'ouvre le 20 mai 2025. Textes trois semaines avant.",
            "trois semaines avant",
            "04-29",
            "04-29",
        ),
        (
            "es",
            "Se inaugura el 20 de mayo de 2025; textos diez días antes.",
            "diez días antes",
            "05-10",
            "05-10",
        ),
        (
            "ru",
            "Сессия 20 мая 2025 года. Тексты за шесть недель до начала.",
            "за шесть недель",
            "04-08",
            "04-08",
        ),
        ("zh", "会议于2025年5月20日开幕。开幕前两天参观。", "开幕前两天", "05-18", "05-18"),
    ],
)
def test_a_distance_is_reckoned_from_a_date_beside_it(
    language: str, text: str, words: str, first: str, last: str
) -> None:
    paper = replace(PAPER, language=language)
    stated = StatedEvent(1, words, f"2025-{first}", f"2025-{last}", text[:8])
    wrong = replace(stated, first="2025-03-17", last="2025-03-17")

    def days(said: StatedEvent) -> list[str]:
        found = read_events(paper, [section(text)], ModelReader(ScriptedModel([[said], [said]])))
        return [str(event.mentions[0].start) for event in found if event.title == text[:8]]

    assert days(stated) == [f"2025-{first}"]
    assert days(wrong) == []


def test_a_title_may_repeat_a_known_one_and_take_names_from_the_whole_document() -> None:
    names = section("The Fisheries Panel of the Union met in Suva.", "2")
    for title, known in (
        ("Second meeting of the Fisheries Panel", ()),
        ("Group 7 of the Union", ("Group 7 of the Union",)),
    ):
        model = ScriptedModel([[replace(RIGHT, title=title)]])
        reading = ModelReader(model).read(PAPER, [section(TEXT), names], known)
        assert [dating.title for some in reading.datings.values() for dating in some] == [title]


@pytest.mark.parametrize(
    "lie",
    [
        replace(RIGHT, words="from 4 to 8 May"),
        replace(RIGHT, last="2025-05-08"),
        replace(RIGHT, first="2031-05-04", last="2031-05-06"),
        replace(RIGHT, first="4 May", last="6 May"),
        replace(RIGHT, first="2025-05-06", last="2025-05-04"),
        replace(RIGHT, title="Second meeting of the Fisheries Panel"),
        replace(RIGHT, title="Launch party with many famous guests"),
        replace(RIGHT, title="Fourth meeting of the Group 7"),
        replace(RIGHT, title=" "),
        replace(RIGHT, section=9),
    ],
)
def test_what_does_not_stand_there_is_asked_again_and_then_left_to_the_plain_reading(
    lie: StatedEvent,
) -> None:
    model = ScriptedModel([[lie], [lie]])
    found = read_events(PAPER, [section(TEXT)], ModelReader(model))

    assert len(model.asked) == 2
    assert model.asked[1].problems
    # At most what the rules read in that sentence, in the document's words.
    assert {(str(e.mentions[0].start), str(e.mentions[0].end)) for e in found} <= {
        ("2025-05-04", "2025-05-06")
    }
    assert all(event.title.casefold() in TEXT.casefold() for event in found)


def test_a_mended_reply_is_taken() -> None:
    assert titles([replace(RIGHT, last="2025-05-08")], [RIGHT]) == [
        ("Second meeting of the Group", "2025-05-04", "2025-05-06")
    ]


def test_a_place_that_does_not_stand_there_is_left_out() -> None:
    (event,) = read_events(
        PAPER, [section(TEXT)], ModelReader(ScriptedModel([[replace(RIGHT, place="Apia")]]))
    )
    assert event.location is None


def test_a_moved_date_replaces_the_old_one() -> None:
    text = "The Water Forum has been moved from 4 to 11 April."
    old = StatedEvent(1, "4", "2025-04-04", "2025-04-04", "Water Forum", kind="meeting", outcome="postponed")
    new = replace(
        old,
        words="11 April",
        first="2025-04-11",
        last="2025-04-11",
        outcome="planned",
        replaces=("2025-04-04",),
    )
    found = read_events(PAPER, [section(text)], ModelReader(ScriptedModel([[old, new]])))
    assert [(str(e.mentions[0].start), e.mentions[0].cue) for e in found] == [
        ("2025-04-04", "postponed"),
        ("2025-04-11", "planned"),
    ]
    assert len({event.chain_id for event in found}) == 1


def test_names_without_capitals_stand_there_too() -> None:
    paper = replace(PAPER, language="zh", title="水论坛")
    right = StatedEvent(1, "5月12日", "2025-05-12", "2025-05-12", "水论坛第二次会议", kind="meeting")
    text = "水论坛第二次会议将于5月12日举行。"
    (event,) = read_events(paper, [section(text)], ModelReader(ScriptedModel([[right]])))
    assert (event.title, event.quoted) == ("水论坛第二次会议", False)
    lie = replace(right, title="渔业委员会发布报告")
    found = read_events(paper, [section(text)], ModelReader(ScriptedModel([[lie], [lie]])))
    assert [event.quoted for event in found] == [True]


def test_a_model_that_is_down_leaves_all_to_the_plain_reading() -> None:
    model = ScriptedModel([None] * 9)
    sections = [section(TEXT, str(n)) for n in range(1, 60)]
    reading = ModelReader(model).read(PAPER, sections)
    assert (reading.asked, reading.plain) == (0, 59)
    assert len(model.asked) < 8  # it is given up
    assert all(reading.datings[one.id] for one in sections)


def test_an_error_of_the_model_is_no_error_of_the_ingest() -> None:
    def broken() -> Sequence[StatedEvent]:
        raise RuntimeError

    reading = ModelReader(ScriptedModel([broken])).read(PAPER, [section(TEXT)])
    assert (reading.plain, reading.why) == (1, ("scripted 1 failed (RuntimeError)",))


def test_only_sections_with_a_figure_or_a_word_of_dates_are_asked_about() -> None:
    model = ScriptedModel([])
    sections = [
        section("Nothing is dated here.", "1"),
        section(TEXT, "2"),
        section("It meets on Tuesday.", "3"),
    ]
    ModelReader(model).read(PAPER, sections, ["Water Forum"])
    (request,) = model.asked
    assert [one.text for one in request.sections] == [TEXT, "It meets on Tuesday."]
    assert (request.known, request.document, request.dated) == (
        ("Water Forum",), "Report of the Water Forum (C25/9)", "2025-03-10",
    )  # fmt: skip
