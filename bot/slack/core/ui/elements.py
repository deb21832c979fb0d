"""A message, the Block Kit elements that it is built of, and a file. Pure.

Slack's limits (docs.slack.dev/reference/block-kit): 50 blocks a message, 3,000 characters a text, 10 elements a context
block (one is used); a message of more than about 13,000 characters is refused as too long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, TypeVar

from bot.locales import _
from bot.slack.core.ui.mrkdwn import JOINER, cut, escape, split_text, unformatted

T = TypeVar("T")

Block = dict[str, Any]

# Slack's limit for one text object.
TEXT_CHARS = 3_000
# Slack's limit for the value of a button.
BUTTON_VALUE_CHARS = 2_000
# The bot uses so many of `Message.text`: Slack advises against more than 4,000.
FALLBACK_CHARS = 3_900
# A sign that Markdown shows as it is.
_ESCAPED = re.compile(r"\\(.)")
# Rows of a page of a table.
_PAGE_ROWS = 10
# A long text takes at most so many; the rest of a message is for what comes below it.
_MOST_SECTIONS = 3


@dataclass(frozen=True, slots=True)
class Message:
    """A message for `chat.postMessage`; `text` is for notifications and screen readers, and loses its formatting."""

    text: str
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if self.blocks:
            # Nobody sees it with formatting, and screen readers would read the signs and the names of emoji.
            object.__setattr__(self, "text", unformatted(self.text))

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Self:
        """Return the message of these blocks; its text says what they say."""
        return cls(fallback_text(blocks), tuple(blocks))

    @property
    def without_blocks(self) -> Message:
        """The text alone, for where Slack does not take the blocks."""
        return Message(self.text, ())


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload; `comment` is the message with it, as mrkdwn, and `alt` what a picture shows, in words.

    `data` are its bytes, or a file that is open for reading.
    """

    name: str
    title: str
    comment: str
    data: bytes | BinaryIO
    alt: str | None = None


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
    """Return a section of mrkdwn, which Slack shows whole however long it is."""
    return {"type": "section", "text": mrkdwn(text), "expand": True}


def markdown(text: str) -> Block:
    """Return a text in Markdown: those of a message may have 12,000 characters together."""
    return {"type": "markdown", "text": text}


def sections(text: str) -> list[Block]:
    """Return a text without formatting as sections, cut after the third one."""
    return [section(escape(part)) for part in split_text(text, TEXT_CHARS)[:_MOST_SECTIONS]]


def context(text: str) -> Block:
    """Return small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(*buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(text: str, action_id: str, value: str) -> Block:
    """Return a button."""
    return {"type": "button", "text": plain_text(text), "action_id": action_id, "value": value}


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], named_by: int) -> Block:
    """Return a table with a row of heads, which Slack sorts and pages (docs.slack.dev/.../data-table-block).

    A message has at most 100 further rows and 10,000 characters in tables. Cells are shown as they are, without
    formatting; an empty one becomes a dash, as Slack refuses it. `named_by` is the column that names a row.
    """
    cells = [[{"type": "raw_text", "text": text.strip() or "–"} for text in row] for row in (heads, *rows)]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": cells,
        "page_size": _PAGE_ROWS,
        "row_header_column_index": named_by,
    }


def confirmed(made: Block, title: str, text: str, answer: str) -> Block:
    """Return a button that Slack asks about before it counts, with the `answer` that lets it."""
    confirm = {
        "title": plain_text(title),
        "text": plain_text(text),
        "confirm": plain_text(answer),
        "deny": plain_text(_("Cancel")),
    }
    return {**made, "confirm": confirm}


def option(value: str, text: str) -> Block:
    """Return a choice of a menu."""
    return {"text": plain_text(text), "value": value}


def menu(text: str, action_id: str, options: Sequence[Block]) -> Block:
    """Return a menu of `options`, of the first 100 as Slack takes no more, which shows `text` until one is chosen."""
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(text),
        "options": list(options[:100]),
    }


def plain_message(text: str) -> Message:
    """Return a message of plain text."""
    return Message.of(sections(text))


def one_line(text: str) -> Message:
    """Return a message of one line of mrkdwn, which may mention people."""
    return Message.of([section(text)])


def fallback_text(blocks: Iterable[Block]) -> str:
    """Return what blocks say, as the text of a message.

    Buttons and menus are left out. A text that is too long ends with an ellipsis.
    """
    return cut("\n".join(words for block in blocks for words in _words(block)), FALLBACK_CHARS)


def _words(block: Block) -> Iterator[str]:
    """Yield the texts of a block, as mrkdwn."""
    if block["type"] == "markdown":
        yield _ESCAPED.sub(rf"\1{JOINER}", block["text"])
    texts = {"section": [block.get("text")], "header": [block.get("text")], "context": block.get("elements")}
    for text in texts.get(block["type"]) or []:
        if text:
            yield text["text"] if text["type"] == "mrkdwn" else escape(text["text"])
    for row in block.get("rows", []):
        yield ", ".join(escape(cell["text"]) for cell in row)


def fitting(parts: Iterable[T], room: int, size: Callable[[T], int]) -> list[T]:
    """Return the first parts, as many as fit into `room` characters together."""
    fit: list[T] = []
    for part in parts:
        room -= size(part)
        if room < 0:
            break
        fit.append(part)
    return fit


def pack_lines(lines: Iterable[str], most: int = TEXT_CHARS) -> list[str]:
    """Join lines into as few texts of at most `most` characters as possible."""
    texts = [""]
    for line in lines:
        if texts[-1] and len(texts[-1]) + 1 + len(line) > most:
            texts.append(line)
        else:
            texts[-1] = f"{texts[-1]}\n{line}" if texts[-1] else line
    return [text for text in texts if text]
