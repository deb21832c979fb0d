"""Briefs: of quotations, and as a recorded model writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.briefs.brief import Brief
from bot.briefs.making import ModelWriter, gather, make_brief, newer_paragraphs
from bot.errors import ModelError
from bot.models.judge import ModelJudge
from bot.settings import Settings
from bot.wiring import Services, build
from tests.draft_recordings import DRAFTS, DraftRecordings

DAY = date(2026, 12, 2)
PANEL = "Inter-Agency Panel on Emergency Spectrum (IPES)"
GROUP = "Contact Group on Lunar Radio Quiet"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = build(Settings(data_dir=tmp_path_factory.mktemp("a") / "data", _env_file=None))
    services.shared.ingest(sorted((DRAFTS / "a").glob("doc*.txt")), export=False)
    yield services
    services.shared.close()


def with_model(services: Services, monkeypatch: pytest.MonkeyPatch, model: Any, judge: Any = None) -> None:
    monkeypatch.setitem(services.shared.__dict__, "judge", ModelJudge(judge or model))
    monkeypatch.setitem(services.shared.__dict__, "brief_writer", ModelWriter(model))


@pytest.fixture(scope="module")
def quoted(services: Services) -> Brief:
    return make_brief(services, PANEL, DAY)


@pytest.fixture
def written(services: Services, monkeypatch: pytest.MonkeyPatch) -> Brief:
    recordings = DraftRecordings.of("a")
    with_model(services, monkeypatch, recordings)
    brief = make_brief(services, PANEL, DAY)
    assert recordings.missing == []
    return brief


def lines(brief: Brief, kind: str) -> str:
    return "\n".join(line.text for part in brief.parts if part.kind == kind for line in part.lines)


@pytest.mark.parametrize("made", ["quoted", "written"])
def test_each_line_but_gaps_cites_words_of_a_document(
    made: str, services: Services, request: pytest.FixtureRequest
) -> None:
    brief: Brief = request.getfixturevalue(made)
    with services.catalog.snapshot() as snapshot:
        sections = snapshot.sections([citation.section_id for citation in brief.citations])

    markers = {citation.marker for citation in brief.citations}
    for part in brief.parts:
        for line in part.lines:
            assert (part.kind == "missing") == (not line.citations)
            assert set(line.citations) <= markers
    for citation in brief.citations:
        text = " ".join(sections[citation.section_id].text.split())
        assert " ".join(citation.quote.split()) in text


@pytest.mark.parametrize("made", ["quoted", "written"])
def test_what_a_newer_document_replaced_is_told_as_changed(made: str, request: pytest.FixtureRequest) -> None:
    brief: Brief = request.getfixturevalue(made)
    current = "\n".join(lines(brief, kind) for kind in ("dates", "figures"))

    assert "Gaborone" in current
    assert "14 to 16 April" not in current
    assert "April" in lines(brief, "changed")


def test_dates_have_their_status_and_gaps_are_named(quoted: Brief) -> None:
    assert "22–24 September 2026, Gaborone (69 days ago)" in lines(quoted, "dates")
    assert re.search(
        r"exact days of: .*fourth session.* \(second quarter of 2027\)", lines(quoted, "missing")
    )


def test_a_topic_that_is_hardly_covered_gets_a_short_brief_that_says_so(services: Services) -> None:
    brief = make_brief(services, GROUP, DAY)

    assert (brief.paragraphs, brief.note) == (1, "The documents have 1 paragraph on this.")


@pytest.mark.parametrize("topic", ["quantum chess", "échecs quantiques", "квантовые шахматы"])
def test_an_unknown_topic_gets_what_is_near(services: Services, topic: str) -> None:
    brief = make_brief(services, topic, DAY)

    assert (brief.parts, bool(brief.nearest)) == ((), True)


@pytest.mark.parametrize(
    "topic",
    [
        "Groupe inter-institutions sur le spectre d’urgence",
        "Межучрежденческая группа по аварийному спектру",
    ],
)
def test_a_topic_is_found_in_its_own_language(services: Services, topic: str) -> None:
    english = {hit.section.id for hit in gather(services, PANEL, DAY).about}
    found = {hit.section.id for hit in gather(services, topic, DAY).about}

    assert len(found & english) > len(found) / 2


def test_the_model_reads_what_a_newer_document_says_without_the_topics_name(tmp_path: Path) -> None:
    services = build(Settings(data_dir=tmp_path / "data", _env_file=None))
    (tmp_path / "older.txt").write_text(
        "5 May 2025\n1. Forum\n1.1\tMs Ada Kimani and Mr Karma Tobgyel of Bhutan co-facilitate the Forum on Reefs.\n"
    )
    (tmp_path / "newer.txt").write_text(
        "9 June 2026\n1. Persons\n1.1\tMr Ben Otieno is to co-facilitate it beside Mr Karma Tobgyel of Bhutan.\n"
    )
    services.shared.ingest([tmp_path / "older.txt", tmp_path / "newer.txt"], export=False)

    material = gather(services, "Forum on Reefs", DAY)

    assert "Otieno" in " ".join(
        hit.section.text for hit in (*material.about, *newer_paragraphs(services, material.about))[:2]
    )
    services.shared.close()


def test_what_the_judge_does_not_find_is_left_out(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = DraftRecordings.of("a")
    recordings.rulings = dict.fromkeys(recordings.rulings, "not said")
    with_model(services, monkeypatch, recordings)

    assert [part.kind for part in make_brief(services, PANEL, DAY).parts] == ["missing"]


def test_without_the_models_reply_the_brief_quotes_and_no_judge_is_asked(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Judge:
        def ask(self, messages: object, config: object = None, limits: object = None) -> str:
            asked.append(messages)
            raise ModelError("it is down too")

    with_model(services, monkeypatch, DraftRecordings(), Judge())

    brief = make_brief(services, PANEL, DAY)

    assert (brief.model, brief.note) == (
        "extractive",
        "The language model did not answer; these are the documents' own sentences.",
    )
    assert lines(brief, "about")
    assert asked == []


def test_a_brief_that_the_judge_did_not_read_is_not_called_judged(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_model(services, monkeypatch, DraftRecordings.of("a"), DraftRecordings())

    brief = make_brief(services, PANEL, DAY)

    assert (brief.model == "extractive", brief.judged, bool(lines(brief, "dates"))) == (False, False, True)


def test_a_brief_that_is_stopped_ends(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(services, monkeypatch, DraftRecordings.of("a"))

    def stop(done: int, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_brief(services, PANEL, DAY, on_part=stop)
