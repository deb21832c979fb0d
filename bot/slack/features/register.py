"""The register: the list of deadlines, and single entries, which some may correct."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot.errors import BotError, CorrectionError
from bot.locales import _, and_more, commas, joined, ngettext, noted, semicolons
from bot.register import RegisterEntry, select
from bot.register.agenda import agenda
from bot.register.digest import age_line
from bot.register.export.calendar import to_ics
from bot.register.repository import LONGEST_TITLE, EntryEdit, validated
from bot.register.versions import newest_document
from bot.register.wording import (
    CiteEntry,
    correction_note,
    day,
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
from bot.slack.core.errors import InvalidForm, NotDone, explanation
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices, entry_gone
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
    pack_lines,
    plain_message,
    section,
    table,
)
from bot.slack.core.ui.entry_lines import Group, by_whom, listings, quotation
from bot.slack.core.ui.forms import chosen, entered, input_field, known, modal, typed
from bot.slack.core.ui.messages import ALL_DATES
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from store.audiences import Audience
from store.records import CORRECTED_STATUSES, KINDS, Document

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

UNDATED = "dates_undated"
ENTRY_DETAILS = "entry_details"
ENTRY_CORRECT = "entry_correct"
ENTRY_UNDO = "entry_undo"
ENTRY_FORM = "entry_form"
ENTRY_CALENDAR = "entry_calendar"
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
    groups: list[Group] = [
        (heading, listed) for state, heading, listed in shown.groups if state not in ("past", "superseded")
    ]
    more = len((*shown.coarse, *shown.postponed, *shown.cancelled, *shown.undated))
    summary = _summary(len(shown.now) + len(shown.upcoming), more, days)
    if not (shown.now or shown.upcoming or shown.coarse):
        groups.insert(0, (_("The last were"), agenda(register, as_of).past[:_MOST_PAST]))

    # Those without a date are behind a button.
    undated = shown.undated
    entries = [entry for _heading, listed in groups if listed is not undated for entry in listed]
    cite = entry_citer([*entries, *undated])
    rows = fitting(
        (_row(entry, cite) for entry in entries[:_MOST_ROWS]), _TABLE_CHARS, lambda row: len("".join(row))
    )
    head = [header(_("Deadlines and dates, {day}", day=day(as_of))), section(f"*{summary}*")]
    foot = context(escape_short(age_line(newest_document(documents), as_of), _LINE_CHARS))
    blocks: list[Block] = [head[0], with_details_menu(head[1], entries[: len(rows)])]
    if rows:
        blocks.append(
            table(_("Deadlines and dates"), (_("When"), _("What"), _("Stated in")), rows, named_by=1)
        )
    blocks += map(context, and_more(len(entries) - len(rows)))
    if undated:
        label = ngettext("{count} without a date", "{count} without a date", len(undated))
        blocks.append(actions(button(label, UNDATED, UNDATED)))
    # Lines are easier to listen to than the cells of a table.
    lines = fallback_text([*head, *listings(groups, as_of, cite), foot])
    return Message(lines, (*blocks, foot))


def _summary(count: int, more: int, days: int | None) -> str:
    """Return how many entries are coming, and how many more are listed."""
    if not count:
        coming = (
            _("No upcoming dates {within}.", within=within(days))
            if days is not None
            else _("No upcoming dates.")
        )
    elif days is None:
        coming = ngettext("{count} upcoming date.", "{count} upcoming dates.", count)
    else:
        coming = ngettext(
            "{count} upcoming date {within}.", "{count} upcoming dates {within}.", count, within=within(days)
        )
    others = ngettext(
        "{count} without an exact date, postponed or cancelled.",
        "{count} without an exact date, postponed or cancelled.",
        more,
    )
    return joined(coming, others if more else "")


def _row(entry: RegisterEntry, cite: CiteEntry) -> tuple[str, ...]:
    called_off = entry.status in ("postponed", "cancelled")
    dates = when(entry)
    if called_off:
        dates = _("was {dates}", dates=planned_dates(entry)) if entry.last_day else _("no date")
    notes = [status_word(entry.status) if called_off else year_note(entry), proposed_note(entry)]
    what = commas([_cell(title(entry), _TITLE_CHARS), _cell(entry.location or "", _PLACE_CHARS)])
    cited = commas([_cell(cite(entry), _CITED_CHARS), correction_note(entry)])
    return semicolons([_cell(dates, _WHEN_CHARS), *notes]), what, cited


def undated_message(register: Sequence[RegisterEntry], as_of: date) -> Message:
    """Return the entries without a date, with the menu of their details."""
    entries = agenda(register, as_of).undated
    if not entries:
        return plain_message(_("Each entry has a date now."))
    cite = entry_citer(entries)
    lines = [
        f"• {escape_short(title(entry), _TITLE_CHARS)}  [{escape_short(cite(entry), _CITED_CHARS)}]"
        for entry in entries
    ]
    shown = fitting(lines, _TABLE_CHARS, len)
    blocks = [section(text) for text in pack_lines([*shown, *and_more(len(entries) - len(shown))])]
    return Message.of([with_details_menu(blocks[0], entries), *blocks[1:]])


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
) -> Message:
    """Return one entry with its sentence, how its date moved, and what can be done with it.

    `others` are buttons of other features.
    """
    buttons = [*others]
    if fits_calendar(entry):
        buttons.append(button(_("Add to calendar"), ENTRY_CALENDAR, entry.id))
    if may_correct:
        buttons.append(button(_("Correct"), ENTRY_CORRECT, entry.id))
        buttons += [_undo(_("Undo the correction"), entry)] if entry.corrected else []
    return Message.of([*_facts(entry, register, as_of), *([actions(*buttons)] if buttons else [])])


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
        commas([kind_word(entry.kind), status(entry)]),
    )
    moved, where = postponements(entry, register), stated_in(entry)
    small = [escape_short(moved, _FACTS_CHARS), escape_short(where, _WHERE_CHARS), by_whom(entry)]
    details = context("\n".join(text for text in small if text))
    return [section("\n".join(lines)), *quotation(entry), details]


def correction_made_message(entry: RegisterEntry, edit: EntryEdit) -> Message:
    """Return the confirmation of a correction, with a button that undoes it."""
    text = _("*{title}* is no longer in the register.", title=escape_short(title(entry), _HEAD_CHARS))
    if not edit.no_event:
        text = _("Corrected: {line}.", line=_summed_up(entry))
    return Message.of([section(text), actions(_undo(_("Undo"), entry))])


def correction_undone_message(entry: RegisterEntry) -> Message:
    """Return the confirmation of an undo."""
    return one_line(_("As in the document again: {line}.", line=_summed_up(entry)))


def _summed_up(entry: RegisterEntry) -> str:
    dates = escape_short(noted(when(entry), status(entry)), _FACTS_CHARS)
    return commas([f"*{escape_short(title(entry), _HEAD_CHARS)}*", dates])


def entry_form(entry: RegisterEntry, press: Press) -> Block:
    """Return the form for an entry whose button was pressed, filled in with its present values."""
    exact = entry.precision == "day"
    proposed = (
        _("Proposed so far; “{status}” confirms it.", status=status_word("scheduled").capitalize())
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
    statuses = _select(CORRECTED_STATUSES, was["status"], status_word)
    blocks = [
        input_field("title", _("Title"), title),
        input_field("kind", _("Kind"), _select(KINDS, was["kind"], kind_word)),
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
        known={"id": entry.id, "channel": press.channel, "response_url": press.response_url, "was": was},
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


def _select(values: Sequence[str], present: str | None, word: Callable[[Any], str]) -> Block:
    options = {value: option(value, word(value).capitalize()) for value in values}
    initial = {"initial_option": options[present]} if present else {}
    return {"type": "static_select", "options": list(options.values()), **initial}


def _day(value: str | None) -> Block:
    return {"type": "datepicker", **({"initial_date": value} if value else {})}


class Register(Feature):
    """Shows the register and single entries, sends them, and lets those who may correct them.

    Most buttons have the entry's id as their value.
    """

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons of entries, and the form."""
        routes.press(ALL_DATES, self.show_all)
        routes.press(UNDATED, self.show_undated)
        routes.press(ENTRY_DETAILS, self.show)
        routes.press(ENTRY_CALENDAR, self.send_calendar, cost=QUESTION_COST)
        routes.press(ENTRY_CORRECT, self.open_form)
        routes.form(ENTRY_FORM, self.submit_form)
        routes.press_stored(ENTRY_UNDO, self.undo)

    async def show_all(self, press: Press) -> Message:
        """Return the list of all dates. Raises NoStore."""
        return await self.list(press.audience)

    async def show_undated(self, press: Press) -> Message:
        """Return the list of entries without a date. Raises NoStore."""
        return await self._read(
            press.audience, lambda data, today: undated_message(data.register(today), today)
        )

    async def list(self, audience: Audience, days: int | None = None) -> Message:
        """Return the dates that an audience sees, of the next days or all. Raises NoStore."""
        return await self._read(
            audience,
            lambda data, today: deadlines_message(data.register(today), today, days, data.documents()),
        )

    async def _read(self, audience: Audience, make: Callable[[ChannelData, date], Message]) -> Message:
        """Return what `make` returns from the data of an audience and today."""
        data = self._services.channel_data(audience)
        return await asyncio.to_thread(lambda: make(data, data.today()))

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

    async def open_form(self, press: Press) -> None:
        """Open the form that corrects an entry. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._form(press))

    async def _form(self, press: Press) -> Block:
        line, found = await asyncio.gather(
            self._refusal(press), self._services.find(press.audience, press.value)
        )
        if line is not None:
            raise NotDone(one_line(line))
        if found is None:
            raise NotDone(entry_gone())
        return entry_form(found.entry, press)

    async def submit_form(self, press: Press) -> None:
        """Correct an entry, and start saying so. Raises InvalidForm, StoreError."""
        shown = known(press.view)
        edit, errors = _read_edit(entered(press.view), shown["was"])
        if errors:
            raise InvalidForm(errors)

        def change(data: ChannelData) -> Message:
            # "@": unlike any login name of the command line
            return correction_made_message(data.correct(shown["id"], edit, f"@{press.user}"), edit)

        try:
            message = await self._edited(press, change)
        except BotError as error:
            message = explanation(error, "the correction")
        self._services.tell(press.recipient, message)

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
