"""The verdicts on statements, with and without a judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.drafts.verdicts import Check, Checker, Claim, check_statement
from bot.errors import ModelError
from bot.languages import question_language
from bot.models.judge import JudgeRequest, Ruling
from bot.wiring import Services, build
from tests.servers import settings_of
from tests.small_store import HashingEmbedder

DAY = date(2025, 3, 1)
OLD = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tThe Schools Alliance has eighty-four partners.
1.3\tRegistration for the Forum closes at 17:00 on 16 June 2025.
"""
NEW = "1. Forum\n1.1\tThe Forum on Broadband will now be held in Geneva from 8 to 12 September 2025.\n"
FRENCH = "1. Forum\n1.1\tLe Forum sur le large bande se tiendra à Genève du 8 au 12 septembre 2025.\n"
HELD = "The Forum on Broadband will be held in Geneva from 7 to 11 July 2025."
MOVED = "The Forum on Broadband will be held in Geneva from 8 to 12 September 2025."


class Judge:
    """Rules the same on everything, or rulings in turn, or fails."""

    def __init__(self, *says: Ruling | Exception, any_language: bool = False) -> None:
        self.says = says
        self._any_language = any_language
        self.asked: list[JudgeRequest] = []

    def reads(self, language: str) -> bool:
        return self._any_language or language == "en"

    def verdicts(self, requests: Sequence[JudgeRequest], config: Any = None) -> list[bool]:
        return [ruling == "supported" for ruling in self.rulings(requests)]

    def rulings(self, requests: Sequence[JudgeRequest], config: Any = None) -> list[Ruling]:
        self.asked += requests
        rulings = []
        for said in self.says if len(self.says) > 1 else self.says * len(requests):
            if isinstance(said, Exception):
                raise said
            rulings.append(said)
        return rulings


def services_with(folder: Path, texts: Mapping[str, str]) -> Services:
    """Return the services over documents, of which only new.txt is of February."""
    services = build(settings_of(folder / "data"), HashingEmbedder())
    for name, text in texts.items():
        day = "2025-02-01" if name == "new.txt" else "2025-01-01"
        (folder / name).write_text(text)
        (folder / f"{name}.meta.toml").write_text(f'title = "{name}"\ndate = {day}\n')
    services.shared.ingest([folder / name for name in texts], export=False)
    return services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    texts = {"old.txt": OLD, "new.txt": NEW, "fr.txt": FRENCH}
    services = services_with(tmp_path_factory.mktemp("forum"), texts)
    yield services
    services.shared.close()


@pytest.fixture
def check(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Check]:
    def run(statement: str, judge: Judge | None = None) -> Check:
        monkeypatch.setitem(services.shared.__dict__, "judge", judge)
        return check_statement(services, statement, DAY, question_language(statement))

    return run


@pytest.mark.parametrize(
    ("statement", "alone", "with_yes"),
    [
        (MOVED, "same facts", "supported"),
        ("The Schools Alliance has eighty-four partners.", "same facts", "supported"),
        ("The Schools Alliance has ninety partners.", "different fact", "contradicted"),
        ("Registration for the Forum closes on 17 June 2025.", "different fact", "contradicted"),
        ("Registration for the Forum closes at 18:00.", "different fact", "contradicted"),
        (HELD, "superseded", "superseded"),
        (
            "Le Forum sur le large bande se tiendra à Genève du 8 au 12 septembre 2025.",
            "same facts",
            "supported",
        ),
        (
            "Le Forum sur le large bande se tiendra à Genève du 9 au 13 septembre.",
            "different fact",
            "contradicted",
        ),
        # Rules do not tell whether it is the same thing: the judge does.
        ("The Atacama Accord has ninety partners.", "not found", "contradicted"),
        ("Whales sing to one another.", "not found", "supported"),
        ("フォーラムは2025年9月8日にジュネーブで開催されます。", "not found", "supported"),
    ],
)
def test_hard_facts_decide_alone_and_limit_a_judge_that_says_yes(
    check: Callable[..., Check], statement: str, alone: str, with_yes: str
) -> None:
    found = [check(statement, judge).verdict for judge in (None, Judge("supported", any_language=True))]

    assert found == [alone, with_yes]


def test_a_cross_encoder_is_not_asked_about_another_language(check: Callable[..., Check]) -> None:
    judge = Judge("supported")

    found = check("Le Forum sur le large bande se tiendra à Genève du 8 au 12 septembre 2025.", judge)

    assert (found.verdict, judge.asked) == ("same facts", [])


@pytest.mark.parametrize(
    ("statement", "note"),
    [
        ("The Schools Alliance has ninety partners.", "draft: 90; § 1.2: 84"),
        (
            "Le Forum sur le large bande se tiendra à Genève du 9 au 13 septembre.",
            "draft: 9 au 13 septembre; § 1.1: 8 au 12 septembre 2025",
        ),
    ],
)
def test_both_facts_are_named(check: Callable[..., Check], statement: str, note: str) -> None:
    assert check(statement).note == note


@pytest.mark.parametrize(
    ("newest", "together", "oldest", "verdict", "cited"),
    [
        # The figure stands in the older document alone.
        ("supported", "not said", "contradicted", "contradicted", ["old.txt"]),
        ("not said", "supported", "contradicted", "supported", ["old.txt"]),
        ("contradicted", "not said", "not said", "contradicted", ["new.txt"]),
        ("not said", "contradicted", "supported", "supported", ["old.txt"]),
        ("contradicted", "supported", "not said", "superseded", ["old.txt", "new.txt"]),
        ("contradicted", "not said", "supported", "superseded", ["old.txt", "new.txt"]),
        ("not said", "not said", "not said", "not found", ["old.txt"]),
    ],
)
def test_the_newest_document_that_decides_gives_the_verdict(
    tmp_path: Path, newest: Ruling, together: Ruling, oldest: Ruling, verdict: str, cited: list[str]
) -> None:
    services = services_with(tmp_path, {"old.txt": OLD, "new.txt": NEW})
    judge = Judge(newest, together, oldest)
    checker = Checker(services, DAY, "en", judge)

    found = checker.check(Claim("The Schools Alliance has eighty-four partners in the Forum."))

    assert (found.verdict, [citation.source for citation in found.citations]) == (verdict, cited)
    asked = [{hit.document.source for hit in request.hits} for request in judge.asked]
    assert asked == [{"new.txt"}, {"new.txt", "old.txt"}, {"old.txt"}]
    services.shared.close()


def test_an_older_version_supports_what_the_present_one_denies(tmp_path: Path) -> None:
    services = services_with(tmp_path, {"old.txt": OLD})
    (tmp_path / "old.txt").write_text(OLD.replace("7 to 11 July", "8 to 12 September"))
    services.shared.ingest([tmp_path / "old.txt"], export=False)

    found = check_statement(services, HELD, DAY)

    assert (found.verdict, [citation.version for citation in found.citations]) == ("superseded", [1, 2])
    services.shared.close()


def test_a_moved_event_is_superseded_however_many_documents_speak_of_it(tmp_path: Path) -> None:
    more = ("", "All are invited.", "Papers are due.", "Rooms are few.", "It is free.")
    texts = {f"old{n}.txt": f"1. Forum\n1.1\t{HELD} {said}\n" for n, said in enumerate(more)}
    services = services_with(tmp_path, {"new.txt": NEW, **texts})

    assert Checker(services, DAY, "en", Judge("supported")).check(Claim(HELD)).verdict == "superseded"
    services.shared.close()


def test_a_short_claim_is_looked_up_with_what_was_said_before(services: Services) -> None:
    claim = Claim("It has ninety partners.", before="The Schools Alliance grows.")

    assert [c.section for c in Checker(services, DAY, "en", None).check(claim).citations] == ["1.2"]


def test_a_judge_that_fails_supports_nothing_and_is_asked_once_more(services: Services) -> None:
    checker = Checker(services, DAY, "en", Judge(ModelError("it is down")))

    found = [check for _, check in checker.check_all([Claim(MOVED)])]

    assert [(check.verdict, check.lacks_judge) for check in found] == [("same facts", True)] * 2


def test_a_sentence_that_is_too_long_is_not_compared(check: Callable[..., Check]) -> None:
    assert check("word " * 200).note == "it is too long to be compared; divide it"
