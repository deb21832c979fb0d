"""The fake Slack refuses what the validators of Slack's own SDK refuse, and what Slack's documentation excludes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.fake_slack.limits import problems_of_form, problems_of_home
from tests.fake_slack.rules.methods import METHODS, refusal


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def option(number: int) -> dict[str, Any]:
    return {"text": plain(f"option {number}"), "value": str(number)}


CONFIRM = {
    "title": plain("Sure?"),
    "text": plain("It stays so."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
BUTTON = {"type": "button", "text": plain("Press"), "action_id": "press", "value": "1"}
SELECT = {"type": "static_select", "action_id": "choose", "options": [option(1)]}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "vote",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}
CELL = {"type": "raw_text", "text": "cell"}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "words"}]}],
}
VALID: dict[str, dict[str, Any]] = {
    "section": {"type": "section", "text": mrkdwn("*words*"), "accessory": BUTTON, "expand": True},
    "fields": {"type": "section", "fields": [mrkdwn("words")]},
    "header": {"type": "header", "text": plain("words")},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn("words")]},
    "actions": {"type": "actions", "elements": [BUTTON | {"confirm": CONFIRM}, SELECT]},
    "context_actions": {"type": "context_actions", "elements": [FEEDBACK]},
    "markdown": {"type": "markdown", "text": "**words**"},
    "table": {"type": "table", "rows": [[CELL, RICH]]},
    "data_table": {"type": "data_table", "caption": "Dates", "rows": [[CELL], [RICH]], "page_size": 10},
    "task_card": {"type": "task_card", "task_id": "1", "title": "Searching", "status": "in_progress"},
    "rich_text": RICH,
    "input": {
        "type": "input",
        "block_id": "name",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "action_id": "value", "max_length": 30},
    },
}
# A valid block, the path to one of its values, and a value that is too much.
TOO_MUCH: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("section", ("text", "text"), "x" * 3_001),
    ("section", ("block_id",), "x" * 256),
    ("section", ("accessory", "text", "text"), "x" * 76),
    ("section", ("accessory", "value"), "x" * 2_001),
    ("section", ("accessory", "action_id"), "x" * 256),
    ("section", ("accessory", "style"), "loud"),
    ("fields", ("fields",), [mrkdwn("words")] * 11),
    ("header", ("text", "text"), "x" * 151),
    ("context", ("elements",), [mrkdwn("words")] * 11),
    ("actions", ("elements",), [BUTTON | {"action_id": str(number)} for number in range(26)]),
    ("actions", ("elements", 0, "confirm", "title", "text"), "x" * 101),
    ("actions", ("elements", 0, "confirm", "text", "text"), "x" * 301),
    ("actions", ("elements", 0, "confirm", "deny", "text"), "x" * 31),
    ("actions", ("elements", 1, "options"), [option(number) for number in range(101)]),
    ("actions", ("elements", 1, "placeholder"), plain("x" * 151)),
    ("context_actions", ("elements", 0, "negative_button", "value"), "x" * 2_001),
    ("markdown", ("text",), "x" * 12_001),
    ("task_card", ("status",), "done"),
    ("input", ("label", "text"), "x" * 2_001),
    ("input", ("hint",), plain("x" * 2_001)),
]
# The same, where the SDK has no validator.
ALSO_TOO_MUCH: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("data_table", ("caption",), ""),
    ("data_table", ("rows",), [[CELL]]),
    ("data_table", ("rows",), [[CELL]] * 102),
    ("data_table", ("rows", 0, 0), RICH),
    ("data_table", ("rows", 1), [CELL] * 2),
    ("data_table", ("row_header_column_index",), 1),
    ("section", ("text", "text"), ""),
    ("section", ("text", "text"), "a < b"),
    ("section", ("text", "text"), "<!channel> look"),
    ("section", ("text", "emoji"), True),
    ("section", ("colour",), "red"),
    ("section", ("accessory", "action_id"), ""),
    ("section", ("accessory",), {"type": "image", "alt_text": "a chart"}),
    ("fields", ("fields", 0, "text"), "x" * 2_001),
    ("actions", ("elements", 1, "options", 0, "text", "text"), "x" * 76),
    ("actions", ("elements", 1, "action_id"), "press"),
    ("actions", ("elements", 0), FEEDBACK),
    ("actions", ("elements", 1, "initial_option"), option(2)),
    ("actions", ("elements", 1, "options"), [option(1), option(1)]),
    ("context", ("elements", 0), BUTTON),
    ("table", ("rows",), [[CELL]] * 101),
    ("table", ("rows", 0), [CELL] * 21),
    ("table", ("rows", 0, 0, "text"), "x" * 10_001),
    ("input", ("element", "max_length"), 3_001),
    ("input", ("element", "initial_value"), "x" * 31),
    ("input", ("element",), BUTTON),
]


def changed(name: str, path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    block = copy.deepcopy(VALID[name])
    inner: Any = block
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return block


def refused(**arguments: Any) -> str:
    """Return Slack's word for why a message is refused, "" where it is not."""
    found = refusal("chat.postMessage", {"channel": "C1", "text": "words", **arguments})
    return found.error if found else ""


def test_valid_blocks_are_taken() -> None:
    for name, block in VALID.items():
        assert refused(blocks=[block]) == "", name
        if name != "data_table":  # The SDK does not know it yet.
            Block.parse(copy.deepcopy(block)).to_dict()  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "path", "value"), TOO_MUCH)
def test_what_the_sdk_refuses_is_refused(name: str, path: tuple[str | int, ...], value: Any) -> None:
    block = changed(name, path, value)

    assert refused(blocks=[block])
    with pytest.raises(SlackObjectFormationError):
        Block.parse(block).to_dict()  # type: ignore[union-attr]


def test_what_the_documentation_excludes_is_refused() -> None:
    assert [case for case in ALSO_TOO_MUCH if not refused(blocks=[changed(*case)])] == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"blocks": [VALID["divider"]] * 51}, "invalid_blocks"),
        ({"blocks": [VALID["table"], VALID["table"]]}, "invalid_attachments"),
        ({"blocks": [{"type": "markdown", "text": "x" * 6_001}] * 2}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": plain("x" * 2_900)}] * 5}, "msg_blocks_too_long"),
        ({"text": "x" * 4_001}, "msg_too_long"),
        ({"text": " "}, "no_text"),
        ({"metadata": {"event_type": "A b", "event_payload": {}}}, "invalid_metadata_format"),
        ({"colour": "red"}, "invalid_arguments"),
        ({"channel": ""}, "invalid_arguments"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_message_is_refused_with_slacks_own_word(arguments: dict[str, Any], error: str) -> None:
    assert refused(**arguments) == error


def test_the_blocks_of_a_stream_are_as_short_as_those_of_a_message() -> None:
    blocks = [{"type": "section", "text": plain("x" * 2_900)}] * 5
    found = refusal(
        "chat.appendStream", {"channel": "C1", "ts": "1.0", "chunks": [{"type": "blocks", "blocks": blocks}]}
    )
    assert found is not None
    assert found.error == "msg_blocks_too_long"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_each_method_refuses_what_it_does_not_know(method: str) -> None:
    found = refusal(method, {"colour": "red"})
    assert found is not None
    assert any("/colour" in words for words in found.messages)


MODAL = {"type": "modal", "title": plain("Title"), "blocks": [VALID["section"]]}
FORM = MODAL | {"callback_id": "form", "submit": plain("Save"), "blocks": [VALID["input"]]}


def test_a_form_that_could_not_be_filled_in_and_sent_is_refused() -> None:
    assert problems_of_form(MODAL) == problems_of_form(FORM) == []
    wrong: list[dict[str, Any]] = [
        {"title": plain("x" * 25)},
        {"callback_id": "x" * 256},
        {"private_metadata": "x" * 3_001},
        {"submit": mrkdwn("Save")},
        {"blocks": [VALID["divider"]] * 101},
        {"blocks": [VALID["table"]]},
        {"blocks": [VALID["context_actions"]]},
        {"blocks": [VALID["input"], VALID["input"]]},
        {"colour": "red"},
    ]
    assert [change for change in wrong if not problems_of_form(FORM | change)] == []
    assert problems_of_form(MODAL | {"blocks": [VALID["input"]]})


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [VALID["section"]]}
    assert problems_of_home(home) == []
    assert problems_of_home(home | {"title": plain("Home")})


def test_a_view_is_measured_in_bytes() -> None:
    blocks = [{"type": "section", "text": plain("é" * 3_000)}] * 14
    found = refusal("views.open", {"trigger_id": "1", "view": MODAL | {"blocks": blocks}})
    assert found is not None
    assert found.error == "view_too_large"
