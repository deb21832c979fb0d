from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import QuestionError
from bot.evaluation.questions import GoldQuestion, read_questions

FIRST = json.dumps({"question": "a"})


def written(folder: Path, *lines: str | bytes) -> Path:
    file = folder / "questions.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return file


def test_line_is_read_as_a_gold_question(tmp_path: Path) -> None:
    row = {"question": "a", "sections": ["1"], "sources": ["x.txt"], "must": ["May"], "note": "left alone"}
    assert read_questions(written(tmp_path, json.dumps(row))) == [
        GoldQuestion("a", True, ("1",), ("x.txt",), ("May",))
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"question": ', "no JSON"),
        ('["question"]', "no JSON object"),
        ("{}", '"question"'),
        ('{"question": 3}', '"question"'),
        ('{"question": " "}', '"question"'),
        ('{"question": "q", "answerable": "no"}', '"answerable"'),
        ('{"question": "q", "sections": "2.1"}', '"sections"'),
        ('{"question": "q", "sources": [1]}', '"sources"'),
        ('{"question": "q", "must": null}', '"must"'),
        (b'{"question": "caf\xe9"}', "UTF-8"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_invalid_line_is_named_with_the_reason(tmp_path: Path, line: str | bytes, what: str) -> None:
    with pytest.raises(QuestionError, match="line 3: ") as raised:
        read_questions(written(tmp_path, FIRST, "", line, FIRST))
    assert what in str(raised.value)
    assert "\n" not in str(raised.value)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="no question"):
        read_questions(written(tmp_path, ""))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"none\.jsonl cannot be read \(No such file"):
        read_questions(tmp_path / "none.jsonl")
