"""A gloss has the grammar's words for the phrases of a language, and says which part of the text each stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.languages import gloss, languages


def test_phrases_become_the_words_of_the_grammar() -> None:
    assert gloss("du 22 au 23 septembre 2025", "fr").text == "from 22 to 23 September 2025"


def test_longest_phrase_wins() -> None:
    assert gloss("au plus tard le 8 mars", "fr").text == "no later than 8 March"


def test_word_that_looks_like_an_english_one_is_none() -> None:
    assert gloss("on y parle de mars", "fr").text.split()[0] not in ("on", "On")


def test_a_long_ending_makes_another_word() -> None:
    assert "around" not in gloss("la protection de l'environnement", "fr").text


def test_a_form_of_a_verb_says_its_tense() -> None:
    assert " will " in gloss("Le Bureau signalera les retards.", "fr").text


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "会议推迟。会议取消。"), ("ar", "اجتماع في مارس. اجتماع في مايو.")]
)
def test_a_sentence_begins_with_a_capital(language: str, text: str) -> None:
    assert ". Meeting" in gloss(text, language).text


def test_abbreviation_of_a_year_may_end_a_sentence() -> None:
    text = gloss(
        "Отчет Совета будет опубликован для всех членов 3 мая 2025 г. Совет рассмотрит его.", "ru"
    ).text
    assert "2025 year. Council" in text or "2025. Council" in text


@pytest.mark.parametrize("text", ["十三月", "三十一月九十日", "十十十十年"])
def test_numerals_of_no_date_are_read(text: str) -> None:
    assert gloss(text, "zh").text


def test_acronyms_and_symbols_stay() -> None:
    words = gloss("UIT, C25/INF/31-F", "fr").text
    assert words == "UIT, C25/INF/31-F"


def test_a_word_has_one_placeholder_in_all_its_forms() -> None:
    first, second = gloss("télécommunication télécommunications", "fr").text.split()
    assert first == second


@pytest.mark.parametrize(
    ("language", "text", "words", "part"),
    [
        ("fr", "Fin le 8 mars 2025.", "8 March 2025", "8 mars 2025"),
        ("es", "Se celebra el 8 de marzo de 2025.", "8 March 2025", "8 de marzo de 2025"),
        ("ru", "Состоится 8 марта 2025 года.", "8 March 2025", "8 марта 2025"),
        ("zh", "会议于2025年3月8日举行。", "8 March 2025", "2025年3月8日"),
        ("ar", "يعقد الاجتماع في ٨ مارس ٢٠٢٥.", "8 March 2025", "٨ مارس ٢٠٢٥"),
    ],
)
def test_words_of_the_gloss_lead_back_to_the_text(language: str, text: str, words: str, part: str) -> None:
    found = gloss(text, language)
    at = found.text.index(words)
    start, end = found.span(at, at + len(words))
    assert text[start:end].startswith(part)


@pytest.mark.parametrize("language", languages())
@given(text=st.text(st.sampled_from("aé '’.,;()-/\n12年月日至сяاوالSept ")))
def test_every_character_of_a_gloss_stands_for_a_part_of_the_text(language: str, text: str) -> None:
    found = gloss(text, language)
    assert len(found.starts) == len(found.ends) == len(found.text)
    assert all(0 <= start <= end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))


def test_letters_and_accents_may_be_apart() -> None:
    text = "le 8 fe\u0301vrier 2025"
    found = gloss(text, "fr")
    at = found.text.index("February")
    assert text[slice(*found.span(at, at + len("February")))] == "fe\u0301vrier"


def test_letter_of_a_list_stays() -> None:
    assert gloss("a) une réunion\nii) une session", "fr").text == "a) a meeting\nii) a session"


def test_a_long_number_is_no_hour() -> None:
    assert gloss(f"{'7' * 5000} h", "fr").text.startswith("77")


def test_language_without_a_pack() -> None:
    with pytest.raises(KeyError):
        gloss("8. März", "de")
