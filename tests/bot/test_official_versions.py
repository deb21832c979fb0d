"""A document of the United Nations' kind in six official versions: its register, and questions in each language.

The document and the questions were written by somebody who had not seen the program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.wiring import Services, build

pytestmark = pytest.mark.slow

VERSIONS = Path(__file__).parents[1] / "data" / "languages" / "versions"
LETTERS = {"en": "E", "fr": "F", "es": "S", "ru": "R", "zh": "C", "ar": "A"}
AS_OF = date(2026, 4, 20)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VERSIONS / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory, report: Services) -> Iterator[Services]:
    # The model is exported once.
    folder = report.shared.settings.encoder_folder
    data = tmp_path_factory.mktemp("versions")
    services = build(Settings(data_dir=data, encoder_dir=folder, _env_file=None))
    services.shared.ingest(sorted(VERSIONS.glob("*.txt")))
    yield services
    services.shared.close()


def test_each_event_is_once_in_the_register_with_all_versions(versions: Services) -> None:
    register = versions.register(AS_OF)
    whole = 0
    for event in rows("events"):
        if event["start"] is None:
            continue
        [found] = [
            entry
            for entry in register
            if str(entry.start) == event["start"]
            and any(mention.section == event["paragraph"] for mention in entry.mentions)
        ]
        whole += len(found.sources) == len(LETTERS)
    assert whole == sum(event["start"] is not None for event in rows("events"))


@pytest.mark.parametrize("language", sorted(set(LETTERS) - {"en"}))
def test_questions_are_answered_with_the_paragraph_of_their_language(
    versions: Services, language: str
) -> None:
    right = 0
    for row in rows("questions"):
        answer = versions.assistant.answer(row["questions"][language], as_of=AS_OF)
        cited = {(citation.source, citation.section) for citation in answer.citations}
        right += (f"C26-INF-14-{LETTERS[language]}.txt", row["paragraph"]) in cited
    assert right >= 11


def test_what_is_not_answered_in_english_is_quoted(versions: Services) -> None:
    for row in rows("questions"):
        answer = versions.assistant.answer(row["questions"]["en"], as_of=AS_OF)
        shown = [*answer.citations, *answer.nearest]
        assert ("C26-INF-14-E.txt", row["paragraph"]) in {(one.source, one.section) for one in shown}
