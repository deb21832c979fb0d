"""What becomes of files that somebody gave, as Slack messages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.date_format import day, section_mark
from bot.slack.blocks.entry_lines import context, entry_item, section
from bot.slack.blocks.messages import Block, Message
from bot.slack.blocks.mrkdwn import brief
from bot.slack.library.uploads import SHARE
from store.records import Document

Stage = Literal["working", "done", "failed"]

_MARKS = {"working": ":hourglass_flowing_sand:", "done": ":white_check_mark:", "failed": ":warning:"}
# Characters: of a name, of what is said of it, of all together in a message's 13,000. Blocks of a message are 50.
_NAME, _WORDS, _ROOM, _MOST = 120, 400, 9_000, 40
_FALLBACK = 2_000
# Coming dates shown for a document: of one alone, of one among several.
_DATES, _FEW = 5, 2
_NOTES = 4
_KEPT = "Kept to this conversation: answers and dates anywhere else do not draw on it."


@dataclass(frozen=True, slots=True)
class Line:
    """One file, or one document of an archive: how far it is, in words, and what was found in it.

    `coming` are its dates from today on; `notes` are sentences about its reading; `changed`: it is a new version.
    """

    name: str
    stage: Stage
    words: str
    document: Document | None = None
    coming: tuple[RegisterEntry, ...] = ()
    notes: tuple[str, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What is told of documents that only one channel has; `value` is that of the button which gives them to all."""

    value: str | None


def progress(lines: Sequence[Line], step: str = "") -> Message:
    """Return how far it is: a line for each file, and what is being done to all of them."""
    return _message("Adding to the library", [_head(line) for line in lines], step)


def result(lines: Sequence[Line], as_of: date, share: Share | None = None) -> Message:
    """Return what was found in each file, or why it is not in the library; with `share`, that they are kept here."""
    taken = sum(line.stage == "done" for line in lines)
    if taken == len(lines):
        title = "In the library"
    else:
        title = f"{taken} of {len(lines)} in the library" if taken else "Not added to the library"
    most = _DATES if len(lines) == 1 else _FEW
    message = _message(title, [_found(line, as_of, most) for line in lines])
    return _kept(message, share) if taken and share else message


def _kept(message: Message, share: Share) -> Message:
    """Return a message that says that only this conversation has the documents, and how to give them to all."""
    if share.value is None:
        way = "To let everybody have them, send them to me again, fewer at a time."
        return Message(f"{message.text}. {_KEPT}", (*message.blocks, context(f"{_KEPT} {way}")))
    button = {
        "type": "button",
        "action_id": SHARE,
        "text": {"type": "plain_text", "text": "Let everybody have it"},
        "value": share.value,
    }
    offer = {"type": "actions", "elements": [button]}
    return Message(f"{message.text}. {_KEPT}", (*message.blocks, context(_KEPT), offer))


def document_words(status: str, version: int, sections: int, events: int) -> str:
    """Return what became of a document that is in the library, with what it holds."""
    held = f"{_count(sections, 'section')}, {_count(events, 'date')}"
    match status:
        case "new":
            return f"is new here: {held}"
        case "changed":
            return f"is here in version {version}: {held}"
        case _:
            return f"was here already, and is unchanged: {held}"


def step_words(phase: str, done: int, total: int) -> str:
    """Return what an ingest does just now."""
    match phase:
        case "read":
            return "Reading"
        case "label":
            return f"Reading the dates: {done} of {total}"
        case "embed":
            return f"Learning the passages: {done} of {total}"
        case _:
            return "Putting it onto the shelf"


def waiting_words(before: int) -> str:
    """Return what is said while others have their turn."""
    return f"Waiting: {_count(before, 'other delivery', 'other deliveries')} first"


def refused(line: str) -> Message:
    """Return the message that holds a line of mrkdwn, which may name people."""
    return Message(line, (section(line),))


def _message(title: str, texts: Sequence[str], step: str = "") -> Message:
    blocks: list[Block] = [section(f"*{title}*")]
    room, shown = _ROOM, 0
    for text in texts[:_MOST]:
        room -= len(text)
        if room < 0:
            break
        blocks.append(section(text))
        shown += 1
    if shown < len(texts):
        blocks.append(context(f"… and {len(texts) - shown} more"))
    if step:
        blocks.append(context(brief(step, _WORDS)))
    said = "; ".join(text.splitlines()[0] for text in texts)
    # The marks are pictures: nobody wants them read out.
    for mark in _MARKS.values():
        said = said.replace(f"{mark} ", "")
    if len(said) > _FALLBACK:
        said = said[:_FALLBACK].rpartition("; ")[0]
    return Message(f"{title}: {said}", tuple(blocks))


def _head(line: Line) -> str:
    return f"{_MARKS[line.stage]} *{brief(line.name, _NAME)}* {brief(line.words, _WORDS)}"


def _found(line: Line, as_of: date, most: int) -> str:
    texts = [_head(line)]
    if line.document is not None:
        texts.append(_about(line.document))
    texts += [f"_{brief(note, _WORDS)}_" for note in line.notes[:_NOTES]]
    if line.coming:
        texts.append("Coming up:")
        texts += [entry_item(entry, as_of, section_mark(entry)) for entry in line.coming[:most]]
        if len(line.coming) > most:
            texts.append(f"… and {len(line.coming) - most} more: `/itu deadlines`")
    return "\n".join(texts)


def _about(document: Document) -> str:
    dated = f"{day(document.date)}{' (inferred)' if document.date_inferred else ''}" if document.date else ""
    facts = [document.title, document.symbol or "", dated or "no date found in it"]
    return brief(", ".join(fact for fact in facts if fact), _WORDS)


def coming(register: Sequence[RegisterEntry], source: str, as_of: date) -> tuple[RegisterEntry, ...]:
    """Return the entries of a document that go on or come, in the order in which they are read."""
    own = [e for e in register if source == e.source or any(source == m.source for m in e.mentions)]
    shown = agenda(own, as_of)
    return (*shown.now, *shown.upcoming, *shown.coarse)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
