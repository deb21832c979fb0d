"""Extractive answers: choice of sentences, subjects in brackets, citations, answerability and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.answers import Answer, Basis, extractive
from bot.answers.citations import cite, in_context, with_subject
from bot.answers.extractive import (
    Features,
    Selection,
    choose,
    extractive_answer,
    nearest,
    nearest_passages,
    probability,
)
from bot.answers.ranking import RankedSentence, best_first, weigh
from bot.answers.remarks import language, no_answer
from bot.question import Question, understand
from store.records import Document, Hit, Section
from store.search import SearchResult

DOCUMENT = Document("d", "d.txt", "The report", date=date(2024, 4, 29))
TEXT = (
    "Summit: It opens on 9 May in Nairobi. However, this has now been postponed. "
    "Members sent inputs. The budget is unchanged."
)


def sentences(text: str = TEXT, place: int = 0, number: str = "1.1") -> list[RankedSentence]:
    section = Section("d", number, 0, place, "Events", text, text)
    hit = Hit(section, DOCUMENT, 1.0, 0.5)
    found, start = [], 0
    for part in text.split(". "):
        end = min(start + len(part) + 1, len(text))
        found.append(
            RankedSentence(
                hit,
                place=place,
                start=start,
                end=end,
                cosine=0.4,
                coverage=0.4,
                section_coverage=0.4,
                has_asked_kind=False,
            )
        )
        start = end + 1
    return found


def rated(candidate: RankedSentence, cosine: float) -> RankedSentence:
    return replace(candidate, cosine=cosine)


def asking(text: str) -> Question:
    return understand(text)


def test_best_sentence_comes_first() -> None:
    one, _, three, four = sentences()
    chosen = choose(asking("What about inputs?"), best_first([one, rated(three, 0.9), four]))
    assert chosen[0].text == "Members sent inputs."


def test_other_sentences_follow_in_reading_order() -> None:
    one, _, three, four = sentences()
    chosen = choose(
        asking("Tell me more"), best_first([rated(four, 0.45), rated(three, 0.9), rated(one, 0.8)])
    )
    assert [s.start for s in chosen[1:]] == sorted(s.start for s in chosen[1:])


def test_at_most_four_sentences_are_chosen() -> None:
    many = [c for place in range(3) for c in sentences(place=place, number=f"{place}.1")]
    assert len(choose(asking("Tell me all"), many)) == 4


def test_sentence_is_followed_by_its_revocation() -> None:
    one, two, three, four = sentences()
    chosen = choose(asking("When does it open?"), [rated(one, 2.0), two, three, four])
    assert [s.text for s in chosen] == [one.text, two.text]


def test_fourth_sentence_is_followed_by_its_revocation() -> None:
    *planned, postponed = sentences(
        "It is on 2 May. It is on 3 May. It is on 4 May. It is on 5 May. However, this has now been postponed."
    )
    chosen = choose(asking("When is it?"), [*(rated(s, 0.9) for s in planned), postponed])
    assert chosen == [*(rated(s, 0.9) for s in planned), postponed]


def test_no_candidates_choose_no_sentence() -> None:
    assert choose(asking("When?"), []) == []


def test_nearest_quotes_the_best_sentence_of_each_section() -> None:
    one, _, three, _ = sentences()
    assert [n.quote for n in nearest(best_first([one, rated(three, 0.9)]))] == [three.text]


def test_nearest_sections_are_in_the_order_of_their_sentences() -> None:
    (first, *_), (second, *_) = sentences(number="1.1"), sentences(place=1, number="2.1")
    assert [n.section for n in nearest(best_first([first, rated(second, 0.9)]))] == ["2.1", "1.1"]


def test_nearest_quotes_a_sentence_that_can_be_read_alone() -> None:
    _, pointing, alone, _ = sentences()
    assert [n.quote for n in nearest(best_first([rated(pointing, 0.9), alone]))] == [alone.text]


def test_what_has_nothing_to_do_with_the_question_is_not_nearest() -> None:
    assert nearest([replace(sentences()[2], cosine=0.1, coverage=0.1)]) == ()


def test_nearest_has_each_section_once() -> None:
    # Paragraphs without a number bear that of their heading.
    one, two = sentences(number="4"), sentences("Another paragraph says more.", place=1, number="4")
    assert [n.section for n in nearest(best_first([*one, *two]))] == ["4"]


def test_quote_is_verbatim() -> None:
    section = Section("d", "1", 0, 0, "Events", "It opens in May.", "It\u00a0opens in May.")
    (one,) = sentences("It opens in May.")
    one = replace(one, hit=replace(one.hit, section=section))
    assert nearest([one])[0].quote == "It\u00a0opens in May."


def test_sentence_with_a_pronoun_gets_its_subject_in_brackets() -> None:
    text = "Summit of the Future: Preparations are underway. It aims to forge a consensus."
    _, second = sentences(text)
    assert with_subject(second) == "[Summit of the Future] It aims to forge a consensus."


@pytest.mark.parametrize(
    "opening", ["It is not known at this stage what may be said", "It has been decided that there is none"]
)
def test_impersonal_it_gets_no_subject(opening: str) -> None:
    _, second = sentences(f"Summit of the Future: Preparations are underway. {opening}.")
    assert with_subject(second) == f"{opening}."


def test_later_sentence_with_a_pronoun_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "probability", lambda _: 1.0)
    first, second = sentences("Summit of the Future: Preparations are underway. It aims high.")
    question, ranked = asking("When is the Summit?"), [first, second]
    found = SearchResult((first.hit,), (), {}, 60, {}, (DOCUMENT,), np.zeros(1, np.float32))
    selection = Selection(
        question,
        found,
        weigh(question, found),
        ranked=ranked,
        chosen=ranked,
        versions=[first],
        sentences=ranked,
    )

    answer = extractive_answer(Answer("?", "?", "", False, date(2024, 5, 1), Basis.of([DOCUMENT])), selection)

    assert answer.text.endswith(". [1] It aims high. [1]")


def test_sentence_with_a_pronoun_comes_after_the_one_that_it_refers_to() -> None:
    one, two, _ = sentences("The Fund is new. This made it known. It is in Geneva.")
    assert [text for text, _ in in_context([two])] == [one.text, two.text]


def test_item_of_a_list_gets_the_line_above_the_list_in_brackets() -> None:
    text = "ITU contributes:\n· reports on access. \n· the gathering in New York."
    item = replace(sentences(text)[0], start=text.index("the"), end=len(text))
    assert [text for text, _ in in_context([item])] == ["[ITU contributes:] the gathering in New York."]


def test_subject_in_brackets_is_not_in_the_quote() -> None:
    _, second = sentences("Summit of the Future: Preparations are underway. It aims high.")
    _, citations = cite([(with_subject(second), second)])
    assert citations[0].quote == "It aims high."


def test_each_section_has_a_line_of_its_own() -> None:
    one, two, *_ = sentences()
    other = sentences(place=1, number="1.2")[3]

    text, _ = cite([(s.text, s) for s in (one, two, other)])

    assert text.splitlines() == [f"{one.text} [1] {two.text} [1]", f"{other.text} [2]"]


def test_items_of_a_list_are_lines_without_bullets_and_share_a_citation() -> None:
    text = "ITU contributes:\n· reports on access.\n· a gathering in New York."
    first = sentences(text)[0]
    spans = [(0, 16), (19, 37), (40, len(text))]

    shown, citations = cite([(text[a:b], replace(first, start=a, end=b)) for a, b in spans])

    assert shown.splitlines() == [
        "ITU contributes: [1]",
        "reports on access. [1]",
        "a gathering in New York. [1]",
    ]
    assert [citation.quote for citation in citations] == [text]


def test_item_without_a_full_stop_has_its_marker() -> None:
    text = "ITU has two goals:\n· universal access\n· skills"
    first = sentences(text)[0]
    spans = [(0, 18), (21, 37), (40, len(text))]

    shown, _ = cite([(text[a:b], replace(first, start=a, end=b)) for a, b in spans])

    assert shown.splitlines() == ["ITU has two goals: [1]", "universal access [1]", "skills [1]"]


def test_heading_within_a_quote_has_no_marker() -> None:
    text = "Action required\nThe Council notes it."
    first = sentences(text)[0]
    parts = [replace(first, start=0, end=15), replace(first, start=16, end=len(text))]

    shown, _ = cite([(part.text, part) for part in parts])

    assert shown.splitlines() == ["Action required", "The Council notes it. [1]"]


def test_adjacent_sentences_share_a_citation() -> None:
    one, two, *_ = sentences()
    text, citations = cite([(one.text, one), (two.text, two)])
    assert text.count("[1]") == 2
    assert citations[0].quote == f"{one.text} {two.text}"


def test_separate_sentences_have_separate_citations() -> None:
    one, _, three, _ = sentences()
    _, citations = cite([(one.text, one), (three.text, three)])
    assert [c.marker for c in citations] == [1, 2]


SUPPORTED = Features(0.9, 1.0, 0.7, 0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_supported_answer_has_a_high_probability() -> None:
    assert probability(SUPPORTED) > 0.65


@pytest.mark.parametrize(
    "doubt",
    [
        "section_lacks_relations",
        "sentences_lack_relations",
        "names_missing",
        "names_unknown",
        "figures_missing",
        "kind_missing",
    ],
)
def test_each_missing_feature_lowers_the_probability(doubt: str) -> None:
    assert probability(replace(SUPPORTED, **{doubt: 1.0})) < probability(SUPPORTED)


def test_refusal_is_one_line() -> None:
    said = no_answer(Basis(2, "The report", date(2024, 4, 29)))
    assert "\n" not in said
    assert "2 documents" in said


def test_language_without_a_reply_of_its_own_gets_the_english_one() -> None:
    assert language("xx").startswith("I do not read this language")


def quoted(*ranked: RankedSentence) -> list[str]:
    """Return the lines of the reply to a question in another language, for these sentences, best first."""
    question = understand("")
    result = SearchResult((), (), {}, 1, {}, (), np.zeros(1, dtype=np.float32))
    selection = Selection(question, result, weigh(question, result), ranked, (), (), ())
    draft = Answer("?", "?", "", answered=False, as_of=date(2024, 6, 1), basis=Basis(1, None, None))
    return nearest_passages(draft, selection).text.splitlines()


def test_nearest_passages_are_each_of_another_section() -> None:
    ranked = [sentences("The budget is unchanged.", place, f"{place}.1")[0] for place in (0, 0, 1, 2, 3)]

    assert quoted(*ranked) == [f"The budget is unchanged. [{n}]" for n in (1, 2)]


def test_of_two_versions_of_a_section_one_is_nearest() -> None:
    (newer,) = sentences("Members sent inputs.")
    document = replace(DOCUMENT, id="e", source="e.txt", date=date(2023, 4, 29))
    older = replace(
        newer,
        hit=replace(newer.hit, document=document, section=replace(newer.hit.section, document_id="e")),
        place=1,
    )

    assert quoted(newer, older) == ["Members sent inputs. [1]"]


def test_sections_nearest_to_what_is_not_answered_are_numbered_each_once() -> None:
    ranked = [sentences(place=place, number=f"{place}.1")[3] for place in (1, 0, 1)]

    found = [(one.marker, one.section, one.quote) for one in nearest(ranked)]
    assert found == [(1, "1.1", "The budget is unchanged."), (2, "0.1", "The budget is unchanged.")]


def test_nothing_near_is_a_refusal_that_says_what_to_ask() -> None:
    refused, advice = quoted()
    assert refused.startswith("I find no answer")
    assert advice.endswith("What is in the report?")
