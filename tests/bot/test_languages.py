from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.languages import foreign_language, is_in, question_language
from bot.locales import LANGUAGES
from ingest.text.lexicon import tables

DATA = Path(__file__).parents[1] / "data"
MARKED = DATA / "languages.jsonl"


@pytest.mark.parametrize(
    "text",
    [
        "Volker Türk said what?",
        "OSET + DESA survey, result?",
        "SIDS4 Antigua dates",
        "is São Tomé mentioned?",
        "",
    ],
)
def test_names_and_acronyms_do_not_make_a_question_foreign(text: str) -> None:
    assert foreign_language(text) is None


def test_marked_questions_are_classified() -> None:
    rows = [json.loads(line) for line in MARKED.read_text("utf-8").splitlines()]
    right = sum((foreign_language(row["text"]) or "en") == row["language"] for row in rows)
    assert right >= 0.95 * len(rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("什么时候举行 Summit of the Future?", "zh"),
        ("ITU-T 标准有多少?", "zh"),
        ("partner2connect是借纽约的哪个会议碰头的？", "zh"),
        ("متى ينعقد AI for Good Global Summit?", "ar"),
        ("Is 赵厚麟 in Geneva?", "en"),
        ("SIDS4 Антигуа dates", "en"),
        ("Agenda ٢٠٣٠ targets", "en"),
    ],
)
def test_names_in_latin_letters_do_not_count_in_a_question_in_another_script(text: str, code: str) -> None:
    assert question_language(text) == code


@pytest.mark.parametrize("language", ["en", *sorted(set(LANGUAGES) - {"en"})])
def test_language_of_the_marked_questions_is_found(language: str) -> None:
    names = [
        f"questions_{key}{'' if language == 'en' else f'.{language}'}.jsonl" for key in ("gold", "heldout")
    ]
    files = [DATA / ("" if language == "en" else "languages") / name for name in names]
    asked = [json.loads(line)["question"] for file in files for line in file.read_text("utf-8").splitlines()]

    assert sum(question_language(text) == language for text in asked) >= 0.99 * len(asked)


def test_sentence_with_long_names_in_latin_letters_is_in_its_language() -> None:
    assert is_in("Partner2Connect聚会在PrepComm 2期间举行。", "zh")
    assert not is_in("The Partner2Connect gathering (聚会) is in New York.", "zh")


@pytest.mark.parametrize("text", ["Πότε θα γίνει η σύνοδος κορυφής;", "정상회담은 언제 열립니까?"])
def test_language_in_an_unknown_script_is_not_taken_for_english(text: str) -> None:
    assert question_language(text) == "und"


def test_every_language_of_questions_has_a_table_of_words() -> None:
    assert set(LANGUAGES) == set(tables())
