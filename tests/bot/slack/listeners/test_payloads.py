"""Slack's payloads: all that is done about one has the key of its job, by which the logs name it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.blocks.library import SHARE
from bot.slack.listeners.payloads import payload_key, upload_of_button, upload_of_event, upload_of_shortcut

PERSON = {"team": {"id": "T1"}, "channel": {"id": "D1"}, "user": {"id": "U1"}, "trigger_id": "7.8"}
SHORTCUT = PERSON | {"type": "message_action", "message": {"ts": "1.2", "files": [{"id": "F1"}]}}
BUTTON = PERSON | {
    "type": "block_actions",
    "actions": [{"action_id": SHARE, "value": "U1 T1 D1 1.2 - F1", "action_ts": "3.4"}],
}
EVENT = {
    "team_id": "T1",
    "event": {"type": "message", "channel": "D1", "user": "U1", "ts": "1.2", "files": [{"id": "F1"}]},
}


@pytest.mark.parametrize(
    ("body", "job"),
    [
        (SHORTCUT, upload_of_shortcut(SHORTCUT)),
        (BUTTON, upload_of_button(BUTTON)[0]),
        (EVENT, upload_of_event(EVENT, "UBOT")),
    ],
    ids=["shortcut", "button", "event"],
)
def test_payload_has_the_key_of_its_job(body: dict[str, Any], job: Any) -> None:
    assert payload_key(body, "UBOT") == job.key


def test_payload_of_no_job_has_its_own_id() -> None:
    assert payload_key(PERSON | {"command": "/itu"}, "UBOT") == "7.8"
