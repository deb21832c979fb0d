from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.question.typed_text import foreign_language

MARKED = Path(__file__).parents[2] / "data" / "languages.jsonl"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Où se tient la conférence SIDS4 ?", "fr"),
        ("¿Cuándo es la Cumbre del Futuro?", "es"),
        ("متى تعقد قمة المستقبل؟", "ar"),
        ("未来峰会什么时候举行?", "zh"),
        ("Когда состоится Саммит будущего?", "ru"),
        ("Wann ist der Zukunftsgipfel?", "de"),
    ],
)
def test_foreign_language_is_detected(text: str, code: str) -> None:
    assert foreign_language(text) == code


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
