import pytest

from bot.register.questions.search import InitialsIndex, StemIndex, stem_set

TITLES = (
    "Plenipotentiary Conference 2026",
    "PP-22",
    "Registration closes",
    "Fourth SIDS conference",
    "CSW68",
)


@pytest.mark.parametrize(
    ("word", "found"),
    [("sid4", {3}), ("confer", {0, 3}), ("registr", {2}), ("#4", {3}), ("csw66", set()), ("absent", set())],
)
def test_texts_with_a_word_are_found(word, found):
    assert StemIndex(map(stem_set, TITLES)).containing(word) == found


def test_code_with_other_numbers_only_is_another_edition():
    assert StemIndex(map(stem_set, TITLES)).other_editions("csw66") == {4}


@pytest.mark.parametrize(("letters", "found"), [("sotf", {0}), ("gdc", {1}), ("abc", set())])
def test_texts_are_found_by_initials(letters, found):
    assert InitialsIndex(["Summit of the Future", "the Global Digital Compact"]).containing(letters) == found
