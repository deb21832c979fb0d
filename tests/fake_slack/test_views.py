"""The fake Slack's rules for modals and Home tabs."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View

from tests.fake_slack.limits import problems_of_form, problems_of_home
from tests.fake_slack.rules.methods import refusal
from tests.fake_slack.samples import NUMBER, VALID, mrkdwn, plain

ALERT = {"type": "alert", "text": plain("words"), "level": "warning"}
MODAL = {"type": "modal", "title": plain("Title"), "blocks": [VALID["section"]]}
FORM = MODAL | {"callback_id": "form", "submit": plain("Save"), "blocks": [VALID["input"]]}
FILE_INPUT = VALID["input"] | {"block_id": "files", "element": {"type": "file_input", "action_id": "value"}}


@pytest.mark.parametrize(
    "view",
    [
        MODAL,
        FORM,
        MODAL | {"blocks": [ALERT]},
        FORM | {"blocks": [VALID["input"] | {"element": NUMBER}, FILE_INPUT]},
    ],
    ids=["shown", "form", "alert", "inputs of modals alone"],
)
def test_a_valid_modal_is_taken(view: dict[str, Any]) -> None:
    assert problems_of_form(view) == []
    View(**copy.deepcopy(view)).to_dict()


@pytest.mark.parametrize(
    "change",
    [
        {"title": plain("x" * 25)},
        {"close": plain("x" * 25)},
        {"submit": plain("x" * 25)},
        {"callback_id": "x" * 256},
        {"private_metadata": "x" * 3_001},
        {"blocks": [VALID["divider"]] * 101},
    ],
    ids=str,
)
def test_what_the_sdk_refuses_of_a_modal_is_refused(change: dict[str, Any]) -> None:
    view = FORM | change

    assert problems_of_form(view) != []
    with pytest.raises(SlackObjectFormationError):
        View(**copy.deepcopy(view)).to_dict()


@pytest.mark.parametrize(
    "change",
    [
        {"submit": mrkdwn("Save")},
        {"blocks": [VALID["table"]]},
        {"blocks": [VALID["markdown"]]},
        {"blocks": [VALID["context_actions"]]},
        {"blocks": [VALID["card"]]},
        {"blocks": [ALERT | {"level": "loud"}]},
        {"blocks": [ALERT | {"text": plain("x" * 201)}]},
        {"blocks": [VALID["input"], VALID["input"]]},
        {"blocks": [FILE_INPUT | {"dispatch_action": True}]},
        {"colour": "red"},
    ],
    ids=str,
)
def test_what_the_documentation_excludes_from_a_modal_is_refused(change: dict[str, Any]) -> None:
    assert problems_of_form(FORM | change) != []


def test_a_form_without_a_button_to_send_it_is_refused() -> None:
    assert problems_of_form(MODAL | {"blocks": [VALID["input"]]}) != []


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [VALID["section"]]}
    assert problems_of_home(home) == []
    assert problems_of_home(home | {"title": plain("Home")}) != []


@pytest.mark.parametrize(
    "block",
    [ALERT, FILE_INPUT, {"type": "actions", "elements": [{"type": "datetimepicker", "action_id": "when"}]}],
    ids=["alert", "file", "date and time"],
)
def test_what_other_surfaces_alone_show_is_refused(block: dict[str, Any]) -> None:
    assert problems_of_home({"type": "home", "blocks": [block]}) != []


def test_a_view_is_measured_in_bytes() -> None:
    blocks = [{"type": "section", "text": plain("é" * 3_000)}] * 14
    for view in (MODAL | {"blocks": blocks}, json.dumps(MODAL | {"blocks": blocks})):
        found = refusal("views.open", {"trigger_id": "1", "view": view})
        assert found is not None
        assert found.error == "view_too_large"
