"""Slack's payloads: the workspace, or the organization, that a payload is for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.core.payloads import (
    installed_team,
)


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
