"""Remarks below an answer: how it was checked, and whether it may not answer."""

from __future__ import annotations

from dataclasses import replace

from bot.answers import Removed
from bot.answers.remarks import checked, missing, opening, written
from bot.locales import in_language
from tests.bot.sample_answers import REFUSAL, VERBATIM

REPLACED = Removed("Two.", "the passage does not have “Oslo”", "names", "The report's own.")
DROPPED = Removed("A claim.", "it cites no passage that was found", "citation")


def test_judged_answer_says_that_a_model_wrote_it() -> None:
    said = checked(replace(VERBATIM, judged=True))

    assert said == "Written by a language model; each sentence checked against its source."


def test_extractive_answer_has_no_remark() -> None:
    assert checked(replace(VERBATIM, removed=(DROPPED,))) is None


def test_replaced_and_dropped_sentences_are_counted() -> None:
    said = checked(replace(VERBATIM, judged=True, removed=(REPLACED, DROPPED, DROPPED)))

    assert said == (
        "Written by a language model; each sentence checked against its source; "
        "1 sentence replaced by the document's own words; 2 sentences left out after the check."
    )


def test_remark_says_that_only_hard_checks_ran() -> None:
    said = checked(replace(VERBATIM, judged=False))

    assert said == (
        "Written by a language model; checked for numbers, dates and names only, as no judge has read it."
    )


def test_line_below_an_answer_says_who_wrote_it_and_counts_nothing() -> None:
    said = written(replace(VERBATIM, judged=True, removed=(REPLACED, DROPPED)))

    assert said == "Written by a language model; each sentence checked against its source."
    assert written(VERBATIM) == ""


def test_first_words_that_no_document_has_are_named() -> None:
    assert missing(["chair", "lldc3"]) == "Not in the documents: “chair”, “lldc3”."
    assert "“6”" in missing("1234567")
    assert "“7”" not in missing("1234567")


def test_only_uncertain_answers_without_a_model_are_closest_passages() -> None:
    low = replace(VERBATIM, confidence="low")

    assert opening(low)
    assert not opening(replace(low, judged=True))
    assert not opening(replace(REFUSAL, confidence="low"))


def test_line_above_the_closest_passages_is_in_the_language_in_use() -> None:
    low = replace(VERBATIM, confidence="low")

    with in_language("fr"):
        assert opening(low).startswith("Voici les passages les plus proches")
