"""Classes of dates, in each language: those that are none of an event, moves over two sentences, kinds, years, rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from bot.register import RegisterEntry, build_register
from ingest.events.plain import PlainReader
from ingest.events.same_event import Chains, assign_chains, merge
from ingest.readers.text import read as read_text
from store.records import Document, Event, Section
from tests.ingest.events.papers import PAPER, events


def of(language: str, text: str, day: date = date(2025, 2, 3)) -> list[Event]:
    return events(text, heading="", document=replace(PAPER, date=day, language=language, title="C25/9"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # the date of another document
        ("en", "Document EC-24/18 of 9 December 2024 remains valid."),
        ("en", "Further to Circular Letter CL/2025-03 of 3 January, Members are reminded of it."),
        ("fr", "L'ordre du jour (CT-19/OJ/2 du 12 janvier) est inchangé."),
        ("fr", "Le rapport CF-23/R.2, daté du 20 janvier, est joint."),
        ("es", "Se aprobó el orden del día (Doc. 1/Rev.2, del 20 de enero)."),
        ("ru", "Принята повестка ИС-44/1/Изм.2 (от 20 января)."),
        ("ru", "Ссылаемся на письмо № Ц/26-09 от 12 января."),
        ("zh", "兹就2025年1月22日第十七号通函作如下补充。"),
        ("ar", "بالإشارة إلى المذكرة 24/06 المؤرخة 18 يناير."),
        # history
        ("en", "The site agreement with the host country dates from 17 June 1998."),
        ("es", "El Protocolo, firmado en Quito el 12 de octubre de 1992, obliga a los bancos."),
        ("ru", "Формат СД-2, принятый ещё 6 мая 2008 года, до тех пор допускается."),
        ("zh", "该计划系根据2015年11月3日的决定设立。"),
        ("ar", "ويستمر العمل باتفاق الصيانة المبرم في 15 مايو 2019."),
        # what a report or a term of office covers, budgets, the state of figures
        ("en", "The report covers the period July 2024 to January 2025."),
        ("en", "As at 31 January it contained 2 025 assignments."),
        ("zh", "审计报告涉及2025年1月1日至12月31日的收支。"),
        # in quotation marks alone
        ("es", "Donde dice «1 de noviembre» léase otra fecha."),
    ],
)
def test_what_is_none_of_an_event(language: str, text: str) -> None:
    assert [(event.title, str(event.mentions[0].start)) for event in of(language, text)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The session is planned for 4 to 6 May. However, this has now been postponed."),
        ("fr", "La session est prévue du 4 au 6 mai. Elle a toutefois été reportée."),
        ("es", "La reunión será del 4 al 6 de mayo. Sin embargo, ha sido aplazada."),
        ("ru", "Сессия намечена на 4–6 мая. Однако она отложена."),
        ("zh", "会议定于5月4日至6日举行。但现已推迟。"),
        ("ar", "ستعقد الدورة من 4 إلى 6 مايو. لكن تم تأجيلها."),
    ],
)
def test_the_next_sentence_says_that_it_is_off(language: str, text: str) -> None:
    (event,) = of(language, text)
    assert event.mentions[0].cue == "postponed"


def test_a_next_sentence_on_something_else_leaves_the_status_open() -> None:
    (event,) = of("en", "The session is planned for 4 to 6 May. A workshop has been cancelled.")
    assert event.mentions[0].cue == "unclear"


def test_a_next_sentence_after_two_dates_leaves_the_status_of_both_open() -> None:
    text = "The Forum is on 4 May and the Summit on 8 June. This has now been postponed."
    assert {event.mentions[0].cue for event in of("en", text)} == {"unclear"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The session of 4 to 6 May could not be held. It has been moved to 8-10 June."),
        ("zh", "原定5月4日至6日举行的会议未能如期召开。会议改于6月8日至10日举行。"),
        ("es", "La reunión se traslada del 4-6 de mayo al 8-10 de junio."),
        ("en", "The Committee will meet on 8-10 June instead of 4-6 May."),
    ],
)
def test_the_new_date_replaces_the_old_one(language: str, text: str) -> None:
    found = sorted(of(language, text), key=lambda event: str(event.mentions[0].start))
    assert [event.mentions[0].cue for event in found] == ["postponed", "planned"]
    assert found[0].chain_id == found[1].chain_id


@pytest.mark.parametrize(
    "text",
    [
        "The Bureau decided on 19 January to put off the Conference.",
        "The edition of 9-13 November was cancelled on 28 January.",
    ],
)
def test_the_day_on_which_something_is_called_off_is_not_called_off(text: str) -> None:
    (decided,) = [e for e in of("en", text) if e.mentions[0].start == e.mentions[0].end]
    assert decided.mentions[0].cue == "done"


def test_the_name_of_a_gathering_is_no_title_of_what_else_is_due() -> None:
    (event,) = of("en", "Nominations for the General Assembly of the Union close on 5 March.")
    assert (event.kind, event.quoted) == ("deadline", True)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "Registration opens on 12 May.", "milestone"),
        ("en", "Bids must reach the Unit by 30 May.", "deadline"),
        ("en", "The survey was sent out on 3 May.", "publication"),
        ("fr", "Le jury se réunira à huis clos le 17 mai et les prix seront remis.", "meeting"),
        ("fr", "Le recueil est sorti de presse le 21 mai.", "publication"),
        ("es", "El comité se reunió el 27 de mayo y adjudicó doce becas.", "meeting"),
        ("ru", "Каталог вышел в свет 19 мая.", "publication"),
        ("zh", "征求意见稿于5月6日发出。", "publication"),
        ("ar", "صدور تقرير كلفة الطاقة في 6 مايو.", "publication"),
    ],
)
def test_the_nearest_word_says_the_kind(language: str, text: str, kind: str) -> None:
    assert [event.kind for event in of(language, text)] == [kind]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The handbook came out on 12 November.", "2024-11-12"),
        ("ru", "Первая очередь введена в эксплуатацию 24 ноября.", "2024-11-24"),
        ("en", "The comments are due on 12 November.", "2025-11-12"),
        ("en", "For 2027 it is proposed to meet on 6 June.", "2027-06-06"),
        ("en", "The standard was adopted on 11 January and applies from 1 July 2025.", "2025-01-11"),
        ("zh", "截止日期由11月11日顺延至3月3日。", "2024-11-11"),
    ],
)
def test_the_sentence_says_the_year(language: str, text: str, day: str) -> None:
    assert day in [str(mention.start) for event in of(language, text) for mention in event.mentions]


def test_the_first_line_of_a_list_is_no_header() -> None:
    text = "1. Dates\n\tRegistration opens\t-\t12 May\n\tVisa letters\t-\tby 6 June\n\tRooms\t-\t13 June\n"
    rows = [block.raw for block in read_text(text.encode()).blocks if block.kind == "row"]
    assert [row.partition(";")[0] for row in rows] == ["Registration opens", "Visa letters", "Rooms"]


def test_a_row_without_names_of_columns_has_its_first_cell_as_title() -> None:
    (event,) = of("ru", "Исполнительный совет, 45-я сессия; Женева; 24–28 мая 2025 г.")
    assert (event.title, event.quoted) == ("Исполнительный совет, 45-я сессия", False)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The Busan Exhibition Centre is free from 16 to 18 June."),
        ("en", "The seminar, for which Members asked at EC-24, is held from 16 to 18 June."),
        ("ru", "Совещание Рабочей группы пройдёт 9–12 июня."),
    ],
)
def test_a_part_of_a_name_is_no_title(language: str, text: str) -> None:
    assert [event.quoted for event in of(language, text)] == [True]


def register(*papers: tuple[str, date, str]) -> list[RegisterEntry]:
    """Return the rows of documents, each (text, day, language), that are read one after the other."""
    documents: list[Document] = []
    sections: dict[str, Section] = {}
    found: list[Event] = []
    chains = Chains()
    numbers = count()
    for number, (text, day, language) in enumerate(papers):
        paper = Document(f"d{number}", f"{number}.txt", "Report", date=day, language=language)
        section = Section(paper.id, "1", 0, 1, "", text, text)
        datings = PlainReader().read(paper, [section]).datings[section.id]
        made = assign_chains(merge(paper, datings), (), chains, lambda: f"chain{next(numbers)}")
        chains.update(made)
        documents.append(paper)
        sections[section.id] = section
        found += made
    return build_register(documents, sections, found, date(2025, 2, 1))


EARLY, LATE = date(2025, 1, 10), date(2025, 4, 1)


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("The seminar is in Busan from 8 to 10 July.", "The seminar held from 8 to 10 July went well.", "en"),
        ("Comments are to be sent by 11 April.", "Comments on the draft came in by 11 April.", "en"),
        ("Онлайн-курс намечен на 16–27 июня.", "Онлайн-курс пройдёт 16–27 июня.", "ru"),
        ("第九届全体大会定于9月14日至23日举行。", "会议确认大会会期为9月14日至23日。", "zh"),
    ],
)
def test_the_same_days_in_like_words_are_one_row(first: str, second: str, language: str) -> None:
    (row,) = register((first, EARLY, language), (second, LATE, language))
    assert len(row.mentions) == 2


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("The Committee meets from 6 to 10 October.", "It would meet on 13-16 October instead of 6-10 October.", "en"),
        ("Les réponses sont attendues d'ici au 31 mai.", "Le délai a été prolongé du 31 mai au 15 juin.", "fr"),
        ("Заявки принимаются до 30 мая.", "Срок подачи заявок продлён с 30 мая до 15 июня.", "ru"),
    ],
)  # fmt: skip
def test_a_later_document_that_names_both_dates_supersedes_the_old_one(
    first: str, second: str, language: str
) -> None:
    rows = register((first, EARLY, language), (second, LATE, language))
    assert [row.rescheduled_to is not None for row in rows] == [True, False]


def test_other_words_on_the_same_day_are_two_rows() -> None:
    rows = register(
        ("Abstracts are due on 5 May.", EARLY, "en"), ("The museum opens its doors on 5 May.", LATE, "en")
    )
    assert len(rows) == 2
