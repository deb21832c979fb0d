"""No line of the log has an id of a person or of a message: what is logged, `itubot forget` cannot delete."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.telemetry.logs import LineFormatter
from store.errors import StoreDamaged
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.surfaces.knowing_assistant import KnowingAssistant
from tests.bot.slack.surfaces.whole_bot import NUMBERS, repeated, use_all, whole_bot
from tests.fake_slack.events import Envelope
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Calls without which a bot does not run.
NEEDED = ("auth.test", "apps.connections.open")


class Lines(logging.Handler):
    """Keeps the lines that a bot writes with `itubot serve`, and their tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s%(request)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines, names = Lines(), ("bot", "store.jobs", "store.search")
    logging.getLogger().addHandler(lines)
    for name in names:
        logging.getLogger(name).setLevel(logging.INFO)
    yield lines.lines
    logging.getLogger().removeHandler(lines)
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)


def ids_of(slack: FakeSlack, envelopes: list[Envelope]) -> set[str]:
    """Return the ids of the people, their direct messages, and of all messages and payloads."""
    ids = {f"{kind}{number}" for number in NUMBERS.values() for kind in "UD"}
    ids |= {message["ts"] for messages in slack.messages.values() for message in messages}
    for payload in (envelope.payload for envelope in envelopes):
        ids |= {
            payload.get("event_id", ""),
            payload.get("trigger_id", ""),
            payload.get("event", {}).get("ts", ""),
        }
    return ids - {""}


def lines_with_ids(lines: list[str], ids: set[str]) -> list[str]:
    return [line for line in lines if ids & set(re.findall(r"[\w.]+", line))]


async def test_no_line_has_an_id_of_a_person_or_message_where_all_goes_well_and_where_it_fails(
    slack: FakeSlack, tmp_path: Path, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole_bot(slack, made(tmp_path / "well"), "socket") as scenes:
        await use_all(scenes)
    envelopes = list(slack.envelopes.values())
    methods = {method for method, *_ in slack.calls} - set(NEEDED)
    well = len(logged)

    for method in methods:
        slack.faults[method] = [Fault("refuse")] * 10_000
    async with whole_bot(slack, made(tmp_path / "refused"), "socket"):
        await repeated(slack, tmp_path / "refused", envelopes)
    refused = len(logged)
    slack.faults.clear()

    monkeypatch.setattr(KnowingAssistant, "answer", fail)
    async with whole_bot(slack, made(tmp_path / "fails"), "socket"):
        monkeypatch.setattr(RealLibrary, "channel_data", lambda *_: fail())
        await repeated(slack, tmp_path / "fails", envelopes)

    ids = ids_of(slack, envelopes)
    assert lines_with_ids(logged, ids) == []
    assert well > 10
    # The faults have come about: each in several places.
    assert len({line for line in logged[well:refused] if "channel_not_found" in line}) > 10
    assert sum("the catalog is damaged" in line for line in logged[refused:]) > 10


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def fail(*_: Any, **__: Any) -> Any:
    raise StoreDamaged("the catalog is damaged; repair it")
