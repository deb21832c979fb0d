"""A message and the Block Kit elements that it is built of. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

# Characters that one text object may have.
TEXT = 3_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message for `chat.postMessage`; `text` is shown in notifications and read by screen readers.

    `below` are the blocks after an answer's text; None where the answer cannot be streamed as one text.
    """

    text: str
    blocks: tuple[Block, ...]
    below: tuple[Block, ...] | None = None


def mrkdwn(text: str) -> Block:
    """Return a text object. "verbatim" keeps Slack from turning plain words into links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str) -> Block:
    """Return a text object without formatting."""
    return {"type": "plain_text", "text": text}


def header(text: str) -> Block:
    """Return a header."""
    return {"type": "header", "text": plain_text(text)}


def section(text: str) -> Block:
    """Return a section of mrkdwn."""
    return {"type": "section", "text": mrkdwn(text)}


def context(text: str) -> Block:
    """Return small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(*buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(text: str, action_id: str, value: str) -> Block:
    """Return a button."""
    return {"type": "button", "text": plain_text(text), "action_id": action_id, "value": value}


def pack_lines(lines: Iterable[str]) -> list[str]:
    """Join lines into as few texts as Slack's limit of 3,000 characters allows."""
    texts = [""]
    for line in lines:
        if texts[-1] and len(texts[-1]) + 1 + len(line) > TEXT:
            texts.append(line)
        else:
            texts[-1] = f"{texts[-1]}\n{line}" if texts[-1] else line
    return [text for text in texts if text]
