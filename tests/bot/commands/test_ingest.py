"""The view of an ingest in the terminal: the table and its totals."""

from __future__ import annotations

from bot.commands.library import ingest_view
from bot.results import Ingested
from ingest.report import FileOutcome, IngestReport, Labelling
from tests.bot.commands.test_ask import shown


def test_table_lists_failed_files_last_with_the_reason() -> None:
    run = IngestReport(
        (FileOutcome("b.docx", "failed", error="it is empty"), FileOutcome("a.txt", "new", 41, 53)), 0, 0.0
    )
    lines = [line for line in shown(ingest_view(run)).splitlines() if line.strip()]

    assert [line.split()[0] for line in lines[1:3]] == ["a.txt", "b.docx"]
    assert "it is empty" in lines[3]


def test_ingest_without_files_shows_its_notes() -> None:
    run = IngestReport((), 0, 0.0, notes=("the store is brought up to date",))

    assert (
        shown(ingest_view(run))
        == "no file read; 0 texts embedded in 0.0 s\nthe store is brought up to date\n"
    )


def test_many_unchanged_documents_are_only_counted() -> None:
    run = IngestReport(tuple(FileOutcome(f"{n}.txt", "unchanged") for n in range(500)), 0, 0.0)

    assert shown(ingest_view(run)) == "500 unchanged; 0 texts embedded in 0.0 s\n"


LABELLED = Labelling(
    "openai:m", asked=40, kept=12, to_rules=1, why=("openai:m failed",), read=3456, wrote=789
)


def test_totals_count_labelled_sections_and_tokens() -> None:
    run = IngestReport((FileOutcome("a.txt", "new", 41, 53),), 40, 2.14, labelling=LABELLED)

    told = " ".join(shown(ingest_view(run)).split())
    assert (
        "1 new; dates of 40 sections read by openai:m, 3,456 tokens read and 789 written, "
        "of 12 sections known from before, of 1 section left to the rules; 40 texts embedded in 2.1 s"
    ) in told


def test_json_has_the_labelling() -> None:
    report = IngestReport((), 0, 0.0, labelling=LABELLED, rebuilt=3)
    run = Ingested.model_validate(report).model_dump(mode="json")

    assert run["remade"] == 3
    assert run["labels"] == {
        "model": "openai:m",
        "asked": 40,
        "kept": 12,
        "rules": 1,
        "why": ["openai:m failed"],
        "tokens": {"input": 3456, "output": 789},
    }
