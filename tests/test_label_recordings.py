"""Recorded labels: found by a paragraph's words, whatever the numbers and the instructions are."""

from __future__ import annotations

import json
from pathlib import Path

from bot.llm.labeller import label_prompt
from ingest.events.labels import DatedSection, Label
from tests.ingest.scripted_labeller import shown
from tests.label_recordings import LabelRecordings, unknown
from tests.recordings import Recordings
from tests.small_store import REPORT

MEETS = "The Board meets on 14 May 2025. Contributions are due by 1 May 2025."


def request(section: DatedSection) -> list[str]:
    return [str(message.content) for message in label_prompt(section)]


def recorded(tmp_path: Path, section: DatedSection, *labels: dict[str, object]) -> LabelRecordings:
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps({"request": request(section)[-1], "labels": labels}) + "\n", "utf-8")
    return LabelRecordings.of(file)


def test_a_record_is_said_again_by_the_numbers_of_now(tmp_path: Path) -> None:
    before = DatedSection(
        "paper", "", "", "The Board meets on 14 May 2025. Due by [1: 1 May 2025].", ("1 May 2025",)
    )
    text = "The Board meets on [1: 14 May 2025]. Due by [2: 1 May 2025]."
    kept = recorded(
        tmp_path, before, {"number": 1, "event": True, "title": "Due"}, {"number": 9, "event": True}
    )

    reply = kept.label(DatedSection("paper", "", "", text, ("14 May 2025", "1 May 2025")))

    assert reply.labels == (Label(2, True, "Due"),)


def test_what_has_no_record_is_left_to_the_rules(tmp_path: Path) -> None:
    (section,) = shown(MEETS)

    assert recorded(tmp_path, section).label(shown(MEETS.replace("14", "15"))[0]).labels is None


def test_unknown_prompts_are_written_out_and_known_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text(REPORT)
    (first, second) = unknown([tmp_path / "report.txt"], LabelRecordings())
    asked = json.loads(first)
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps({"request": asked["messages"][-1], "labels": []}) + "\n")

    assert list(unknown([tmp_path / "report.txt"], LabelRecordings.of(file))) == [second]
    assert asked["schema"]["title"] == "DateLabels"


def test_a_server_of_recordings_writes_out_what_it_does_not_know(tmp_path: Path) -> None:
    messages = request(shown(MEETS)[0])
    writing = Recordings(labels=LabelRecordings(), write_out=tmp_path / "pending.jsonl")

    assert writing.reply(messages) == {"labels": []}
    assert json.loads((tmp_path / "pending.jsonl").read_text())["messages"] == messages
    assert Recordings(labels=LabelRecordings()).reply(messages) == 404
