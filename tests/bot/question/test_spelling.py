"""Misspelled words of a question are read as words of the documents, and no others."""

from __future__ import annotations

import pytest

from bot.question.typed_text import corrected, misspellings
from store.terms import stem

DOCUMENTS = dict.fromkeys(map(stem, "future compact guterres organizations gambia share panel".split()), 1)
DOCUMENTS |= {stem("summit"): 7, stem("submit"): 2}


def read(text: str) -> str:
    found = misspellings(
        text,
        lambda word: stem(word) in DOCUMENTS,
        lambda stems: {one: DOCUMENTS[one] for one in stems if one in DOCUMENTS},
    )
    return corrected(text, found)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("When is the futre?", "When is the future?"),  # a letter is missing
        ("Who drafts the Compaact?", "Who drafts the Compact?"),  # there is one too many
        ("Who is Guterrez?", "Who is Guterres?"),  # one is wrong
        ("the fuutre of it", "the future of it"),  # two have changed places
        ("the sumit", "the summit"),  # and no "submit", which fewer sections have
        ("which organisations?", "which organizations?"),
    ],
)
def test_a_word_with_one_slip_is_read_as_the_documents_word(typed: str, meant: str) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "Did Zambia join?",  # English, and no slip of Gambia
        "the panellists",  # "panellisms" would have a stem that the documents have
        "What is FUTRE?",
        "Is there a sumt?",  # too short
        "the kompact",  # another first letter
        "the comppactt",
        "aaaaab bbbbbc cccccd ddddde eeeeef futre",  # five others before it
        "",
    ],
)
def test_other_words_are_read_as_typed(typed: str) -> None:
    assert read(typed) == typed
