"""The fake Slack refuses what the validators of Slack's own SDK refuse, and what Slack's documentation excludes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.cases import table
from tests.fake_slack.limits import problems_of_form, problems_of_home
from tests.fake_slack.rules.methods import METHODS, refusal

CASES = table("slack")
VALID: dict[str, dict[str, Any]] = CASES["valid"]


def changed(case: dict[str, Any]) -> dict[str, Any]:
    """Return a valid block in which one value is another, at its path."""
    block = copy.deepcopy(VALID[case["block"]])
    inner: Any = block
    *path, last = case["path"]
    for step in path:
        inner = inner[step]
    inner[last] = case["value"]
    return block


def error_of(method: str, **arguments: Any) -> str:
    """Return Slack's word for why a call is refused, "" where it is not."""
    found = refusal(method, arguments)
    return found.error if found else ""


def refused(**arguments: Any) -> str:
    return error_of("chat.postMessage", **{"channel": "C1", "text": "words", **arguments})


def test_valid_blocks_are_taken() -> None:
    for name, block in VALID.items():
        assert refused(blocks=[block]) == "", name
        if name != "data_table":  # The SDK does not know it yet.
            Block.parse(copy.deepcopy(block)).to_dict()  # type: ignore[union-attr]


@pytest.mark.parametrize("case", CASES["excluded by the SDK too"])
def test_what_the_sdk_refuses_is_refused(case: dict[str, Any]) -> None:
    block = changed(case)

    assert refused(blocks=[block])
    with pytest.raises(SlackObjectFormationError):
        Block.parse(block).to_dict()  # type: ignore[union-attr]


def test_what_the_documentation_excludes_is_refused() -> None:
    excluded = CASES["excluded by the documentation"]
    assert [case for case in excluded if not refused(blocks=[changed(case)])] == []


@pytest.mark.parametrize("case", CASES["messages"], ids=lambda case: case["error"])
def test_a_message_is_refused_with_slacks_own_word(case: dict[str, Any]) -> None:
    assert refused(**case["arguments"]) == case["error"]


def test_the_blocks_of_a_stream_are_as_short_as_those_of_a_message() -> None:
    [blocks] = [
        case["arguments"]["blocks"] for case in CASES["messages"] if case["error"] == "msg_blocks_too_long"
    ]
    chunks = [{"type": "blocks", "blocks": blocks}]
    assert error_of("chat.appendStream", channel="C1", ts="1.0", chunks=chunks) == "msg_blocks_too_long"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_each_method_refuses_what_it_does_not_know(method: str) -> None:
    found = refusal(method, {"colour": "red"})
    assert found is not None
    assert any("/colour" in words for words in found.messages)


def test_a_form_that_could_not_be_filled_in_and_sent_is_refused() -> None:
    modal, form = CASES["forms"]["modal"], CASES["forms"]["form"]
    assert problems_of_form(modal) == problems_of_form(form) == []
    assert [change for change in CASES["forms"]["wrong"] if not problems_of_form(form | change)] == []
    assert problems_of_form(modal | {"blocks": [VALID["input"]]})


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [VALID["section"]]}
    assert problems_of_home(home) == []
    assert problems_of_home(home | {"title": CASES["forms"]["modal"]["title"]})


def test_a_view_is_measured_in_bytes() -> None:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "é" * 3_000}}] * 14
    view = CASES["forms"]["modal"] | {"blocks": blocks}
    assert error_of("views.open", trigger_id="1", view=view) == "view_too_large"
