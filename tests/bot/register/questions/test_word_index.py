import pytest

from bot.register.questions.word_index import InitialsIndex, StemIndex, stem_set

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


def test_first_stem_with_a_prefix_is_the_first_by_the_alphabet():
    index = StemIndex([frozenset({"forum", "format", "future"})])
    assert index.first_with_prefix("for") == "format"
    assert index.first_with_prefix("zz") is None


@pytest.mark.parametrize(
    ("capitals", "letters", "found"), [(True, "sotf", set()), (False, "sotf", {0}), (True, "gdc", {1})]
)
def test_texts_are_found_by_initials(capitals, letters, found):
    index = InitialsIndex(["Summit of the Future", "the Global Digital Compact"], capitals=capitals)
    assert index.containing(letters) == found
