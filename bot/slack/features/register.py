"""The register: the list of deadlines, and single entries, which some may correct."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import BotError, CorrectionError
from bot.locales import N_, _, and_more, commas, in_language, ngettext, pgettext, semicolons
from bot.register import RegisterEntry, select
from bot.register.agenda import State, agenda
from bot.register.digest import age_line, newest_document
from bot.register.export.calendar import to_ics
from bot.register.repository import LONGEST_TITLE, EntryEdit, validated
from bot.register.wording import (
    CiteEntry,
    correction_note,
    day,
    distance,
    entry_citer,
    entry_facts,
    kind_word,
    last_day,
    planned_dates,
    postponements,
    proposed_note,
    stated_in,
    status,
    status_word,
    title,
    when,
    within,
    year_note,
)
from bot.safe_text import visible
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes, acknowledge_stored
from bot.slack.core.sending.posting import Refused, Undelivered, refused_post, unasked
from bot.slack.core.services import WorkspaceServices, entry_gone, not_now
from bot.slack.core.ui.elements import (
    Block,
    File,
    Message,
    actions,
    button,
    context,
    fallback_text,
    fitting,
    header,
    menu,
    one_line,
    option,
    plain_message,
    section,
    table,
)
from bot.slack.core.ui.entry_lines import Group, by_whom, listings, quotation
from bot.slack.core.ui.forms import chosen, entered, input_field, known, modal, typed
from bot.slack.core.ui.mrkdwn import escape_short, mention, shorten
from bot.slack.core.words import CommandWord, ParsedCommand
from store.records import CORRECTED_STATUSES, KINDS, Document

_COMING_STATES: tuple[State, ...] = ("now", "upcoming", "coarse")
_OTHER_STATES: tuple[State, ...] = ("postponed", "cancelled", "undated")
# Past entries shown where there are no upcoming ones.
_MOST_PAST = 5
# The line on the age of the documents.
_LINE_CHARS = 300
# The title of a file.
_FILE_CHARS = 120
# Slack's limit; the message has 13,000 characters with the menu's 3,000.
_MOST_ROWS = 100
_TABLE_CHARS = 7_000
# The parts of a cell.
_TITLE_CHARS = 110
_PLACE_CHARS = 40
_WHEN_CHARS = 60
_CITED_CHARS = 60

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
_HEAD_CHARS = 200
_WHERE_CHARS = 200
_FACTS_CHARS = 400


def deadlines_message(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    documents: Sequence[Document],
) -> Message:
    """Return the entries of the next `days` days, None: all upcoming ones; where there are none, the last past ones."""
    shown = agenda(select(register, as_of, end=last_day(as_of, days)), as_of)
    found: dict[State, Group] = {state: (heading, entries) for state, heading, entries in shown.groups}
    coming = [found[state] for state in _COMING_STATES if state in found]
    others = [found[state] for state in _OTHER_STATES if state in found]
    count = len(shown.now) + len(shown.upcoming)
    more = len(shown.coarse) + sum(len(entries) for _heading, entries in others)
    summary = _summary(count, more, days) if count else _nothing(days, coarse=bool(shown.coarse))
    groups = [*coming, *others]
    if not coming:
        groups.insert(0, (_("The last were"), agenda(register, as_of).past[:_MOST_PAST]))
    entries = [entry for _heading, entries in groups for entry in entries]
    cite = entry_citer(entries)
    rows = fitting((_row(entry, as_of, cite) for entry in entries[:_MOST_ROWS]), _TABLE_CHARS, _characters)
    head = [header(_("Deadlines and dates, {day}", day=day(as_of))), section(f"*{summary}*")]
    foot = context(escape_short(age_line(newest_document(documents), as_of), _LINE_CHARS))
    blocks: list[Block] = [head[0], with_details_menu(head[1], entries[: len(rows)])]
    if rows:
        blocks.append(table(_("Deadlines and dates"), _heads(), rows, named_by=2))
    blocks += map(context, and_more(len(entries) - len(rows)))
    # Lines are easier to listen to than the cells of a table.
    lines = fallback_text([*head, *listings(groups, as_of, cite), foot])
    return Message(lines, (*blocks, foot))


def _summary(count: int, more: int, days: int | None) -> str:
    """Return how many entries are coming, and how many more are listed."""
    if days is None:
        dates = ngettext("{count} upcoming date", "{count} upcoming dates", count)
    else:
        dates = ngettext(
            "{count} upcoming date {within}", "{count} upcoming dates {within}", count, within=within(days)
        )
    if not more:
        return _("{dates}.", dates=dates)
    return ngettext(
        "{dates}; {count} more without an exact date, postponed or cancelled.",
        "{dates}; {count} more without an exact date, postponed or cancelled.",
        more,
        dates=dates,
    )


def _nothing(days: int | None, *, coarse: bool) -> str:
    """Return that no entry is coming; `coarse`: but some without a day and a month are."""
    if days is None:
        return _("No upcoming dates known to the day or the month.") if coarse else _("No upcoming dates.")
    if coarse:
        return _("No upcoming dates known to the day or the month {within}.", within=within(days))
    return _("No upcoming dates {within}.", within=within(days))


def _heads() -> tuple[str, ...]:
    return _("When"), _("Left"), _("What"), _("Kind"), _("Stated in")


def _row(entry: RegisterEntry, as_of: date, cite: CiteEntry) -> tuple[str, ...]:
    called_off = entry.status in ("postponed", "cancelled")
    dates = when(entry)
    if called_off:
        dates = _("was {dates}", dates=planned_dates(entry)) if entry.last_day else _("no date")
    left = [status_word(entry.status) if called_off else distance(entry, as_of), proposed_note(entry)]
    left.append("" if called_off else year_note(entry))
    what = commas([_cell(title(entry), _TITLE_CHARS), _cell(entry.location or "", _PLACE_CHARS)])
    cited = commas([_cell(cite(entry), _CITED_CHARS), correction_note(entry)])
    return _cell(dates, _WHEN_CHARS), semicolons(left), what, kind_word(entry.kind), cited


def _characters(row: Sequence[str]) -> int:
    return sum(len(cell) for cell in row)


def _cell(text: str, limit: int) -> str:
    return shorten(visible(text), limit)


def event_file(entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date, stamp: datetime) -> File:
    """Return the calendar of one entry that has a day."""
    comment = _(
        "*{title}*: open the file to add it to your calendar. A later file brings it up to date.",
        title=escape_short(title(entry), _FILE_CHARS),
    )
    data = to_ics([entry], as_of, stamp, history=register)
    name = shorten(visible(title(entry)), _FILE_CHARS) or _("Calendar")
    return File(f"itu-date-{entry.id[:8]}.ics", name, comment, data)


def with_details_menu(block: Block, entries: Sequence[RegisterEntry]) -> Block:
    """Add a menu of `entries` to a section; without any, return it unchanged."""
    choices = (
        (entry.id[:_ID_CHARS], shorten(visible(commas([title(entry), when(entry)])), _CHOICE_CHARS))
        for entry in entries
    )
    shown = fitting(choices, _MENU_CHARS, lambda choice: _ID_CHARS + len(choice[1]))
    options = {value: option(value, text) for value, text in shown if value and text}
    if not options:
        return block
    return {**block, "accessory": menu(_("Details of …"), ENTRY_DETAILS, list(options.values()))}


def entry_details_message(
    entry: RegisterEntry,
    register: Sequence[RegisterEntry],
    as_of: date,
    others: Sequence[Block] = (),
    *,
    may_correct: bool,
    may_share: bool,
) -> Message:
    """Return one entry with its sentence, how its date moved, and what can be done with it.

    `others` are buttons of other features. `may_share`: others read the conversation that the entry is shown in.
    """
    buttons = [*others]
    if fits_calendar(entry):
        buttons.append(button(_("Add to calendar"), ENTRY_CALENDAR, entry.id))
    if may_share:
        buttons.append(button(_("Share"), ENTRY_SHARE, entry.id))
    if may_correct:
        buttons.append(button(_("Correct"), ENTRY_CORRECT, entry.id))
        buttons += [_undo(_("Undo the correction"), entry)] if entry.corrected else []
    return Message.of([*_facts(entry, register, as_of), *([actions(*buttons)] if buttons else [])])


def shared_entry_message(
    entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date, user: str
) -> Message:
    """Return one entry for a channel, with the id of the user who shares it."""
    return Message.of(
        [*_facts(entry, register, as_of), context(_("Shared by {person}", person=mention(user)))]
    )


def fits_calendar(entry: RegisterEntry) -> bool:
    """Whether a calendar can hold an entry: it has a day, and no later one replaces it."""
    return entry.precision == "day" and entry.last_day is not None and entry.rescheduled_to is None


def _facts(entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date) -> list[Block]:
    facts = entry_facts(entry, as_of)
    if entry.status == "postponed" and facts:
        facts = f"({facts})"
    lines = (
        f"*{escape_short(title(entry), _HEAD_CHARS)}*",
        escape_short(facts, _FACTS_CHARS),
        f"{kind_word(entry.kind)}, {status(entry)}",
    )
    moved, where = postponements(entry, register), stated_in(entry)
    small = [escape_short(moved, _FACTS_CHARS), escape_short(where, _WHERE_CHARS), by_whom(entry)]
    details = context("\n".join(text for text in small if text))
    return [section("\n".join(lines)), *quotation(entry), details]


def correction_made_message(entry: RegisterEntry, edit: EntryEdit) -> Message:
    """Return the confirmation of a correction, with a button that undoes it."""
    name = escape_short(title(entry), _HEAD_CHARS)
    dates = escape_short(f"{when(entry)} ({status(entry)})", _FACTS_CHARS)
    text = (
        _("*{title}* is no longer in the register.", title=name)
        if edit.no_event
        else _("Corrected: *{title}*, {dates}.", title=name, dates=dates)
    )
    return Message.of([section(text), actions(_undo(_("Undo"), entry))])


def correction_undone_message(entry: RegisterEntry) -> Message:
    """Return the confirmation of an undo."""
    text = _(
        "*{title}* is as in the document again: {dates}.",
        title=escape_short(title(entry), _HEAD_CHARS),
        dates=escape_short(f"{when(entry)} ({status(entry)})", _FACTS_CHARS),
    )
    return one_line(text)


def entry_form(entry: RegisterEntry, response_url: str, audience: str) -> Block:
    """Return the form for an entry that `audience` was shown, filled in with its present values."""
    exact = entry.precision == "day"
    proposed = (
        _("Proposed so far; “{status}” confirms it.", status=pgettext("status", "Scheduled"))
        if proposed_note(entry)
        else ""
    )
    was = {
        "title": shorten(visible(entry.title), LONGEST_TITLE),
        "kind": entry.kind,
        "start": entry.start.isoformat() if exact and entry.start else None,
        "end": entry.end.isoformat() if exact and entry.end else None,
        # A proposed date is confirmed by choosing "scheduled".
        "status": entry.status if entry.status in CORRECTED_STATUSES and not proposed else None,
    }
    title = {"type": "plain_text_input", "max_length": LONGEST_TITLE, "initial_value": was["title"] or " "}
    stated = "" if exact else shorten(_("So far: {dates}", dates=when(entry)), _WHERE_CHARS)
    none = {
        "type": "checkboxes",
        "options": [option("no_event", _("Not an event: take it out of the register"))],
    }
    statuses = _select(CORRECTED_STATUSES, was["status"])
    blocks = [
        input_field("title", _("Title"), title),
        input_field("kind", _("Kind"), _select(KINDS, was["kind"])),
        input_field("start", _("First or only day"), _day(was["start"]), optional=True, hint=stated),
        input_field("end", _("Last day"), _day(was["end"]), optional=True),
        input_field("status", _("Status"), statuses, optional=True, hint=proposed),
        input_field("no_event", _("Or"), none, optional=True),
    ]
    return modal(
        ENTRY_FORM,
        _("Correct an entry"),
        blocks,
        submit=_("Save"),
        close=_("Cancel"),
        known={"id": entry.id, "url": response_url, "audience": audience, "was": was},
    )


def _read_edit(values: Mapping[str, Any], was: Mapping[str, Any]) -> tuple[EntryEdit, dict[str, str]]:
    """Return what differs in a form from what it `was` made with, and messages by field where it cannot be saved."""
    errors: dict[str, str] = {}
    if values["no_event"].get("selected_options"):
        return EntryEdit(no_event=True), errors
    title = " ".join(typed(values["title"]).split())
    kind, state = chosen(values["kind"]), chosen(values["status"])
    start, end = (values[name].get("selected_date") for name in ("start", "end"))
    if not start and (end or was["start"]):
        errors["start"] = _("Give the first day. A date cannot be taken away.")
    elif start and end and end < start:
        errors["end"] = _("The last day lies before the first one.")
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
        errors["title"] = _("Nothing is changed yet.")
    return edit, errors


def _undo(text: str, entry: RegisterEntry) -> Block:
    """Return a button that undoes this correction, and no later one."""
    return button(text, ENTRY_UNDO, f"{entry.id} {entry.corrected.revision if entry.corrected else 0}")


def _select(values: Sequence[str], present: str | None) -> Block:
    words = {
        "meeting": _("Meeting"),
        "deadline": _("Deadline"),
        "publication": _("Publication"),
        "milestone": _("Milestone"),
        "scheduled": pgettext("status", "Scheduled"),
        "postponed": pgettext("status", "Postponed"),
        "cancelled": pgettext("status", "Cancelled"),
        "past": pgettext("status", "Past"),
    }
    options = {value: option(value, words[value]) for value in values}
    initial = {"initial_option": options[present]} if present else {}
    return {"type": "static_select", "options": list(options.values()), **initial}


def _day(value: str | None) -> Block:
    return {"type": "datepicker", **({"initial_date": value} if value else {})}


class Register(Feature):
    """Shows the register and single entries, sends and shares them, and lets those who may correct them.

    Most buttons have the entry's id as their value.
    """

    words = (
        CommandWord(
            "deadlines", "report", N_("upcoming dates; `deadlines 30d` for the next 30 days"), "span"
        ),
    )

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons of entries, and the form."""
        routes.press(ENTRY_DETAILS, self.show)
        routes.press(ENTRY_CALENDAR, self.send_calendar, cost=QUESTION_COST)
        routes.press(ENTRY_SHARE, self.share, cost=QUESTION_COST)
        routes.press(ENTRY_CORRECT, self.open_form)
        routes.form(ENTRY_FORM, self.submit_form)
        routes.press_stored(ENTRY_UNDO, self.undo)

    def report(self, data: ChannelData, request: ParsedCommand, _command: str) -> Message:
        """Return the list."""
        today = data.today()
        return deadlines_message(data.register(today), today, request.days, data.documents())

    async def show(self, press: Press) -> Message:
        """Return an entry's details."""
        found = await self._services.find(press.audience, press.value)
        if found is None:
            return entry_gone()
        return entry_details_message(
            found.entry,
            found.register,
            found.today,
            self._services.entry_buttons(found.entry, found.today),
            may_correct=await self._services.library_users.may(press.user),
            may_share=not press.channel.startswith("D"),
        )

    async def send_calendar(self, press: Press) -> Message | None:
        """Send an entry's calendar file to the user, in a direct message. Raises NotDone."""
        channel, found = await self._services.find_for_direct_message(press, press.value)
        if not fits_calendar(found.entry):
            return plain_message(_("This date is not known to the day, so a calendar cannot hold it."))
        file = event_file(found.entry, found.register, found.today, datetime.now(UTC))
        await self._services.send_file(channel, file)
        if channel == press.channel:
            return None
        return plain_message(_("I sent you the calendar file in a direct message."))

    async def share(self, press: Press) -> Message | None:
        """Post an entry to the channel that was shown it."""
        found = await self._services.find(press.audience, press.value)
        if found is None:
            return entry_gone()
        with in_language(await self._services.language_of(press.channel, press.user)):
            message = shared_entry_message(found.entry, found.register, found.today, press.user)
        origin = unasked(press.team, press.channel, time.time())
        try:
            await self._services.poster.post(origin, message, f"/shared/{press.trigger}")
        except Refused as refused:
            return refused_post(refused)
        except Undelivered:
            return not_now()
        return None

    async def open_form(self, press: Press) -> None:
        """Open the form that corrects an entry. Raises NotDone, StoreError."""
        await self._services.open_window(press.trigger, self._form(press))

    async def _form(self, press: Press) -> Block:
        line, found = await asyncio.gather(
            self._refusal(press), self._services.find(press.audience, press.value)
        )
        if line is not None:
            raise NotDone(one_line(line))
        if found is None:
            raise NotDone(entry_gone())
        return entry_form(found.entry, press.response_url, press.audience)

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Correct an entry, and start saying so; or show in the form what is wrong."""
        shown = known(body["view"])
        edit, errors = _read_edit(entered(body["view"]), shown["was"])
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        trigger, user, entry_id = str(body.get("trigger_id") or ""), body["user"]["id"], shown["id"]
        press = Press(trigger, user, shown["audience"], entry_id, response_url=shown["url"])

        def change(data: ChannelData) -> Message:
            # "@": unlike any login name of the command line
            return correction_made_message(data.correct(entry_id, edit, f"@{user}"), edit)

        async def correct() -> None:
            try:
                message = await self._edited(press, change)
            except BotError as error:
                message = explanation(error, "the correction")
            self._services.tell(press.recipient, message)

        await acknowledge_stored(correct(), ack, "title")

    async def undo(self, press: Press) -> Message:
        """Undo a correction; the value is the entry's id and the revision of the correction."""
        entry_id, _, revision = press.value.partition(" ")

        def change(data: ChannelData) -> Message:
            return correction_undone_message(data.undo(entry_id, int(revision or 0)))

        return await self._edited(press, change)

    async def _refusal(self, press: Press) -> str | None:
        return await self._services.library_users.refusal(press.user, _("correct the register"))

    async def _edited(self, press: Press, change: Callable[[ChannelData], Message]) -> Message:
        """Change the register, and return the confirmation, or the refusal. Raises BotError, StoreError."""
        # Checked again: the user may have lost the right since the button was shown.
        line = await self._refusal(press)
        if line is not None:
            return one_line(line)
        return await asyncio.to_thread(lambda: change(self._services.channel_data(press.audience)))
