"""Calendars that people subscribe to: a secret address for each topic; without a public address, a file of dates."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.calendars import Calendars, TooManyCalendars, topic_of
from bot.locales import N_, _, and_more, joined, listed, ngettext
from bot.register import RegisterEntry, select
from bot.register.export.calendar import to_ics
from bot.register.topics import on_topic
from bot.register.wording import day, last_day, within
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.schedule import for_each
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    File,
    Message,
    actions,
    button,
    context,
    header,
    one_line,
    plain_message,
    section,
)
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.core.words import CommandWord, ParsedCommand, days_of
from store.audiences import of_channel
from store.errors import NoStore, StoreError
from store.jobs import AccessKey, SlackMessage

CALENDAR_ADD = "calendar_add"
CALENDAR_LIST = "calendar_list"
CALENDAR_REPLACE = "calendar_replace"
CALENDAR_REVOKE = "calendar_revoke"

_TOPIC_CHARS = 100
_MOST_NAMED = 5

_LOG = logging.getLogger(__name__)


def calendar_file(
    register: Sequence[RegisterEntry], as_of: date, days: int | None, stamp: datetime
) -> File | None:
    """Return the calendar of the upcoming entries, None where no entry fits into one. `stamp` has a time zone."""
    chosen = select(register, as_of, end=last_day(as_of, days))
    data = to_ics(chosen, as_of, stamp, history=register)
    count = data.count(b"BEGIN:VEVENT")
    if not count:
        return None
    if days is None:
        dates = ngettext("{count} date.", "{count} dates.", count)
    else:
        dates = ngettext("{count} date {within}.", "{count} dates {within}.", count, within=within(days))
    way = _("Open it to add them to your calendar; a later file brings them up to date.")
    name = _("Calendar, {day}", day=day(as_of))
    return File(f"itu-dates-{as_of}.ics", name, joined(dates, way), data)


def address_message(key: AccessKey, address: str, matching: int, command: str) -> Message:
    """Return the address of a calendar, how to subscribe to it, and its buttons.

    `matching` dates are in it now; `command` is the slash command's name.
    """
    ready = _("Your calendar of {subject} is ready. Its address:", subject=_subject(key))
    how = _(
        "In Google Calendar, choose *Other calendars*, *From URL*; in Outlook, *Add calendar*, *Subscribe from web*; "
        "in Apple Calendar, *File*, *New Calendar Subscription*. Then paste the address."
    )
    secret = _(
        "The address is like a password: whoever has it sees these dates. I cannot show it again, but I can replace it."
    )
    example = f"{command} subscribe"
    late = _(
        "Calendars ask for changes a few times a day, Google about twice. What is urgent comes as an alert: "
        "`{example}`.",
        example=example,
    )
    blocks = [section(f"{ready}\n`{address}`"), section(how)]
    if key.name:
        blocks.append(section(_matching(matching)))
    return Message.of([*blocks, context(joined(secret, late)), actions(*_buttons(key))])


def _matching(count: int) -> str:
    if not count:
        return _("No date matches these words yet; the calendar shows one as soon as it does.")
    return ngettext("{count} date matches these words now.", "{count} dates match these words now.", count)


def calendar_exists_message(key: AccessKey) -> Message:
    """Return the message that somebody has a calendar of a topic already."""
    text = _(
        "You have had a calendar of {subject} since {day}. I cannot show its address again; a new one takes its place, "
        "and the old one ends at once.",
        subject=_subject(key),
        day=_since(key),
    )
    return Message.of([section(text), actions(*_buttons(key))])


def calendar_list_message(keys: Sequence[AccessKey], command: str) -> Message:
    """Return a person's calendars, each with its buttons; `command` is the slash command's name."""
    if not keys:
        example = f"{command} calendar"
        return one_line(_("You have no calendar. `{example}` gives you one.", example=example))
    blocks: list[Block] = [header(_("Your calendars"))]
    for key in keys:
        line = _("Calendar of {subject}, since {day}", subject=_subject(key), day=_since(key))
        blocks += [section(line), actions(*_buttons(key))]
    return Message.of(blocks)


def calendar_revoked_message(key: AccessKey) -> Message:
    """Return the confirmation that the address of a calendar is gone."""
    return one_line(
        _("The address of your calendar of {subject} does not work any more.", subject=_subject(key))
    )


def _no_calendar() -> Message:
    return plain_message(_("There is no such calendar any more."))


def _subject(key: AccessKey) -> str:
    """Return what a calendar is about, as mrkdwn."""
    topic = escape_short(key.name, _TOPIC_CHARS)
    return _("dates on “{topic}”", topic=topic) if topic else _("all dates")


def _since(key: AccessKey) -> str:
    return day(datetime.fromtimestamp(key.made_at, UTC).date())


def _buttons(key: AccessKey) -> Sequence[Block]:
    return (
        button(_("Replace the address"), CALENDAR_REPLACE, key.id),
        button(_("End this calendar"), CALENDAR_REVOKE, key.id),
    )


class CalendarFiles(Feature):
    """Sends a file of dates, and writes the calendar of everybody where the settings name a place for it."""

    words = (
        CommandWord(
            "calendar", "file", N_("upcoming dates as a calendar file (.ics), in our direct messages"), "span"
        ),
    )

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def report(self, data: ChannelData, request: ParsedCommand, _command: str) -> Message | File:
        """Return the file."""
        today = data.today()
        file = calendar_file(data.register(today), today, request.days, datetime.now(UTC))
        return file or plain_message(
            _("No upcoming date is known to the day, so a calendar cannot hold any.")
        )

    async def review(self, _now: datetime) -> None:
        """Write the calendar of everybody, if it has changed."""
        calendars = self._services.options.calendars
        if calendars is None or not self._services.is_first:
            return
        try:
            with suppress(NoStore):
                await asyncio.to_thread(calendars.write)
        except StoreError as error:
            _LOG.warning("the calendar is not written: %s", error)


class CalendarAddresses(CalendarFiles):
    """Gives people secret addresses of calendars, of what their direct messages may see; lists and revokes them."""

    words = (
        CommandWord(
            "calendar",
            "reply",
            N_("a calendar to subscribe to; `calendar WSIS` for the dates on a topic"),
            "text",
        ),
    )

    def __init__(self, services: WorkspaceServices, calendars: Calendars) -> None:
        super().__init__(services)
        self._calendars = calendars
        self._command = services.options.settings.command

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons."""
        routes.press(CALENDAR_ADD, lambda press: self._add(press.team, press.user, ""), cost=QUESTION_COST)
        routes.press(CALENDAR_LIST, self.show)
        routes.press(CALENDAR_REPLACE, self.replace)
        routes.press(CALENDAR_REVOKE, self.revoke)

    async def carry_out(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Return the address of a calendar of a topic; for a span of days, send the file."""
        days = days_of(request.text)
        if days is not None:
            return await self._send_file(message, replace(request, days=days))
        return await self._add(message.team, message.user, topic_of(request.text))

    async def _send_file(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Send the file of dates to the person. Raises NotDone, NoStore."""
        services = self._services
        channel = await services.open_direct(message.user)
        file = await services.report(of_channel(message.team, channel), request, self._command)
        if isinstance(file, Message):
            return file
        await services.send_file(channel, file)
        return plain_message(_("I sent you the calendar file in a direct message."))

    async def review(self, _now: datetime) -> None:
        """End the calendars of people who have left the workspace, and refuse those of who may not ask any more.

        Raises StoreError.
        """
        keys = await asyncio.to_thread(self._calendars.all)
        own = [key for key in keys if key.user and key.team == self._services.team]
        await for_each(self._review_key, own, "the review of a calendar")

    async def _review_key(self, key: AccessKey) -> None:
        if await self._services.people.has_left(key.user):
            await asyncio.to_thread(self._calendars.revoke, key)
            _LOG.info("a calendar of somebody who left is ended")
            return
        refused = await self._services.admission.is_refused(key.user)
        if refused is not None and refused != key.refused:
            await asyncio.to_thread(self._calendars.refuse, key, refused)
            _LOG.info("the calendar %s is refused: %s", key.id, refused)

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return a line that names a person's calendars, with a button."""
        keys = await asyncio.to_thread(self._calendars.of_person, self._services.team, user)
        if not keys:
            line = _("Calendar: none yet")
            return [{**section(line), "accessory": button(_("Get a calendar"), CALENDAR_ADD, "all")}]
        names = listed([_subject(key) for key in keys[:_MOST_NAMED]])
        left = and_more(len(keys) - _MOST_NAMED)
        line = joined(_("Calendar: {names}", names=names), *left)
        return [{**section(line), "accessory": button(_("My calendars"), CALENDAR_LIST, "all")}]

    async def show(self, press: Press) -> Message:
        """Return the list of a person's calendars. Raises StoreError."""
        keys = await asyncio.to_thread(self._calendars.of_person, press.team, press.user)
        return calendar_list_message(keys, self._command)

    async def replace(self, press: Press) -> Message:
        """Return a new address of the person's calendar whose id is the value. Raises NotDone, StoreError."""
        key = await self._own(press)
        address = None if key is None else await asyncio.to_thread(self._calendars.replace, key)
        if key is None or address is None:
            return _no_calendar()
        return await self._told(key, address)

    async def revoke(self, press: Press) -> Message:
        """Revoke the address of the person's calendar whose id is the value. Raises StoreError."""
        key = await self._own(press)
        if key is None or not await asyncio.to_thread(self._calendars.revoke, key):
            return _no_calendar()
        return calendar_revoked_message(key)

    async def _own(self, press: Press) -> AccessKey | None:
        keys = await asyncio.to_thread(self._calendars.of_person, press.team, press.user)
        return next((key for key in keys if key.id == press.value), None)

    async def _add(self, team: str, user: str, topic: str) -> Message:
        """Make a calendar of a topic, unless the person has one, and return its address. Raises NotDone, StoreError."""
        audience = of_channel(team, await self._services.open_direct(user))
        try:
            key, address = await asyncio.to_thread(
                lambda: self._calendars.add(topic, audience, team=team, user=user)
            )
        except TooManyCalendars:
            own = await asyncio.to_thread(self._calendars.of_person, team, user)
            full = ngettext(
                "You have {count} calendar already. Please end it first.",
                "You have {count} calendars already. Please end one of them first.",
                len(own),
            )
            return Message.of(
                [*plain_message(full).blocks, *calendar_list_message(own, self._command).blocks]
            )
        return calendar_exists_message(key) if address is None else await self._told(key, address)

    async def _told(self, key: AccessKey, address: str) -> Message:
        """Return the message with an address."""

        def matching() -> int:
            if not key.name:
                return 0
            data = self._services.channel_data(key.audience)
            return len(on_topic(data.register(data.today()), data.documents(), key.name))

        return address_message(key, address, await asyncio.to_thread(matching), self._command)
