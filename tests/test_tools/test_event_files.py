"""A model that is played by files: requests are written, replies read, and what does not stand there stays out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from ingest.events.model import ModelReader
from store.records import Document, Section
from tests.event_reading import read_events
from tests.file_model import FileModel

TEXT = "The Group will meet in Suva from 4 to 6 May."
PAPER = Document("d", "d.txt", "Report of the Group", date=date(2025, 3, 10))
EVENT = {
    "section": 1, "words": "from 4 to 6 May", "first": "2025-05-04", "last": "2025-05-06", "title": "Group, Suva",
    "kind": "meeting",
}  # fmt: skip


def test_a_reply_is_read_from_the_file_beside_its_request(tmp_path: Path) -> None:
    section = Section("d", "1", 0, 1, "", TEXT, TEXT)
    reader = ModelReader(FileModel(tmp_path))
    (plain,) = read_events(PAPER, [section], reader)
    (request,) = tmp_path.glob("*.request.txt")
    assert TEXT in request.read_text("utf-8")

    reply = {"events": [EVENT, {**EVENT, "words": "from 4 to 9 May", "last": "2025-05-09"}]}
    request.with_name(request.name.replace("request", "reply")).write_text(json.dumps(reply), "utf-8")
    (event,) = read_events(PAPER, [section], reader)
    assert (plain.quoted, event.title, event.mentions[0].end) == (True, "Group, Suva", date(2025, 5, 6))
