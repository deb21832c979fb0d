"""One entry of the register: the menu that chooses it, its details, and the form that corrects it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.errors import CorrectionError
from bot.register import RegisterEntry
from bot.register.corrections import LONGEST_TITLE, EntryEdit, validated
from bot.register.date_format import proposed_note, status, when
from bot.register.entry_text import entry_line, postponements, stated_in
from bot.safe_text import visible
from bot.slack.blocks.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    fitting,
    menu,
    one_line,
    option,
    section,
)
from bot.slack.blocks.entry_lines import by_whom, quotation
from bot.slack.blocks.forms import chosen, entered, input_field, known, modal, typed
from bot.slack.blocks.mrkdwn import escape_short, shorten
from bot.slack.blocks.reminders import remind_menu
from store.records import CORRECTED_STATUSES, KINDS

ENTRY_DETAILS = "entry_details"
ENTRY_CORRECT = "entry_correct"
ENTRY_UNDO = "entry_undo"
ENTRY_FORM = "entry_form"
ENTRY_CALENDAR = "entry_calendar"
ENTRY_SHARE = "entry_share"

# The text of an option.
_CHOICE_CHARS = 60
# The beginning of an entry's id, which is the value of its option.
_ID_CHARS = 16
# All options: the lists of the same message may take 9,000 of its 13,000.
_MENU_CHARS = 3_000
_TITLE_CHARS = 200
_WHERE_CHARS = 200
_LINE_CHARS = 400


def with_details_menu(block: Block, entries: Sequence[RegisterEntry]) -> Block:
    """Add a menu of `entries` to a section; without any, return it unchanged."""
    choices = (
        (entry.id[:_ID_CHARS], shorten(visible(f"{entry.title}, {when(entry)}"), _CHOICE_CHARS))
        for entry in entries
    )
    shown = fitting(choices, _MENU_CHARS, lambda choice: _ID_CHARS + len(choice[1]))
    options = {value: option(value, text) for value, text in shown if value and text}
    if not options:
        return block
    return {**block, "accessory": menu("Details of …", ENTRY_DETAILS, list(options.values()))}


def entry_details_message(
    entry: RegisterEntry,
    register: Sequence[RegisterEntry],
    as_of: date,
    *,
    may_correct: bool,
    may_share: bool,
) -> Message:
    """Return one entry with its sentence, how its date moved, and what can be done with it.

    `may_share`: there are others in the conversation that the entry is shown in.
    """
    remind = remind_menu(entry, as_of)
    buttons = [remind] if remind else []
    if fits_calendar(entry):
        buttons.append(button("Add to calendar", ENTRY_CALENDAR, entry.id))
    if may_share:
        buttons.append(button("Share", ENTRY_SHARE, entry.id))
    if may_correct:
        buttons.append(button("Correct", ENTRY_CORRECT, entry.id))
        buttons += [_undo("Undo the correction", entry)] if entry.corrected else []
    return Message.of([*_facts(entry, register, as_of), *([actions(*buttons)] if buttons else [])])


def shared_entry_message(
    entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date, user: str
) -> Message:
    """Return one entry for a channel, with the id of the user who shares it."""
    return Message.of([*_facts(entry, register, as_of), context(f"Shared by <@{user}>")])


def fits_calendar(entry: RegisterEntry) -> bool:
    """Return whether a calendar can hold an entry: it has a day, and no later one replaces it."""
    return entry.precision == "day" and entry.last_day is not None and entry.rescheduled_to is None


def _facts(entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date) -> list[Block]:
    facts = escape_short(entry_line(entry, as_of).removeprefix(entry.title).lstrip(": "), _LINE_CHARS)
    head = f"*{escape_short(entry.title, _TITLE_CHARS)}*\n{facts}\n{entry.kind}, {status(entry)}"
    moved, where = postponements(entry, register), stated_in(entry)
    small = [escape_short(moved, _LINE_CHARS), escape_short(where, _WHERE_CHARS), by_whom(entry)]
    return [section(head), *quotation(entry), context("\n".join(text for text in small if text))]


def correction_made_message(entry: RegisterEntry, edit: EntryEdit) -> Message:
    """Return the confirmation of a correction, with a button that undoes it."""
    title, stated = (
        escape_short(entry.title, _TITLE_CHARS),
        escape_short(f"{when(entry)} ({status(entry)})", _LINE_CHARS),
    )
    text = f"*{title}* is out of the register." if edit.no_event else f"Corrected: *{title}*, {stated}."
    return Message.of([section(text), actions(_undo("Undo", entry))])


def correction_undone_message(entry: RegisterEntry) -> Message:
    """Return the confirmation of an undo."""
    stated = escape_short(f"{when(entry)} ({status(entry)})", _LINE_CHARS)
    text = f"*{escape_short(entry.title, _TITLE_CHARS)}* is as in the document again: {stated}."
    return one_line(text)


def entry_form(entry: RegisterEntry, response_url: str, audience: str) -> Block:
    """Return the form for an entry that `audience` was shown, filled in with its present values."""
    exact = entry.precision == "day"
    proposed = "Proposed so far; “scheduled” confirms it." if proposed_note(entry) else ""
    was = {
        "title": shorten(visible(entry.title), LONGEST_TITLE),
        "kind": entry.kind,
        "start": entry.start.isoformat() if exact and entry.start else None,
        "end": entry.end.isoformat() if exact and entry.end else None,
        # A proposed date is confirmed by choosing "scheduled".
        "status": entry.status if entry.status in CORRECTED_STATUSES and not proposed else None,
    }
    title = {"type": "plain_text_input", "max_length": LONGEST_TITLE, "initial_value": was["title"] or " "}
    stated = "" if exact else shorten(f"So far: {when(entry)}", _WHERE_CHARS)
    none = {
        "type": "checkboxes",
        "options": [option("no_event", "Not an event: take it out of the register")],
    }
    statuses = _select(CORRECTED_STATUSES, was["status"])
    blocks = [
        input_field("title", "Title", title),
        input_field("kind", "Kind", _select(KINDS, was["kind"])),
        input_field("start", "First or only day", _day(was["start"]), optional=True, hint=stated),
        input_field("end", "Last day", _day(was["end"]), optional=True),
        input_field("status", "Status", statuses, optional=True, hint=proposed),
        input_field("no_event", "Or", none, optional=True),
    ]
    return modal(
        ENTRY_FORM,
        "Correct an entry",
        blocks,
        submit="Save",
        close="Cancel",
        known={"id": entry.id, "url": response_url, "audience": audience, "was": was},
    )


def read_entry_form(view: Mapping[str, Any]) -> tuple[dict[str, Any], EntryEdit, dict[str, str]]:
    """Return what a submitted form was made with, the fields that differ from it, and messages by field for errors."""
    shown = known(view)
    return shown, *_read_edit(entered(view), shown["was"])


def _read_edit(values: Mapping[str, Any], was: Mapping[str, Any]) -> tuple[EntryEdit, dict[str, str]]:
    """Return the edit of a form, and messages by field where it cannot be saved."""
    errors: dict[str, str] = {}
    if values["no_event"].get("selected_options"):
        return EntryEdit(no_event=True), errors
    title = " ".join(typed(values["title"]).split())
    kind, state = chosen(values["kind"]), chosen(values["status"])
    start, end = (values[name].get("selected_date") for name in ("start", "end"))
    if not start and (end or was["start"]):
        errors["start"] = "Give the first day. A date cannot be taken away."
    elif start and end and end < start:
        errors["end"] = "The last day lies before the first one."
    moved = not errors and (start, end or start) != (was["start"], was["end"] or was["start"])
    edit = EntryEdit(
        title=title if title != " ".join(was["title"].split()) else None,
        kind=kind if kind != was["kind"] else None,
        start=date.fromisoformat(start) if moved else None,
        end=date.fromisoformat(end or start) if moved else None,
        status=state if state != was["status"] else None,
    )
    try:
        edit = validated(edit)
    except CorrectionError as error:
        why = str(error)
        errors[error.field] = f"{why[0].upper()}{why[1:]}."
    if not errors and not edit:
        errors["title"] = "Nothing is changed yet."
    return edit, errors


def _undo(text: str, entry: RegisterEntry) -> Block:
    """Return a button that undoes this correction, and no later one."""
    return button(text, ENTRY_UNDO, f"{entry.id} {entry.corrected.revision if entry.corrected else 0}")


def _select(values: Sequence[str], present: str | None) -> Block:
    options = {value: option(value, value.capitalize()) for value in values}
    initial = {"initial_option": options[present]} if present else {}
    return {"type": "static_select", "options": list(options.values()), **initial}


def _day(value: str | None) -> Block:
    return {"type": "datepicker", **({"initial_date": value} if value else {})}
