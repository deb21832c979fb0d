"""Messages on uploads: within Slack's limits, with markup escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.slack.core.payloads import upload_of_event, upload_of_shortcut
from bot.slack.features.library.messages import (
    FileStatus,
    coming_entries,
    document_words,
    progress_message,
    result_message,
    step_words,
    waiting_words,
)
from store.records import Document
from tests.bot.register_entries import AS_OF, spring
from tests.fake_slack.limits import problems

DOCUMENT = Document("report.txt", "report.txt", "Report on *engagement* <!channel>", date=date(2024, 4, 29))


def line(number: int = 1) -> FileStatus:
    entries = coming_entries(spring(), "report.txt", AS_OF)
    name = f"{number} {'&<name>*' * 40}.txt"
    return FileStatus(name, "done", "is new here", DOCUMENT, entries, ("A note & <more> " * 60,) * 9)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_any_number_of_files_stays_within_slacks_limits(count: int) -> None:
    lines = [line(number) for number in range(count)]
    assert problems(result_message(lines, AS_OF, "/itu")) == []
    assert problems(progress_message(lines, "Reading & <more>")) == []


def test_long_status_of_a_file_is_split() -> None:
    entries = [
        replace(entry, title="Meeting & more " * 30)
        for entry in coming_entries(spring(), "report.txt", AS_OF)
    ]
    document = replace(DOCUMENT, title="Report & more " * 40)
    file = replace(line(), text="is new here " * 40, document=document, coming=tuple(entries))
    shown = result_message([file], AS_OF, "/itu")
    assert problems(shown) == []
    assert len(shown.blocks) == 3


def test_what_does_not_fit_is_counted() -> None:
    shown = result_message([line(number) for number in range(300)], AS_OF, "/itu")
    count = sum("is new here" in str(block) for block in shown.blocks)
    assert f"… and {300 - count} more" in str(shown)


def test_one_file_shows_five_dates_and_several_files_two_each() -> None:
    entries = coming_entries(spring(), "report.txt", AS_OF)
    one = replace(line(), notes=())
    assert f"… and {len(entries) - 5} more" in str(result_message([one], AS_OF, "/itu"))
    assert str(result_message([one, one], AS_OF, "/itu").blocks).count(f"… and {len(entries) - 2} more") == 2


def test_the_rest_of_the_dates_is_shown_by_the_command_of_the_workspace() -> None:
    assert "more: `/un deadlines`" in str(result_message([line()], AS_OF, "/un"))


def test_dates_of_other_documents_are_left_out() -> None:
    assert coming_entries(spring(), "other.txt", AS_OF) == ()


def test_past_dates_are_left_out() -> None:
    assert coming_entries(spring(), "report.txt", date(2100, 1, 1)) == ()


def test_notification_text_has_no_emoji_names() -> None:
    assert (
        result_message([FileStatus("a.txt", "failed", "is empty")], AS_OF, "/itu").text
        == "Not added to the library\na.txt is empty"
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (document_words("new", 1, 1, 1), "is new here: 1 section, 1 date"),
        (document_words("changed", 3, 41, 0), "is here in version 3: 41 sections, 0 dates"),
        (step_words("events", 100, 900), "Finding the dates: 100 of 900"),
        (step_words("label", 2, 9), "Reading the dates: 2 of 9"),
        (step_words("embed", 3, 40), "Indexing the passages: 3 of 40"),
        (step_words("publish", 5, 60), "Saving: 5 of 60"),
        (waiting_words(2), "Waiting: 2 other uploads first"),
    ],
)
def test_counts_have_singular_and_plural(said: str, words: str) -> None:
    assert said == words


EVENT = {
    "type": "message",
    "subtype": "file_share",
    "user": "U1",
    "channel": "D1",
    "channel_type": "im",
    "ts": "1.1",
}
FILES = [{"id": "F1", "name": "r.txt"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"bot_id": "B1"},
        {"user": "UBOT"},
        {"channel": "C1", "channel_type": "channel"},
        {"subtype": "message_changed"},
        {"files": [{"mode": "tombstone"}]},
    ],
)
def test_message_without_files_for_the_bot_is_no_upload(changes: dict[str, object]) -> None:
    assert upload_of_event({"team_id": "T1", "event": {**EVENT, "files": FILES, **changes}}, "UBOT") is None


def test_file_listed_twice_counts_once() -> None:
    upload = upload_of_event({"team_id": "T1", "event": {**EVENT, "files": FILES * 2}}, "UBOT")
    assert upload is not None
    assert [file.id for file in upload.files] == ["F1"]


def test_each_use_of_the_shortcut_is_a_new_upload() -> None:
    message = {"ts": "1.1", "files": FILES}
    first, second = (
        upload_of_shortcut({"trigger_id": trigger, "message": message}) for trigger in ("a", "b")
    )
    assert first.key != second.key
