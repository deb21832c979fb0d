from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.answers.extractive import best_of_each_document, newest_first, past_note, superseded_preface
from bot.answers.ranking import RankedSentence, best_first
from store.records import Document, Hit, Section

OLD = Document("old", "old.txt", "Report 2024", symbol="C24/52", date=date(2024, 4, 26))
AS_OF = date(2025, 6, 1)
NEW = Document("new", "new.txt", "Report 2025", symbol="C25/47", date=date(2025, 4, 25))


def sentence(document: Document, text: str, heading: str = "Schools", cosine: float = 0.5) -> RankedSentence:
    section = Section(document.id, "3.2", 0, 0, heading, text, text)
    return RankedSentence(
        Hit(section, document, 1.0, 0.5),
        place=0,
        start=0,
        end=len(text),
        cosine=cosine,
        coverage=0.8,
        section_coverage=0.8,
        has_asked_kind=True,
    )


def said(*found: RankedSentence) -> list[RankedSentence]:
    ranked = best_first(found)
    return newest_first(ranked[:1], best_of_each_document(ranked))


def test_newer_document_comes_first_and_the_older_is_named() -> None:
    old = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    new = sentence(NEW, "The Alliance aims to connect 75 000 schools.")
    answer = said(old, new)
    assert [replace(s, superseded=False) for s in answer] == [new, old]
    assert superseded_preface(answer[1].hit.document) == "[Earlier, C24/52 of 26 April 2024:] "


def test_older_document_with_the_same_statement_is_omitted() -> None:
    text = "The Alliance aims to connect 75 000 schools."
    assert said(sentence(OLD, text), sentence(NEW, text)) == [sentence(NEW, text)]


def test_older_sentence_on_another_point_is_omitted() -> None:
    best = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    other = sentence(NEW, "The handbook was published in Dubai.", heading="Space")
    assert said(best, other) == [best]


def test_undated_document_supersedes_nothing() -> None:
    undated = replace(NEW, date=None)
    dated = sentence(OLD, "The Alliance aims to connect 60 000 schools.")
    other = sentence(undated, "The Alliance aims to connect 75 000 schools.", cosine=0.9)
    assert said(dated, other)[0] == dated


def test_sentences_of_one_document_stay_in_order() -> None:
    one = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    two = sentence(OLD, "The Alliance connected 30 000 schools.")
    ranked = best_first([one, two])
    assert newest_first(ranked, best_of_each_document(ranked)) == [one, two]


def in_paragraphs(document: Document, *paragraphs: str) -> list[RankedSentence]:
    """Sentences of one document, each paragraph a section under the same heading."""
    found = []
    for place, text in enumerate(paragraphs):
        section = Section(document.id, f"2.{place + 1}", place, place, "The conference", text, text)
        hit = Hit(section, document, 1.0, 0.5)
        start = 0
        for part in text.split(". "):
            end = min(start + len(part) + 1, len(text))
            found.append(
                RankedSentence(
                    hit,
                    place=place,
                    start=start,
                    end=end,
                    cosine=0.6,
                    coverage=0.8,
                    section_coverage=0.8,
                    has_asked_kind=True,
                )
            )
            start = end + 1
    return found


def test_older_sentence_is_found_in_the_corresponding_paragraph() -> None:
    old = in_paragraphs(
        OLD, "The conference on inclusion will be held in Montevideo from 14 to 18 October 2024."
    )
    new = in_paragraphs(
        NEW,
        "The conference on inclusion has been moved. It is to be held from 5 to 9 October 2026.",
        "The committee met in New York on 20 January 2025.",
    )
    bare, dated, elsewhere = replace(new[0], has_asked_kind=False), new[1], replace(new[2], cosine=0.7)
    answer = said(replace(old[0], cosine=0.9), bare, dated, elsewhere)
    assert [s.text for s in answer] == [dated.text, old[0].text]


def test_longer_list_is_a_difference() -> None:
    old = sentence(OLD, "The union leads the tracks on access and on measurement.")
    new = sentence(NEW, "The union leads the tracks on access, on affordability and on measurement.")
    assert [s.superseded for s in said(new, old)] == [False, True]


def test_announcement_of_a_past_day_is_noted() -> None:
    opened = replace(sentence(NEW, "It opens on 9 May 2025."), announced_until=date(2025, 5, 9))
    assert "are past on" in past_note(said(opened), AS_OF)


def test_announcement_of_a_future_day_is_not_noted() -> None:
    opens = replace(sentence(NEW, "It opens on 9 June 2025."), announced_until=date(2025, 6, 9))
    assert past_note(said(opens), AS_OF) == ""


def test_older_document_is_a_version_on_the_same_point() -> None:
    old = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    new = sentence(NEW, "The Alliance aims to connect 75 000 schools.")
    assert best_of_each_document(best_first([old, new])) == [new, old]


def test_document_on_another_point_is_no_version() -> None:
    old = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    new = sentence(NEW, "Membership fees rise by a tenth.", heading="Fees")
    assert best_of_each_document(best_first([old, new])) == [old]
