"""One entry of the register in Slack: chosen from a list, shown with its sentence, corrected in a modal. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.errors import CorrectionError
from bot.register import RegisterEntry
from bot.register.corrections import LONGEST_TITLE, EntryEdit, validated
from bot.register.date_format import proposed_note, section_mark, status, when
from bot.register.entry_text import entry_line
from bot.safe_text import visible
from bot.slack.blocks.elements import Block, Message, actions, button, context, plain_text, section
from bot.slack.blocks.entry_lines import by_whom
from bot.slack.blocks.mrkdwn import brief, shorten
from store.records import KINDS, SAID_STATUSES

DETAILS, CORRECT, UNDO, FORM = "entry_details", "entry_correct", "entry_undo", "entry_form"

# The most characters of one choice's text, and of the beginning of an id that is its value.
_CHOICE, _ID = 60, 16
# The most characters of all choices together: the lists of the same message may take 9,000 of its 13,000.
_ROOM = 3_000
_TITLE, _QUOTE, _WHERE, _LINE = 200, 1_500, 200, 400


def with_details(block: Block, entries: Sequence[RegisterEntry]) -> Block:
    """Return a section with a list beside it from which one of `entries` is chosen; as it is where there are none."""
    options: dict[str, Block] = {}
    room = _ROOM
    for entry in entries:
        text = shorten(visible(f"{entry.title}, {when(entry)}"), _CHOICE)
        room -= len(text) + _ID
        if room < 0:
            break
        if text and entry.id:
            options.setdefault(entry.id[:_ID], {"text": plain_text(text), "value": entry.id[:_ID]})
    if not options:
        return block
    choose = {"type": "static_select", "action_id": DETAILS, "placeholder": plain_text("Details of …")}
    return {**block, "accessory": {**choose, "options": list(options.values())}}


def details(entry: RegisterEntry, as_of: date, *, may_correct: bool) -> Message:
    """Return one entry with the sentence that it rests on; with buttons for those who may correct it."""
    facts = brief(entry_line(entry, as_of).removeprefix(entry.title).lstrip(": "), _LINE)
    head = f"*{brief(entry.title, _TITLE)}*\n{facts}\n{entry.kind}, {status(entry)}"
    where = f"{entry.document}, {section_mark(entry)}" if entry.section else entry.document
    small = [brief(where, _WHERE), by_whom(entry)]
    blocks = [section(head)]
    if entry.quote.strip():
        blocks.append(section(f"“{brief(entry.quote, _QUOTE)}”"))
    blocks.append(context("\n".join(text for text in small if text)))
    if may_correct:
        buttons = [button("Correct", CORRECT, entry.id)]
        buttons += [_undo("Undo the correction", entry)] if entry.corrected else []
        blocks.append(actions(*buttons))
    return Message(brief(f"{entry.title}: {when(entry)}", _LINE), tuple(blocks))


def corrected(entry: RegisterEntry, change: EntryEdit) -> Message:
    """Return what is told of a correction that was made, with the way back."""
    if change.no_event:
        said = f"*{brief(entry.title, _TITLE)}* is out of the register."
    else:
        said = (
            f"Corrected: *{brief(entry.title, _TITLE)}*, {brief(f'{when(entry)} ({status(entry)})', _LINE)}."
        )
    return Message(said, (section(said), actions(_undo("Undo", entry))))


def undone(entry: RegisterEntry) -> Message:
    """Return what is told of a correction that was taken back."""
    stated = brief(f"{when(entry)} ({status(entry)})", _LINE)
    said = f"*{brief(entry.title, _TITLE)}* is as in the document again: {stated}."
    return Message(said, (section(said),))


def form(entry: RegisterEntry, response_url: str, audience: str) -> Block:
    """Return the modal in which an entry is corrected, filled in as it is; it was shown to `audience`."""
    exact = entry.precision == "day"
    proposed = "Proposed so far; “scheduled” confirms it." if proposed_note(entry) else ""
    was = {
        "title": shorten(visible(entry.title), LONGEST_TITLE),
        "kind": entry.kind,
        "start": entry.start.isoformat() if exact and entry.start else None,
        "end": entry.end.isoformat() if exact and entry.end else None,
        # What is only proposed is confirmed by choosing "scheduled".
        "status": entry.status if entry.status in SAID_STATUSES and not proposed else None,
    }
    title = {"type": "plain_text_input", "max_length": LONGEST_TITLE, "initial_value": was["title"] or " "}
    stated = "" if exact else shorten(f"So far: {when(entry)}", _WHERE)
    none = {
        "type": "checkboxes",
        "options": [_option("no_event", "Not an event: take it out of the register")],
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps(
            {"id": entry.id, "url": response_url, "audience": audience, "was": was}, ensure_ascii=False
        ),
        "title": plain_text("Correct an entry"),
        "submit": plain_text("Save"),
        "close": plain_text("Cancel"),
        "blocks": [
            _input("title", "Title", title),
            _input("kind", "Kind", _select(KINDS, was["kind"])),
            _input("start", "First or only day", _day(was["start"]), optional=True, hint=stated),
            _input("end", "Last day", _day(was["end"]), optional=True),
            _input("status", "Status", _select(SAID_STATUSES, was["status"]), optional=True, hint=proposed),
            _input("no_event", "Or", none, optional=True),
        ],
    }


@dataclass(frozen=True, slots=True)
class Submitted:
    """A modal that was sent off: which entry, where its sender is told, what is to change, what is wrong by field.

    `audience` is the channel that the entry was shown in.
    """

    entry_id: str
    response_url: str
    audience: str
    change: EntryEdit
    errors: Mapping[str, str]


def read_form(view: Mapping[str, Any]) -> Submitted:
    """Return what somebody filled in, as far as it differs from what the modal showed."""
    known = json.loads(view["private_metadata"])
    values = {name: fields["value"] for name, fields in view["state"]["values"].items()}
    was = known["was"]
    title = " ".join((values["title"].get("value") or "").split())
    kind = (values["kind"].get("selected_option") or {}).get("value")
    said = (values["status"].get("selected_option") or {}).get("value")
    start, end = (values[name].get("selected_date") for name in ("start", "end"))
    errors: dict[str, str] = {}
    if values["no_event"].get("selected_options"):
        return Submitted(
            known["id"], known["url"], known.get("audience", ""), EntryEdit(no_event=True), errors
        )
    if not start and (end or was["start"]):
        errors["start"] = "Give the first day. A date cannot be taken away."
    elif start and end and end < start:
        errors["end"] = "The last day lies before the first one."
    moved = not errors and (start, end or start) != (was["start"], was["end"] or was["start"])
    change = EntryEdit(
        title=title if title != " ".join(was["title"].split()) else None,
        kind=kind if kind != was["kind"] else None,
        start=date.fromisoformat(start) if moved else None,
        end=date.fromisoformat(end or start) if moved else None,
        status=said if said != was["status"] else None,
    )
    try:
        change = validated(change)
    except CorrectionError as error:
        said_of_it = str(error)
        errors[error.field] = f"{said_of_it[0].upper()}{said_of_it[1:]}."
    if not errors and not change:
        errors["title"] = "Nothing is changed yet."
    return Submitted(known["id"], known["url"], known.get("audience", ""), change, errors)


def _undo(text: str, entry: RegisterEntry) -> Block:
    """Return a button that takes back this correction, and no later one."""
    return button(text, UNDO, f"{entry.id} {entry.corrected.revision if entry.corrected else 0}")


def _option(value: str, text: str = "") -> Block:
    return {"text": plain_text(text or value.capitalize()), "value": value}


def _select(values: Sequence[str], chosen: str | None) -> Block:
    initial = {"initial_option": _option(chosen)} if chosen else {}
    return {"type": "static_select", "options": [_option(value) for value in values], **initial}


def _day(value: str | None) -> Block:
    return {"type": "datepicker", **({"initial_date": value} if value else {})}


def _input(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block = {"type": "input", "block_id": name, "label": plain_text(label), "optional": optional}
    more = {"hint": plain_text(hint)} if hint else {}
    return {**block, "element": {**element, "action_id": "value"}, **more}
