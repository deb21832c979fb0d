"""A Slack conversation as a page: the blocks that the bot sends, as Slack's light theme shows them. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STYLE = (Path(__file__).parent / "slack_page.css").read_text(encoding="utf-8")
_EMOJI = {
    "hourglass_flowing_sand": "\N{HOURGLASS WITH FLOWING SAND}",
    "warning": "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}",
    "white_check_mark": "\N{WHITE HEAVY CHECK MARK}",
}
# A sign formats where it stands at a word's edge, as in Slack's mrkdwn.
_FORMATS = (
    (re.compile(r"(?<!\w)`([^`\n]+)`(?!\w)"), r"<code>\1</code>"),
    (re.compile(r"(?<!\w)\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), r"<i>\1</i>"),
    (re.compile(r"(?<!\w)~(?=\S)([^~\n]+?)(?<=\S)~(?!\w)"), r"<s>\1</s>"),
)
_MENTION = '<span class="mention">{}</span>'
# Who is mentioned by an id; others are Amina.
_NAMES = {"U9": "Jonas Weber"}
_TOP = '<div class="top">{}</div>'
_BUTTON = '<span class="button">{}</span>'
_BOT = '<div class="avatar bot">itu</div>'


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes; `initials` stand for the picture."""

    name: str
    initials: str


def mrkdwn(text: str) -> str:
    """Return mrkdwn as HTML. What Slack wants escaped (&, <, >) is what HTML wants escaped."""
    for pattern, replacement in _FORMATS:
        text = pattern.sub(replacement, text)
    text = re.sub(r"<@(\w+)>", lambda found: _MENTION.format(f"@{_NAMES.get(found[1], 'Amina Kamau')}"), text)
    text = re.sub(r"<https?://[^|<>]+\|([^<>]+)>", r'<span class="mention">\1</span>', text)
    text = re.sub(r"<#\w+>", _MENTION.format("#un-processes"), text)
    text = re.sub(r":(\w+):", lambda found: _EMOJI.get(found[1], found[0]), text)
    return text.replace("\n", "<br>")


def markdown(text: str) -> str:
    """Return Markdown with nothing but bold type and escaped signs as HTML."""
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\\(.)", r"\1", bold).replace("\n", "<br>")


def block(value: dict[str, Any]) -> str:
    """Return one block as HTML."""
    if value["type"] == "data_table":
        rows = ["".join(f"<td>{html.escape(cell['text'])}</td>" for cell in row) for row in value["rows"]]
        return f'<table class="block">{"".join(f"<tr>{row}</tr>" for row in rows)}</table>'
    if value["type"] == "markdown":
        return f'<div class="block section"><span>{markdown(value["text"])}</span></div>'
    if value["type"] == "rich_text":
        return f'<div class="block">{"".join(map(rich_text, value["elements"]))}</div>'
    if value["type"] == "context_actions":
        return '<div class="block actions">\N{THUMBS UP SIGN} \N{THUMBS DOWN SIGN}</div>'
    if value["type"] == "actions":
        return f'<div class="block actions">{"".join(map(element, value["elements"]))}</div>'
    objects = value["elements"] if value["type"] == "context" else [value["text"]]
    said = "".join(
        f"<span>{mrkdwn(each['text']) if each['type'] == 'mrkdwn' else html.escape(each['text'])}</span>"
        for each in objects
    )
    beside = element(value["accessory"]) if "accessory" in value else ""
    return f'<div class="block {value["type"]}">{said}{beside}</div>'


def element(value: dict[str, Any]) -> str:
    """Return a button or a menu as HTML."""
    if value["type"] == "button":
        return _BUTTON.format(html.escape(value["text"]["text"]))
    shown = value["initial_option"]["text"] if "initial_option" in value else value["placeholder"]
    return f'<span class="button menu">{html.escape(shown["text"])}</span>'


def rich_text(value: dict[str, Any]) -> str:
    """Return the text of a section of rich text as HTML."""
    parts = [(html.escape(each["text"]), each.get("style", {}).get("bold")) for each in value["elements"]]
    return "".join(f"<b>{text}</b>" if bold else text for text, bold in parts)


def modal(view: dict[str, Any]) -> str:
    """Return a modal."""
    top = _TOP.format(
        f'{html.escape(view["title"]["text"])}<span class="close">\N{MULTIPLICATION SIGN}</span>'
    )
    close = f'<div class="foot">{_BUTTON.format(html.escape(view["close"]["text"]))}</div>'
    return f'<div class="modal">{top}{"".join(map(block, view["blocks"]))}{close}</div>'


def from_bot(blocks: Sequence[dict[str, Any]], at: str, *, ephemeral: bool = False) -> str:
    """Return a message of the bot; one person alone sees an ephemeral one."""
    who = f'<div class="who"><b>itubot</b><span class="app">APP</span><time>{at}</time></div>'
    body = "".join(map(block, blocks))
    alone = '<div class="alone">Only visible to you</div>' if ephemeral else ""
    return f'<div class="message">{_BOT}<div>{alone}{who}{body}</div></div>'


def from_person(person: Person, text: str, at: str, *, mention: bool = True) -> str:
    """Return a message that a person writes to the bot."""
    avatar = f'<div class="avatar person">{person.initials}</div>'
    called = '<span class="mention">@itubot</span> ' if mention else ""
    who = f'<div class="who"><b>{person.name}</b><time>{at}</time></div>'
    return f'<div class="message">{avatar}<div>{who}{called}{html.escape(text)}</div></div>'


def pane(title: str, note: str, parts: Iterable[str]) -> str:
    """Return one column under its title."""
    top = _TOP.format(f"{html.escape(title)} <small>{html.escape(note)}</small>")
    return f'<div class="pane">{top}{"".join(parts)}</div>'


def day(label: str) -> str:
    return f'<div class="day"><span>{html.escape(label)}</span></div>'


def replies(count: int) -> str:
    """Return the line under a message that has a thread."""
    small = _BOT.replace("avatar", "avatar small")
    return f'<div class="replies">{small}{count} replies <small>View thread</small></div>'


def counted(count: int) -> str:
    """Return the line between a thread's first message and its replies."""
    return f'<div class="count">{count} replies</div>'


def page(panes: Sequence[str]) -> str:
    """Return the whole page."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Slack</title>'
        f"<style>{STYLE}</style><main>{''.join(panes)}</main></html>"
    )
