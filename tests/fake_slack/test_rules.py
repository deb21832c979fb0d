"""The fake Slack's rules: each names its page, and agrees with the validators of Slack's own SDK."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.blocks import BlockElement
from slack_sdk.models.messages.chunk import Chunk

from bot.slack.core.ui.elements import Message
from tests.fake_slack.limits import problems
from tests.fake_slack.rules import blocks, calls, elements, messages, rich_text, text, views
from tests.fake_slack.rules.base import Rule, violations
from tests.fake_slack.rules.messages import Arguments
from tests.fake_slack.rules.methods import METHODS, refusal
from tests.fake_slack.samples import BUTTON, FEEDBACK, NUMBER, VALID, mrkdwn, option, plain

MODULES = (blocks, calls, elements, messages, rich_text, text, views)
RULES = sorted(
    {
        kind
        for module in MODULES
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Rule | Arguments) and kind not in (Rule, Arguments)
    },
    key=lambda kind: kind.__name__,
)


# A valid block, the path to one of its values, and a value that is too much.
TOO_MUCH: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("section", ("text", "text"), "x" * 3_001),
    ("section", ("block_id",), "x" * 256),
    ("section", ("accessory", "text", "text"), "x" * 76),
    ("section", ("accessory", "value"), "x" * 2_001),
    ("section", ("accessory", "action_id"), "x" * 256),
    ("section", ("accessory", "style"), "loud"),
    ("section", ("accessory", "accessibility_label"), "x" * 76),
    ("fields", ("fields",), [mrkdwn("words")] * 11),
    ("header", ("text", "text"), "x" * 151),
    ("context", ("elements",), [mrkdwn("words")] * 11),
    ("actions", ("elements",), [BUTTON | {"action_id": str(number)} for number in range(26)]),
    ("actions", ("elements", 0, "confirm", "title", "text"), "x" * 101),
    ("actions", ("elements", 0, "confirm", "text", "text"), "x" * 301),
    ("actions", ("elements", 0, "confirm", "confirm", "text"), "x" * 31),
    ("actions", ("elements", 0, "confirm", "deny", "text"), "x" * 31),
    ("actions", ("elements", 1, "options"), [option(number) for number in range(101)]),
    ("actions", ("elements", 1, "placeholder"), plain("x" * 151)),
    ("context_actions", ("elements",), [FEEDBACK | {"action_id": str(number)} for number in range(6)]),
    ("context_actions", ("elements", 0, "positive_button", "text", "text"), "x" * 76),
    ("context_actions", ("elements", 0, "negative_button", "value"), "x" * 2_001),
    ("image", ("alt_text",), "x" * 2_001),
    ("image", ("image_url",), "https://example.org/" + "x" * 3_000),
    ("image", ("title",), plain("x" * 2_001)),
    ("markdown", ("text",), "x" * 12_001),
    ("task_card", ("status",), "done"),
    ("card", ("title", "text"), "x" * 151),
    ("input", ("label", "text"), "x" * 2_001),
    ("input", ("hint",), plain("x" * 2_001)),
]
# The same, where the SDK has no validator.
ALSO_TOO_MUCH: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("data_table", ("caption",), ""),
    ("data_table", ("rows",), [[{"type": "raw_text", "text": "head"}]]),
    ("data_table", ("rows",), [[{"type": "raw_text", "text": "cell"}]] * 102),
    ("data_table", ("rows", 0, 0), VALID["rich_text"]),
    ("data_table", ("rows", 1), [{"type": "raw_text", "text": "cell"}] * 2),
    ("data_table", ("row_header_column_index",), 1),
    ("data_table", ("page_size",), 101),
    ("section", ("text", "text"), ""),
    ("section", ("text", "text"), "a < b"),
    ("section", ("text", "text"), "<!channel> look"),
    ("section", ("text", "emoji"), True),
    ("section", ("colour",), "red"),
    ("section", ("accessory", "action_id"), ""),
    ("fields", ("fields", 0, "text"), "x" * 2_001),
    ("actions", ("elements", 1, "options", 0, "text", "text"), "x" * 76),
    ("actions", ("elements", 1, "options", 0, "value"), "x" * 151),
    ("actions", ("elements", 1, "action_id"), "press"),
    ("actions", ("elements", 0), FEEDBACK),
    ("actions", ("elements", 1, "initial_option"), option(2)),
    ("actions", ("elements", 1, "options"), [option(1), option(1)]),
    ("context", ("elements", 0), BUTTON),
    ("context_actions", ("elements", 0), BUTTON),
    ("image", ("alt_text",), ""),
    ("table", ("rows",), [[{"type": "raw_text", "text": "cell"}]] * 101),
    ("table", ("rows", 0), [{"type": "raw_text", "text": "cell"}] * 21),
    ("table", ("rows", 0, 0, "text"), "x" * 10_001),
    ("table", ("rows", 0, 0), mrkdwn("cell")),
    ("input", ("element", "max_length"), 3_001),
    ("input", ("element",), BUTTON),
    ("input", ("element",), NUMBER),
    ("input", ("element",), {"type": "file_input", "action_id": "value"}),
    ("card", ("actions",), [BUTTON] * 4),
]


def changed(name: str, path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    block = copy.deepcopy(VALID[name])
    inner: Any = block
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return block


def of_message(block: dict[str, Any]) -> list[str]:
    return problems(Message("words", (block,)))


def sdk_classes(base: type) -> Iterator[type]:
    for kind in base.__subclasses__():
        yield kind
        yield from sdk_classes(kind)


def sdk_fields(rule: type[Rule]) -> list[set[str]]:
    """Return the fields that the SDK's classes of the rule's type have: several for a button, none for a cell."""
    kind = rule.model_fields.get("type")
    name = kind.annotation.__args__[0] if kind else None  # type: ignore[union-attr]
    base: type = SdkBlock if issubclass(rule, blocks.Block | rich_text.RichText) else BlockElement
    base = Chunk if rule.__name__.endswith("Chunk") else base
    known = [each for each in sdk_classes(base) if name and getattr(each, "type", None) == name]
    return [set(object.__new__(each).attributes) for each in known]  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_names_its_page(rule: type) -> None:
    assert (rule.__doc__ or "").startswith("https://docs.slack.dev/")


def test_each_method_names_its_page() -> None:
    assert all(
        (method.arguments.__doc__ or "").startswith("https://docs.slack.dev/") for method in METHODS.values()
    )


@pytest.mark.parametrize("rule", list(filter(sdk_fields, RULES)), ids=lambda rule: rule.__name__)
def test_fields_are_those_of_the_sdk(rule: type[Rule]) -> None:
    assert any(set(rule.model_fields) <= fields for fields in sdk_fields(rule))


@pytest.mark.parametrize("name", VALID)
def test_a_valid_block_is_taken(name: str) -> None:
    assert of_message(VALID[name]) == []
    if name != "data_table":  # The SDK does not know it yet.
        SdkBlock.parse(copy.deepcopy(VALID[name])).to_dict()  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "path", "value"), TOO_MUCH)
def test_what_the_sdk_refuses_is_refused(name: str, path: tuple[str | int, ...], value: Any) -> None:
    block = changed(name, path, value)

    assert of_message(block) != []
    with pytest.raises(SlackObjectFormationError):
        SdkBlock.parse(block).to_dict()  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "path", "value"), ALSO_TOO_MUCH)
def test_what_the_documentation_excludes_is_refused(
    name: str, path: tuple[str | int, ...], value: Any
) -> None:
    assert of_message(changed(name, path, value)) != []


def test_the_blocks_of_a_stream_are_as_short_as_those_of_a_message() -> None:
    blocks = [{"type": "section", "text": plain("x" * 2_900)}] * 5
    stream = {"channel": "C1", "ts": "1.0", "chunks": [{"type": "blocks", "blocks": blocks}]}
    found = refusal("chat.appendStream", stream)
    assert found is not None
    assert found.error == "msg_blocks_too_long"


@pytest.mark.parametrize("method", ["chat.update", "chat.postEphemeral"])
def test_posted_messages_alone_say_whether_links_are_previewed(method: str) -> None:
    arguments = {"channel": "C1", "text": "words", "ts": "1.0", "user": "U1"}
    arguments.pop("user" if method == "chat.update" else "ts")
    assert refusal(method, arguments) is None
    assert refusal(method, arguments | {"unfurl_links": False}) is not None


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
    found = refusal("chat.postMessage", {"channel": "C1", "text": "words", **arguments})

    assert found is not None
    assert found.error == error


def test_a_picture_needs_a_description() -> None:
    upload = {"filename": "chart.png", "length": 9}
    assert refusal("files.getUploadURLExternal", upload) is not None
    assert refusal("files.getUploadURLExternal", upload | {"alt_txt": "dates on a line"}) is None


@pytest.mark.parametrize(
    "chunk",
    [
        {"type": "markdown_text", "text": "words"},
        {"type": "task_update", "id": "1", "title": "Searching", "status": "complete", "output": "2 found"},
        {"type": "plan_update", "title": "Plan"},
        {"type": "blocks", "blocks": [VALID["section"]]},
    ],
    ids=lambda chunk: chunk["type"],
)
def test_chunks_of_a_stream(chunk: dict[str, Any]) -> None:
    assert violations(messages.Chunk, chunk) == []
    assert violations(messages.Chunk, chunk | {"colour": "red"}) != []
    Chunk.parse(copy.deepcopy(chunk)).to_dict()  # type: ignore[union-attr]
