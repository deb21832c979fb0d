"""The verdicts on statements, with and without a judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from bot.errors import ModelError, QuestionError
from bot.llm.judge import JudgeRequest
from bot.mcp.statements import Check, check_statement
from bot.wiring import Services
from tests.bot.mcp.connections import services_on

DAY = date(2025, 3, 1)
OLD = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tThe Schools Alliance has eighty-four partners.
1.3\tRegistration for the Forum closes at 17:00 on 16 June 2025.
1.4\tThe Workshop on Numbering, planned for 3 April 2025, has been cancelled.
"""
NEW = "1. Forum\n1.1\tThe Forum on Broadband will now be held in Geneva from 8 to 12 September 2025.\n"
HELD = "The Forum on Broadband will be held in Geneva from 7 to 11 July 2025."
MOVED = "The Forum on Broadband will be held in Geneva from 8 to 12 September 2025."


class Judge:
    """Says yes or no to everything, or fails."""

    any_language = False

    def __init__(self, says: bool | Exception) -> None:
        self.says = says
        self.asked: list[JudgeRequest] = []

    def verdicts(self, requests: Sequence[JudgeRequest], config: Any = None) -> list[bool]:
        self.asked += requests
        if isinstance(self.says, Exception):
            raise self.says
        return [self.says] * len(requests)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("forum")
    services = services_on(folder / "data")
    for name, text, day in (("old.txt", OLD, "2025-01-01"), ("new.txt", NEW, "2025-02-01")):
        (folder / name).write_text(text)
        (folder / f"{name}.meta.toml").write_text(f'title = "{name}"\ndate = {day}\n')
    services.shared.ingest([folder / "old.txt", folder / "new.txt"])
    yield services
    services.shared.close()


@pytest.fixture
def check(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Check]:
    def run(statement: str, judge: Judge | None = None) -> Check:
        monkeypatch.setitem(services.shared.__dict__, "judge", judge)
        return check_statement(services, statement, DAY)

    return run


@pytest.mark.parametrize(
    ("statement", "alone", "yes", "no"),
    [
        (MOVED, "same facts", "supported", "not found"),
        ("The Schools Alliance has eighty-four partners.", "same facts", "supported", "not found"),
        ("The Schools Alliance has ninety partners.", "different fact", "different fact", "contradicted"),
        ("Registration for the Forum closes at 18:00.", "different fact", "different fact", "contradicted"),
        (
            "Registration for the Forum closes on 17 June 2025.",
            "different fact",
            "different fact",
            "contradicted",
        ),
        (HELD, "superseded", "superseded", "superseded"),
        ("The Workshop on Numbering will be held on 3 April 2025.", "superseded", "superseded", "superseded"),
        ("The Workshop on Numbering of 3 April 2025 is cancelled.", "same facts", "supported", "not found"),
        ("The Atacama Accord has eighty-four partners.", "not found", "not found", "not found"),
        ("Whales sing to one another.", "not found", "not found", "not found"),
        ("The Forum 7.", "not found", "not found", "not found"),
        ("Die Schools Alliance hat vierundachtzig Partner.", "not found", "not found", "not found"),
    ],
)
def test_verdicts_without_and_with_a_judge(
    check: Callable[..., Check], statement: str, alone: str, yes: str, no: str
) -> None:
    found = [check(statement, judge).verdict for judge in (None, Judge(True), Judge(False))]

    assert found == [alone, yes, no]


def test_a_moved_date_is_cited_with_the_new_one(check: Callable[..., Check]) -> None:
    found = check(HELD)

    assert found.note is not None
    assert "8–12 September 2025" in found.note
    assert [(c.marker, c.source) for c in found.citations] == [(1, "old.txt"), (2, "new.txt")]


def test_the_missing_fact_is_named(check: Callable[..., Check]) -> None:
    found = check("The Schools Alliance has ninety partners.")

    assert found.note == "the passage does not have “90”"
    assert found.citations[0].quote == "The Schools Alliance has eighty-four partners."


def test_the_judge_reads_the_cited_paragraph(check: Callable[..., Check]) -> None:
    judge = Judge(True)
    found = check("The Schools Alliance has eighty-four partners.", judge)

    assert found.judged
    assert (
        [hit.section.number for hit in judge.asked[0].hits] == ["1.2"] == [c.section for c in found.citations]
    )


def test_a_judge_that_fails_supports_nothing(check: Callable[..., Check]) -> None:
    found = check(MOVED, Judge(ModelError("it is down")))

    assert (found.verdict, found.judged) == ("same facts", False)


def test_a_judge_of_english_is_not_asked_about_other_languages(check: Callable[..., Check]) -> None:
    judge = Judge(True)
    check("Le Forum sur le large bande se tiendra à Genève du 8 au 12 septembre 2025.", judge)

    assert judge.asked == []


@pytest.mark.parametrize("statement", ["", "  \n", "word " * 200])
def test_what_is_no_sentence_is_refused(check: Callable[..., Check], statement: str) -> None:
    with pytest.raises(QuestionError):
        check(statement)
