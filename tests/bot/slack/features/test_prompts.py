"""The suggested prompts: four questions of the register and the documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.register import EntryMention, RegisterEntry
from bot.slack.features.home import prompts
from bot.wiring import Services
from store.records import Document, Hit, Section
from tests.bot.register_entries import AS_OF, entry

OLD = Document("old.txt", "old.txt", "Report to Council 2023", date=date(2023, 4, 1), version=3)
NEW = Document("new.txt", "new.txt", "Report to Council 2024", date=date(2024, 4, 29))


def below(heading: str, title: str, start: str) -> RegisterEntry:
    """Return an entry of the newest document, below a heading."""
    made = entry(title, start, source="new.txt")
    return replace(made, mentions=(EntryMention("new.txt", "2.2", "", None, None, "", heading),))


REGISTER = [
    below("WSIS+20", "Forum", "2024-05-27"),
    below("Our Common Agenda", "Summit", "2024-09-22"),
    below("Our Common Agenda", "Pact", "2024-09-23"),
]


def hit(document: Document, number: str, heading: str) -> Hit:
    return Hit(Section(document.id, number, 0, 0, heading, "", ""), document, 1.0, 1.0)


def questions(*register: RegisterEntry, documents: list[Document], about: tuple[Hit, ...] = ()) -> list[str]:
    return [prompt["message"] for prompt in prompts(register, documents, AS_OF, about)]


def test_prompts_ask_for_the_next_date_the_last_change_and_a_topic() -> None:
    assert questions(*REGISTER, documents=[OLD, NEW]) == [
        "What is due in the next 30 days?",
        "When is Forum?",
        "What changed in Report to Council 2023?",
        "Summarise the work on Our Common Agenda",
    ]


def test_event_and_topic_are_those_of_what_the_person_looks_at() -> None:
    climate = below("Climate", "Climate conference", "2024-11-11")
    moved = replace(climate, mentions=(replace(climate.mentions[0], section="5"),))
    asked = questions(*REGISTER, moved, documents=[NEW], about=(hit(NEW, "5", "Climate"),))
    assert asked[1:3] == ["When is Climate conference?", "Summarise the work on Climate"]


def test_topic_is_of_the_newest_document_that_is_about_it() -> None:
    about = (hit(OLD, "5", "Climate talks"), hit(NEW, "6", "Climate"))
    assert "Summarise the work on Climate" in questions(documents=[OLD, NEW], about=about)


def test_topic_of_undated_documents_is_the_best_one() -> None:
    undated = replace(NEW, date=None)
    about = (hit(undated, "5", ""), hit(undated, "6", "Climate"))
    assert "Summarise the work on Climate" in questions(documents=[undated], about=about)


@pytest.mark.parametrize(
    ("topic", "event", "heading"),
    [
        ("Small island states: the SIDS conference", "Small Islands", "LLDCs and SIDS conferences"),
        ("Group of 20, digital economy", "Ministerial Meeting for the DEWG", "G7 and G20"),
        ("Derechos humanos y tecnología", "", "Human rights and Technology"),
        ("Where do we eat today?", "", "Our Common Agenda"),
    ],
)
def test_bundled_report_has_prompts_about_the_topic_of_a_channel(
    report: Services, topic: str, event: str, heading: str
) -> None:
    about = report.assistant.about(topic)
    suggested = prompts(report.register(AS_OF), report.catalog.documents(), AS_OF, about)
    asked = [prompt["message"] for prompt in suggested]
    assert (event in asked[1], heading in asked[2]) == (True, True)
    assert [report.assistant.answer(text, as_of=AS_OF).answered for text in asked] == [True] * 4


def test_each_prompt_of_the_bundled_report_is_answered(report: Services) -> None:
    suggested = prompts(report.register(AS_OF), report.catalog.documents(), AS_OF)
    answers = [report.assistant.answer(prompt["message"], as_of=AS_OF) for prompt in suggested]
    assert [answer.answered for answer in answers] == [True] * 4


def test_there_are_four_prompts_without_any_date() -> None:
    assert len(questions(documents=[NEW])) == 4


def test_long_titles_are_cut_in_what_is_shown() -> None:
    long = entry("Meeting of the Group " * 10, "2024-05-27")
    shown = prompts([long], [NEW], AS_OF)
    assert all(len(prompt["title"]) <= 70 for prompt in shown)
