"""`itubot deadlines` and `itubot digest`: options, formats, and what they leave unimported."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import icalendar
import pytest

from bot import cli
from bot.register import RegisterEntry
from bot.settings import Settings
from store.audiences import PUBLIC, Audiences
from store.jobs import DigestStore, SourceStore
from store.records import Document
from tests.bot.cli_runs import Itubot, Run
from tests.bot.register_entries import spring
from tests.servers import database_url

REPORT = Document("report.txt", "report.txt", "Report on engagement", date=date(2024, 4, 29))


class Catalog:
    def documents(self) -> list[Document]:
        return [REPORT]


@dataclass
class Services:
    digest_store: DigestStore
    catalog: Catalog = field(default_factory=Catalog)
    audiences: Audiences = PUBLIC
    settings: Settings = field(default_factory=Settings)

    @property
    def shared(self) -> Services:
        return self

    @property
    def source_store(self) -> SourceStore:
        return SourceStore.beside(self.digest_store)

    def close(self) -> None:
        self.digest_store.close()

    def register(self, as_of: date) -> list[RegisterEntry]:
        sys.stdout.write("a library's own remark\n")
        return spring()


@pytest.fixture
def itubot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Itubot:
    monkeypatch.chdir(tmp_path)
    for name in ("ITUBOT_DIGEST_CHANNEL", "SLACK_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    services = Services(DigestStore.open(database_url(tmp_path)))

    def make(_settings: Settings) -> Any:
        return services

    def run(*arguments: str) -> Run:
        code = cli.main(arguments, make)
        captured = capfd.readouterr()
        return Run(code, captured.out, captured.err)

    return run


def titles(run: Run) -> list[str]:
    return [row["title"] for row in json.loads(run.out)]


def test_from_a_past_day_lists_past_entries(itubot: Itubot) -> None:
    run = itubot("deadlines", "--as-of", "2024-05-01", "--from", "2024-03-01", "--to", "2024-04-30", "--json")
    assert "Zero Draft released" in titles(run)
    assert "Written inputs" not in titles(run)


def test_within_counts_from_the_as_of_date(itubot: Itubot) -> None:
    found = titles(itubot("deadlines", "--as-of", "2024-05-01", "--within", "20", "--json"))
    assert "Comments on the draft" in found
    assert "SIDS4" not in found


@pytest.mark.parametrize(
    ("form", "opening"),
    [("csv", b"title,"), ("ics", b"BEGIN:VCALENDAR"), ("html", b"<!doctype")],
)
def test_formats_go_into_a_file(itubot: Itubot, tmp_path: Path, form: str, opening: bytes) -> None:
    target = tmp_path / "out"
    run = itubot("deadlines", "--as-of", "2024-05-01", "--format", form, "--output", str(target))
    assert (run.code, run.out) == (0, "")
    assert target.read_bytes().startswith(opening)


def test_the_calendar_on_stdout_can_be_read(itubot: Itubot) -> None:
    run = itubot("deadlines", "--as-of", "2024-05-01", "--format", "ics")
    events = icalendar.Calendar.from_ical("\r\n".join(run.out.splitlines())).walk("VEVENT")
    assert "c-sids4" in {str(event["uid"]) for event in events}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--within", "5", "--from", "2024-05-01"),
        ("--from", "2024-06-01", "--to", "2024-05-01"),
        ("--from", "1 May"),
        ("--within", "-1"),
        ("--format", "docx"),
        ("--kind", "party"),
        ("--output", "table.txt"),
    ],
)
def test_contradictory_options_are_a_usage_error(itubot: Itubot, arguments: tuple[str, ...]) -> None:
    run = itubot("deadlines", *arguments)
    assert run.code == 2
    assert run.out == ""


def test_a_file_that_cannot_be_written_is_named(itubot: Itubot) -> None:
    run = itubot("deadlines", "--format", "csv", "--output", "missing/folder/out.csv")
    assert run.code == 1
    assert "missing/folder/out.csv" in run.err


def test_the_digest_as_json(itubot: Itubot) -> None:
    value = json.loads(itubot("digest", "--as-of", "2024-05-01", "--days", "10", "--json").out)
    assert [row["title"] for row in value["later"]] == ["UN Civil Society Conference"]


def test_posting_without_a_channel_says_what_to_set(itubot: Itubot) -> None:
    run = itubot("digest", "--post")
    assert run.code == 1
    assert "ITUBOT_DIGEST_CHANNEL" in run.err


@pytest.mark.parametrize("command", ["deadlines", "digest"])
def test_no_line_in_a_pipe_ends_in_spaces(itubot: Itubot, command: str) -> None:
    lines = itubot(command, "--as-of", "2024-05-01").out.splitlines()
    assert len(lines) > 5
    assert [line for line in lines if line != line.rstrip()] == []
