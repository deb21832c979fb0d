"""Slack's payloads: all that is done about one has the key of its job, by which the logs name it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.core.payloads import (
    SHARE_WITH_EVERYBODY,
    installed_team,
    payload_key,
    question_of_event,
    upload_of_button,
    upload_of_event,
    upload_of_shortcut,
)

PERSON = {"team": {"id": "T1"}, "channel": {"id": "D1"}, "user": {"id": "U1"}, "trigger_id": "7.8"}
SHORTCUT = PERSON | {"type": "message_action", "message": {"ts": "1.2", "files": [{"id": "F1"}]}}
BUTTON = PERSON | {
    "type": "block_actions",
    "actions": [{"action_id": SHARE_WITH_EVERYBODY, "value": "U1 T1 D1 1.2 - F1", "action_ts": "3.4"}],
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


def mention(**more: Any) -> dict[str, Any]:
    """Return a mention in a channel that the author's workspace TOTHER shares with the app's, T1."""
    event = {"type": "app_mention", "channel": "C1", "user": "U9", "ts": "1.2", "text": "<@UBOT> When?"}
    return {
        "team_id": "TOTHER",
        "authorizations": [{"team_id": "T1", "enterprise_id": None, "is_enterprise_install": False}],
        "event": event | {"team": "TOTHER"} | more,
    }


def test_question_in_a_shared_channel_has_the_team_of_the_app_and_that_of_the_author() -> None:
    question = question_of_event(mention(), "UBOT")
    assert question is not None
    assert (question.team, question.author_team) == ("T1", "TOTHER")


def test_author_of_whom_slack_names_only_the_organization_has_no_team() -> None:
    question = question_of_event(mention(team="EOTHER", user_team="EOTHER"), "UBOT")
    assert question is not None
    assert question.author_team == ""


@pytest.mark.parametrize(
    ("body", "team"),
    [
        ({"team_id": "TOTHER", "authorizations": [{"team_id": "T1"}]}, "T1"),
        (
            {"authorizations": [{"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True}]},
            "E1",
        ),
        ({"team_id": "T1", "command": "/itu", "is_enterprise_install": "false"}, "T1"),
        ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "true"}, "E1"),
        ({"team": {"id": "T1"}, "enterprise": None, "is_enterprise_install": False}, "T1"),
        ({"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}, "E1"),
        ({"team": {"id": "TOTHER"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
    ],
)
def test_installed_team(body: dict[str, Any], team: str) -> None:
    assert installed_team(body) == team
