"""One document in six languages: each event is in the register once, with the paragraphs of all versions.

A question finds each paragraph once, in its own language.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.answering.citations import entry_citations
from bot.answering.path import Assistant
from bot.answering.plain import PlainAnswerer
from bot.changes import read_changes
from bot.commands.library import documents_view
from bot.doctor.checks import check_versions
from bot.locales import LANGUAGES, in_language
from bot.register.entries import RegisterEntry, build_register
from bot.register.versions import differing_dates, grouped, languages_of
from bot.register.wording import title
from bot.slack.core.ui.documents import document_line
from tests.cases import table
from tests.small_store import SmallStore, open_store, stored_events, stored_sections

VERSIONS: dict[str, str] = table("versions")["six"]
OTHER = VERSIONS | {"S": VERSIONS["S"].replace("16 de junio", "23 de junio")}


def write(folder: Path, **versions: str) -> Path:
    """Write one file for each version, with its symbol."""
    folder.mkdir(exist_ok=True)
    for letter, text in versions.items():
        (folder / f"{letter}.txt").write_text(f"C25/INF/31-{letter}\n{text}", "utf-8")
    return folder


def ingested(folder: Path, versions: dict[str, str]) -> Iterator[SmallStore]:
    """Yield a store with versions of the document."""
    store = open_store(folder / "data")
    store.pipeline.ingest([write(folder / "papers", **versions)])
    yield store
    store.close()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStore]:
    """A store with six versions that say the same; only ever read."""
    yield from ingested(tmp_path_factory.mktemp("six"), VERSIONS)


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStore]:
    """A store with six versions, of which the Spanish one has another day; only ever read."""
    yield from ingested(tmp_path_factory.mktemp("differing"), OTHER)


def entries(store: SmallStore, as_of: date = date(2025, 5, 1)) -> list[RegisterEntry]:
    """Return the entries of the register."""
    documents = store.catalog.documents()
    sections = [one for document in documents for one in stored_sections(store.catalog, document.id)]
    return build_register(
        documents,
        {section.id: section for section in sections},
        stored_events(store.catalog),
        as_of,
    )


def test_event_of_six_versions_is_one_entry(six: SmallStore) -> None:
    deadline, forum = entries(six)
    assert [str(deadline.start), str(forum.start), str(forum.end)] == [
        "2025-06-16",
        "2025-07-07",
        "2025-07-11",
    ]
    assert forum.sources == {f"{letter}.txt" for letter in VERSIONS}
    assert deadline.sources == forum.sources


def test_events_of_a_long_document_are_found_in_each_of_its_versions(store: SmallStore) -> None:
    folder = Path(__file__).parents[2] / "data/languages/versions"
    store.pipeline.ingest([*folder.glob("*.txt")])
    expected = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]

    found = {
        (str(entry.start), str(entry.end)): (
            "proposed" if entry.tentative and entry.status == "scheduled" else entry.status,
            len(entry.sources),
        )
        for entry in entries(store, date(2026, 4, 20))
    }
    assert found == {
        **{(one["start"], one["end"]): (one["status"], 6) for one in expected if one["start"]},
        **{(one["old_start"], one["old_end"]): ("postponed", 6) for one in expected if "old_start" in one},
    }


@pytest.mark.parametrize("first", ["E", "F"])
def test_version_that_comes_later_adds_no_entry(store: SmallStore, tmp_path: Path, first: str) -> None:
    store.pipeline.ingest([write(tmp_path / "papers", **{first: VERSIONS[first]})])
    alone = {entry.chain_id for entry in entries(store)}
    store.pipeline.ingest([write(tmp_path / "papers", **VERSIONS)])

    assert {entry.chain_id for entry in entries(store)} == alone


@pytest.mark.parametrize(
    "case", table("versions")["pairs"], ids=["another date", "no numbers", "another paragraph"]
)
def test_which_versions_an_entry_is_from(store: SmallStore, tmp_path: Path, case: dict[str, Any]) -> None:
    store.pipeline.ingest([write(tmp_path / "papers", **case["versions"])])

    told = sorted([str(entry.start), ", ".join(sorted(entry.sources))] for entry in entries(store))
    assert told == case["entries"]


def test_things_of_one_day_are_told_apart_by_their_kind(store: SmallStore, tmp_path: Path) -> None:
    english = (
        "1\tThe closing date for registration is 16 June 2025. The Workshop on Spectrum is on 16 June 2025.\n"
    )
    french = "1\tL'Atelier sur le spectre a lieu le 16 juin 2025. La date limite d'inscription est le 16 juin 2025.\n"
    store.pipeline.ingest([write(tmp_path / "papers", E=english, F=french)])

    quotes = {entry.kind: {mention.quote for mention in entry.mentions} for entry in entries(store)}
    assert quotes["deadline"] == {
        "The closing date for registration is 16 June 2025.",
        "La date limite d'inscription est le 16 juin 2025.",
    }


OF_LETTERS = {"E": "en", "F": "fr", "S": "es", "R": "ru", "C": "zh", "A": "ar"}
QUESTION = "Will the Forum on Broadband be held in Geneva?"


def found(store: SmallStore, language: str) -> list[tuple[str, str]]:
    """Return (file, number) of the paragraphs that are found for a question that is asked in a language."""
    with store.search.view() as view:
        hits = view.search(QUESTION, language=language).hits
    return [(hit.document.source, hit.section.number) for hit in hits if hit.section.number != "0"]


@pytest.mark.parametrize("letter", OF_LETTERS)
def test_paragraph_is_found_once_in_the_language_of_the_question(six: SmallStore, letter: str) -> None:
    assert found(six, OF_LETTERS[letter]) == [(f"{letter}.txt", "1"), (f"{letter}.txt", "2")]


def test_paragraph_without_a_version_in_that_language_is_found_in_english(
    store: SmallStore, tmp_path: Path
) -> None:
    store.pipeline.ingest([write(tmp_path / "papers", C=VERSIONS["C"], E=VERSIONS["E"], S=VERSIONS["S"])])

    assert found(store, "fr") == [("E.txt", "1"), ("E.txt", "2")]


def test_paragraphs_of_one_document_with_the_same_number_are_all_found(
    store: SmallStore, tmp_path: Path
) -> None:
    twice = f"{VERSIONS['E']}Annex\n1\tThe Forum on Broadband has a fee.\n"
    store.pipeline.ingest([write(tmp_path / "papers", E=twice, F=VERSIONS["F"])])

    assert sorted(found(store, "en")) == [("E.txt", "1"), ("E.txt", "1"), ("E.txt", "2")]


@pytest.mark.parametrize("letter", OF_LETTERS)
def test_entry_is_cited_in_the_language_of_the_question(six: SmallStore, letter: str) -> None:
    documents = {document.source: document for document in six.catalog.documents()}

    _, forum = entries(six)
    cited = [citation.source for citation in entry_citations(forum, documents, OF_LETTERS[letter])]
    assert cited == [f"{letter}.txt"]


def note_on(store: SmallStore, number: str) -> str | None:
    """Return the note on an answer that cites this paragraph of the English version."""
    documents = store.catalog.documents()
    cited = [(document.neutral_symbol, number) for document in documents if document.source == "E.txt"]
    return next(iter(differing_dates(entries(store), documents, [(s, n) for s, n in cited if s])), None)


def test_different_days_of_versions_are_noted_below_an_answer(differing: SmallStore) -> None:
    assert note_on(differing, "2") == (
        "The language versions of C25/INF/31, § 2, state different dates: "
        "by 16 June 2025 (A, C, E, F, R); by 23 June 2025 (S)."
    )
    assert note_on(differing, "1") is None


def test_different_days_of_versions_are_noted_when_somebody_asks(differing: SmallStore) -> None:
    plain = PlainAnswerer(differing.embedder)
    assistant = Assistant(
        differing.search,
        plain,
        plain,
        lambda _day, _snapshot: entries(differing),
        lambda name: read_changes(differing.catalog, name),
        lambda: date(2025, 5, 1),
    )

    answer = assistant.answer("Quelle est la date limite d'inscription ?")
    assert "au plus tard le 16 juin 2025 (A, C, E, F, R)" in (answer.note or "")
    assert "au plus tard le 23 juin 2025 (S)" in (answer.note or "")


def test_date_that_one_version_lacks_is_no_difference(store: SmallStore, tmp_path: Path) -> None:
    other = VERSIONS["S"].replace("el 16 de junio de 2025", "pronto")
    store.pipeline.ingest([write(tmp_path / "papers", **{**VERSIONS, "S": other})])

    assert note_on(store, "2") is None


def test_title_is_that_of_the_version_in_the_readers_language(six: SmallStore) -> None:
    forum = entries(six)[1]
    titles = {}
    for code in LANGUAGES:
        with in_language(code):
            titles[code] = title(forum)
    assert titles["en"] == "Forum on Broadband"
    assert len(set(titles.values())) == len(LANGUAGES)


def test_document_is_listed_once_with_its_languages(six: SmallStore) -> None:
    documents = six.catalog.documents()

    with in_language("es"):
        [group] = grouped(documents)
    assert group[0].source == "S.txt"
    assert languages_of(group) == "ar, en, es, fr, ru, zh"
    console = Console(file=io.StringIO(), width=100)
    console.print(documents_view(documents, {}))
    assert "C25/INF/31 (ar, en, es, fr, ru, zh)" in console.file.getvalue()  # type: ignore[attr-defined]
    assert "|C25/INF/31>, " in document_line(group)


def test_document_without_other_versions_has_no_languages(store: SmallStore, tmp_path: Path) -> None:
    store.pipeline.ingest([write(tmp_path / "papers", E=VERSIONS["E"])])

    [group] = grouped(store.catalog.documents())
    assert languages_of(group) == ""
    assert "|C25/INF/31-E>, " in document_line(group)


def test_doctor_lists_what_versions_date_differently(six: SmallStore, differing: SmallStore) -> None:
    assert check_versions(six.catalog, date(2025, 5, 1)).verdict == "ok"
    assert (
        "C25/INF/31, § 2, state different dates: by 16 June 2025 (A, C, E, F, R); by 23 June 2025 (S)"
        in check_versions(differing.catalog, date(2025, 5, 1)).found
    )
