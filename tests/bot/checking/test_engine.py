"""The verdicts on statements, with and without a judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.checking import Check, Claim, Engine
from bot.errors import ModelError
from bot.llm.judge import JudgeRequest, Ruling
from bot.question.typed_text import question_language
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
    """Rules the same on everything, or fails."""

    def __init__(self, says: Ruling | Exception, *, any_language: bool = False) -> None:
        self.says = says
        self.any_language = any_language
        self.asked: list[JudgeRequest] = []

    def rulings(self, requests: Sequence[JudgeRequest], config: Any = None) -> list[Ruling]:
        self.asked += requests
        if isinstance(self.says, Exception):
            raise self.says
        return [self.says] * len(requests)


def services_with(folder: Path, texts: Mapping[str, str]) -> Services:
    """Return the services over documents, of which only new.txt is of February."""
    services = services_on(folder / "data")
    for name, text in texts.items():
        day = "2025-02-01" if name == "new.txt" else "2025-01-01"
        (folder / name).write_text(text)
        (folder / f"{name}.meta.toml").write_text(f'title = "{name}"\ndate = {day}\n')
    services.shared.ingest([folder / name for name in texts])
    return services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = services_with(tmp_path_factory.mktemp("forum"), {"old.txt": OLD, "new.txt": NEW})
    yield services
    services.shared.close()


@pytest.fixture
def check(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Check]:
    def run(statement: str, judge: Judge | None = None) -> Check:
        monkeypatch.setitem(services.shared.__dict__, "judge", judge)
        return Engine(services, DAY, question_language(statement)).check(Claim(statement))

    return run


@pytest.mark.parametrize(
    ("statement", "alone", "with_yes"),
    [
        (MOVED, "same facts", "supported"),
        ("The Schools Alliance has eighty-four partners.", "same facts", "supported"),
        ("The Schools Alliance has some eighty partners.", "different fact", "contradicted"),
        ("The Schools Alliance has ninety partners.", "different fact", "contradicted"),
        ("The Schools League has eighty-four partners.", "different fact", "supported"),
        ("Registration for the Forum closes at 18:00.", "different fact", "contradicted"),
        ("Registration for the Forum closes on 17 June 2025.", "different fact", "contradicted"),
        (HELD, "superseded", "superseded"),
        ("The Workshop on Numbering will be held on 3 April 2025.", "superseded", "supported"),
        ("The Workshop on Numbering of 3 April 2025 is cancelled.", "same facts", "supported"),
        ("The Atacama Accord has eighty-four partners.", "different fact", "supported"),
        ("Whales sing to one another.", "not found", "supported"),
        ("The Forum 7.", "not found", "not found"),
        ("Die Schools Alliance hat vierundachtzig Partner.", "not found", "not found"),
    ],
)
def test_hard_facts_decide_alone_and_limit_a_judge_that_says_yes(
    check: Callable[..., Check], statement: str, alone: str, with_yes: str
) -> None:
    found = [check(statement, judge).verdict for judge in (None, Judge("supported"))]

    assert found == [alone, with_yes]


@pytest.mark.parametrize(("says", "verdict"), [("contradicted", "contradicted"), ("not said", "not found")])
def test_the_judge_decides_what_facts_allow(check: Callable[..., Check], says: Ruling, verdict: str) -> None:
    found = check(MOVED, Judge(says))

    assert (found.verdict, found.judged) == (verdict, True)


def test_a_moved_date_is_cited_before_the_new_one(check: Callable[..., Check]) -> None:
    found = check(HELD)

    assert found.note is not None
    assert "8 to 12 September 2025" in found.note
    assert [(c.marker, c.source) for c in found.citations] == [(1, "old.txt"), (2, "new.txt")]


def test_both_facts_are_named(check: Callable[..., Check]) -> None:
    found = check("The Schools Alliance has ninety partners.")

    assert found.note == "draft: 90; § 1.2: 84"
    assert found.citations[0].quote == "The Schools Alliance has eighty-four partners."


def test_a_name_that_is_not_in_the_paragraph_is_named_alone(check: Callable[..., Check]) -> None:
    found = check("The Schools League has eighty-four partners.")

    assert found.note == "draft: League; § 1.2 does not name it"


def test_a_wrong_day_is_answered_by_the_day_of_the_event_that_is_named(tmp_path: Path) -> None:
    services = services_on(tmp_path / "data")
    report = tmp_path / "report.txt"
    report.write_text(
        "1. Events\n"
        "1.1\tThe Summit of the Oceans is the main event of the year.\n"
        "1.2\tThe Ministerial for the Summit of the Oceans took place on 21 September 2023.\n"
        "2. Summit of the Oceans\n"
        "2.1\tScheduled for 22-23 September 2024, this Summit aims to forge a new consensus on the seas.\n"
    )
    services.shared.ingest([report])

    claim = Claim("The Summit of the Oceans will take place on 24 September 2024.")
    found = Engine(services, date(2024, 5, 1)).check(claim)

    assert (found.verdict, found.citations[0].section) == ("different fact", "2.1")
    assert found.note == "draft: 24 September 2024; § 2.1: 22–23 September 2024"
    services.shared.close()


def test_the_judge_reads_the_documents_apart_and_together(check: Callable[..., Check]) -> None:
    judge = Judge("supported")
    check(MOVED, judge)

    asked = [{hit.document.source for hit in request.hits} for request in judge.asked]
    assert asked == [{"new.txt"}, {"new.txt", "old.txt"}, {"old.txt"}]


@pytest.mark.parametrize(
    ("newest", "together", "oldest", "verdict", "cited"),
    [
        ("not said", "contradicted", "supported", "supported", ["old.txt"]),
        ("contradicted", "supported", "not said", "superseded", ["old.txt", "new.txt"]),
        ("contradicted", "not said", "supported", "superseded", ["old.txt", "new.txt"]),
    ],
)
def test_what_is_superseded_was_said_by_an_older_document(
    check: Callable[..., Check],
    newest: Ruling,
    together: Ruling,
    oldest: Ruling,
    verdict: str,
    cited: list[str],
) -> None:
    class Apart(Judge):
        def rulings(self, requests: Sequence[JudgeRequest], config: Any = None) -> list[Ruling]:
            return [newest, together, oldest]

    found = check("The Schools Alliance has eighty-four partners in the Forum.", Apart("not said"))

    assert (found.verdict, [citation.source for citation in found.citations]) == (verdict, cited)


def test_an_older_version_supports_what_the_present_one_denies(tmp_path: Path) -> None:
    services = services_on(tmp_path / "data")
    report = tmp_path / "report.txt"
    for day in ("7 to 11 July 2025", "8 to 12 September 2025"):
        report.write_text(f"1. Forum\n1.1\tThe Forum on Broadband will be held in Geneva from {day}.\n")
        services.shared.ingest([report])

    found = Engine(services, DAY).check(Claim(HELD))

    assert (found.verdict, [citation.version for citation in found.citations]) == ("superseded", [1, 2])
    services.shared.close()


def test_a_moved_event_is_superseded_however_many_documents_speak_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"new.txt": NEW} | {
        f"old{n}.txt": f"1. Forum\n1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025. {more}\n"
        for n, more in enumerate(("", "All are invited.", "Papers are due.", "Rooms are few.", "It is free."))
    }
    services = services_with(tmp_path, texts)
    monkeypatch.setitem(services.shared.__dict__, "judge", Judge("supported"))

    assert Engine(services, DAY).check(Claim(HELD)).verdict == "superseded"
    services.shared.close()


def test_of_a_series_the_event_of_the_year_has_the_day_in_its_place(tmp_path: Path) -> None:
    services = services_on(tmp_path / "data")
    report = tmp_path / "report.txt"
    report.write_text(
        "1. Forums\n"
        "1.1\tThe Forum on Broadband Networks took place in Geneva from 27 to 31 May 2024.\n"
        "1.2\tThe Forum on Broadband Networks will be held in Geneva from 7 to 11 July 2025.\n"
    )
    services.shared.ingest([report])

    claim = Claim("The Forum on Broadband Networks will be held in Geneva from 8 to 12 July 2025.")
    found = Engine(services, DAY).check(claim)

    assert found.note == "draft: 8 to 12 July 2025; § 1.2: 7–11 July 2025"
    services.shared.close()


def test_names_are_compared_where_the_judge_fails(check: Callable[..., Check]) -> None:
    found = check("The Schools Alliance has eighty-four partners in Paris.", Judge(ModelError("it is down")))

    assert (found.verdict, found.lacks_judge) == ("not found", True)


def test_a_pronoun_is_looked_up_with_what_was_said_before(services: Services) -> None:
    claim = Claim("It has ninety partners.", before="The Schools Alliance grows.")

    assert [c.section for c in Engine(services, DAY).check(claim).citations] == ["1.2"]


def test_a_judge_that_fails_supports_nothing_and_is_asked_once_more(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(ModelError("it is down"))
    monkeypatch.setitem(services.shared.__dict__, "judge", judge)

    found = [check for _, check in Engine(services, DAY).check_all([Claim(MOVED)])]

    assert [(check.verdict, check.lacks_judge) for check in found] == [("same facts", True)] * 2


def test_a_judge_of_english_is_not_asked_about_other_languages(check: Callable[..., Check]) -> None:
    judge = Judge("supported")
    check("Le Forum sur le large bande se tiendra à Genève du 8 au 12 septembre 2025.", judge)

    assert judge.asked == []


def test_a_sentence_that_is_too_long_is_not_compared(check: Callable[..., Check]) -> None:
    assert check("word " * 200).note == "it is too long to be compared; divide it"
