from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.candidates import Candidate
from bot.editions import Said, newest_first
from bot.extractive import rank
from store.records import Document, Hit, Section

OLD = Document("old", "old.txt", "Report 2024", symbol="C24/52", date=date(2024, 4, 26))
NEW = Document("new", "new.txt", "Report 2025", symbol="C25/47", date=date(2025, 4, 25))


def sentence(document: Document, text: str, heading: str = "Schools", cosine: float = 0.5) -> Candidate:
    section = Section(document.id, "3.2", 0, 0, heading, text, text)
    return Candidate(Hit(section, document, 1.0, 0.5, 1.0), 0, 0, len(text), cosine, 0.8, 0.8, shaped=True)


def said(*candidates: Candidate) -> list[Said]:
    ranked = rank(candidates)
    return newest_first(ranked[:1], ranked)


def test_the_newer_document_speaks_first_and_the_older_is_named() -> None:
    old = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    new = sentence(NEW, "The Alliance aims to connect 75 000 schools.")
    answer = said(old, new)
    assert [s.candidate for s in answer] == [new, old]
    assert answer[1].preface == "[Earlier, C24/52 of 26 April 2024:] "


def test_an_older_document_that_says_the_same_is_left_out() -> None:
    text = "The Alliance aims to connect 75 000 schools."
    assert said(sentence(OLD, text), sentence(NEW, text)) == [Said(sentence(NEW, text))]


def test_sentences_on_another_point_stay_out() -> None:
    best = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    other = sentence(NEW, "The handbook was published in Dubai.", heading="Space")
    assert said(best, other) == [Said(best)]


def test_an_undated_document_supersedes_nothing() -> None:
    undated = replace(NEW, date=None)
    dated = sentence(OLD, "The Alliance aims to connect 60 000 schools.")
    other = sentence(undated, "The Alliance aims to connect 75 000 schools.", cosine=0.9)
    assert said(dated, other)[0].candidate == dated


def test_within_one_document_nothing_changes() -> None:
    one = sentence(OLD, "The Alliance aims to connect 60 000 schools.", cosine=0.9)
    two = sentence(OLD, "The Alliance connected 30 000 schools.")
    ranked = rank([one, two])
    assert [s.candidate for s in newest_first(ranked, ranked)] == [one, two]
