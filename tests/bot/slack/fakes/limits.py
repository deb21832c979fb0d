"""Slack's limits on a message, as its reference states them (docs.slack.dev/reference/block-kit).

Stricter than Slack where Slack forgives: an unknown argument or field is a mistake of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_ARGUMENTS = {
    "channel": str,
    "text": str,
    "blocks": list,
    "thread_ts": str,
    "metadata": dict,
    "unfurl_links": bool,
    "unfurl_media": bool,
}
# The arguments of the streaming methods, and which of them a call must have.
_STREAMS: dict[str, tuple[dict[str, type], set[str]]] = {
    "chat.startStream": (
        {
            "channel": str,
            "thread_ts": str,
            "recipient_user_id": str,
            "recipient_team_id": str,
            "markdown_text": str,
        },
        {"channel", "thread_ts", "recipient_user_id", "recipient_team_id"},
    ),
    "chat.appendStream": (
        {"channel": str, "ts": str, "markdown_text": str},
        {"channel", "ts", "markdown_text"},
    ),
    "chat.stopStream": (
        {"channel": str, "ts": str, "markdown_text": str, "blocks": list, "metadata": dict},
        {"channel", "ts"},
    ),
}
# What `<...>` may stand for: a person, a channel, an address; a broadcast is never ours to make.
_ENTITY = re.compile(r"<(?:[@#][A-Z0-9]+|https?://[^<>\s|]+)(?:\|[^<>]+)?>")
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_MARKDOWN = re.compile(r"[*`~]|\](?=[(:])|\bhttps?://\w|^\s*(?:#|[-+]\s|\d+[.)]\s)")
_BROADCAST = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)


def problems_of_message(arguments: dict[str, Any]) -> list[str]:
    """Return what Slack, or its guidance, would find wrong with the arguments of `chat.postMessage`."""
    return list(_message(arguments))


def problems_of_stream(method: str, arguments: dict[str, Any]) -> list[str]:
    """Return what is wrong with the arguments of a streaming method."""
    known, needed = _STREAMS[method]
    found = [f"{method}: unknown argument {name}" for name in arguments.keys() - known.keys()]
    found += [f"{method}: no {name}" for name in sorted(needed) if not arguments.get(name)]
    found += [
        f"{method}: {name} is a {type(value).__name__}"
        for name, value in arguments.items()
        if name in known and not isinstance(value, known[name])
    ]
    text = arguments.get("markdown_text", "x")
    if not 1 <= len(text) <= 12_000:
        found.append(f"{method}: markdown_text of {len(text)} characters")
    found += _markdown(text)
    if "blocks" in arguments:
        found += problems_of_message({"channel": "any", "text": "any", "blocks": arguments["blocks"]})
    if "metadata" in arguments:
        found += _metadata(arguments["metadata"])
    return found


def problems_of_response(arguments: dict[str, Any]) -> list[str]:
    """Return what is wrong with what is sent to a command's `response_url`."""
    found = [] if arguments.get("response_type") in ("ephemeral", "in_channel") else ["no response_type"]
    own = ("response_type", "replace_original")
    message = {name: value for name, value in arguments.items() if name not in own}
    return found + problems_of_message({**message, "channel": "the asker's"})


def problems_of_form(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a modal."""
    return list(_form(view))


def problems_of_comment(arguments: dict[str, Any], files: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with the arguments of `files.completeUploadExternal`."""
    known = ("files", "channel_id", "initial_comment", "thread_ts")
    found = list(_unknown(arguments, *known))
    found += [f"a file named {file}" for file in files if not file.get("id") or not file.get("title")]
    if not arguments.get("channel_id"):
        found.append("a file shared nowhere")
    return found + list(_mrkdwn("initial_comment", arguments.get("initial_comment", "")))


def _message(arguments: dict[str, Any]) -> Iterator[str]:
    for name, value in arguments.items():
        if name not in _ARGUMENTS:
            yield f"unknown argument {name}"
        elif not isinstance(value, _ARGUMENTS[name]):
            yield f"{name} is a {type(value).__name__}"
    if not arguments.get("channel"):
        yield "no channel"
    text = arguments.get("text", "")
    if not text.strip():
        yield "no text for notifications"
    if len(text) > 4_000:
        yield f"text of {len(text)} characters"
    yield from _mrkdwn("text", text)
    blocks = arguments.get("blocks", [])
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks"
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(names) != len(set(names)):
        yield "a block_id twice"
    for number, block in enumerate(blocks):
        for problem in _block(block):
            yield f"block {number}: {problem}"
    if sum(_size(block) for block in blocks) > 13_000:
        yield "blocks of more than 13,000 characters"
    if "metadata" in arguments:
        yield from _metadata(arguments["metadata"])


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type")
    check = _BLOCKS.get(str(kind))
    if check is None:
        yield f"unknown type {kind}"
        return
    if len(block.get("block_id", "")) > 255:
        yield "block_id too long"
    yield from check({name: value for name, value in block.items() if name not in ("type", "block_id")})


def _section(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block, "text", "fields", "accessory", "expand")
    if "text" not in block and not block.get("fields"):
        yield "section without text"
    if "text" in block:
        yield from _text_object(block["text"], 3_000)
    if len(block.get("fields", [])) > 10:
        yield "more than 10 fields"
    for field in block.get("fields", []):
        yield from _text_object(field, 2_000)
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block, "elements")
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 10:
        yield f"context of {len(elements)} elements"
    for element in elements:
        yield from _text_object(element, 3_000)


def _header(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block, "text")
    yield from _text_object(block.get("text", {}), 150)
    if block.get("text", {}).get("type") != "plain_text":
        yield "header that is not plain_text"


def _actions(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block, "elements")
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 25:
        yield f"actions of {len(elements)} elements"
    if len({element.get("action_id") for element in elements}) != len(elements):
        yield "an action_id twice"
    for element in elements:
        yield from _element(element)


def _input(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block, "label", "element", "hint", "optional")
    for name in ("label", "hint"):
        if name == "label" or name in block:
            yield from _words(block.get(name, {}), 2_000)
    yield from _element(block.get("element", {}))


def _element(element: dict[str, Any]) -> Iterator[str]:
    known = _ELEMENTS.get(element.get("type", ""))
    if known is None:
        yield f"unknown element {element.get('type')}"
        return
    yield from _unknown(element, "type", "action_id", *known)
    if not 1 <= len(element.get("action_id", "")) <= 255:
        yield "no action_id, or a long one"
    if "text" in element:
        yield from _words(element["text"], 75)
    if "placeholder" in element:
        yield from _words(element["placeholder"], 150)
    options = element.get("options", [])
    if "options" in known and not 1 <= len(options) <= 100:
        yield f"{len(options)} options"
    for option in options:
        yield from _words(option.get("text", {}), 75)
        if not 1 <= len(option.get("value", "")) <= 150:
            yield "an option's value"
    if len({option.get("value") for option in options}) != len(options):
        yield "an option twice"
    if "initial_option" in element and element["initial_option"] not in options:
        yield "an initial option that is none of them"
    if len(element.get("value", "")) > 2_000:
        yield "a long value"
    if not 1 <= len(element.get("initial_value", "x")) <= element.get("max_length", 3_000):
        yield "an initial value that does not fit"


def _form(view: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(view, "type", "callback_id", "private_metadata", "title", "submit", "close", "blocks")
    if view.get("type") != "modal" or not 1 <= len(view.get("callback_id", "")) <= 255:
        yield "no modal with a callback_id"
    for name in ("title", "submit", "close"):
        yield from _words(view.get(name, {}), 24)
    if len(view.get("private_metadata", "")) > 3_000:
        yield "private_metadata too long"
    for block in view.get("blocks", []):
        yield from _block(block)


def _words(text: dict[str, Any], limit: int) -> Iterator[str]:
    if text.get("type") != "plain_text":
        yield "words that are not plain_text"
    yield from _text_object(text, limit)


def _divider(block: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(block)


_BLOCKS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "section": _section,
    "context": _context,
    "header": _header,
    "divider": _divider,
    "actions": _actions,
    "input": _input,
}
_ELEMENTS: dict[str, tuple[str, ...]] = {
    "button": ("text", "value", "style"),
    "static_select": ("placeholder", "options", "initial_option"),
    "checkboxes": ("options",),
    "datepicker": ("initial_date",),
    "plain_text_input": ("max_length", "initial_value"),
}


def _text_object(text: dict[str, Any], limit: int) -> Iterator[str]:
    kind, said = text.get("type"), text.get("text", "")
    if kind == "mrkdwn":
        yield from _unknown(text, "type", "text", "verbatim")
        yield from _mrkdwn("mrkdwn", said)
    elif kind == "plain_text":
        yield from _unknown(text, "type", "text", "emoji")
    else:
        yield f"text of type {kind}"
    if not 1 <= len(said) <= limit:
        yield f"text of {len(said)} characters, 1 to {limit} allowed"


def _mrkdwn(where: str, text: str) -> Iterator[str]:
    bare = _ESCAPED.sub("", _ENTITY.sub("", text))
    if re.search(r"[&<>]", bare):
        yield f"{where}: unescaped sign in {text[:80]!r}"
    if _BROADCAST.search(bare):
        yield f"{where}: broadcast in {text[:80]!r}"


def _markdown(text: str) -> Iterator[str]:
    """Of Markdown nothing is ours: every sign of it has to be escaped."""
    yield from _mrkdwn("markdown_text", text)
    if _MARKDOWN.search(re.sub(r"\\[^\w\s]", "", text)):
        yield f"markdown_text: markup in {text[:80]!r}"


def _metadata(metadata: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(metadata, "event_type", "event_payload")
    if not re.fullmatch(r"[a-z0-9_]{1,255}", metadata.get("event_type", "")):
        yield "metadata without a plain event_type"
    if not isinstance(metadata.get("event_payload"), dict):
        yield "metadata without a payload"


def _unknown(block: dict[str, Any], *known: str) -> Iterator[str]:
    for name in block.keys() - set(known):
        yield f"unknown field {name}"


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(part) for part in value.values())
    if isinstance(value, list):
        return sum(_size(part) for part in value)
    return len(value) if isinstance(value, str) else 0
