"""Calendars that people subscribe to: a secret address for each topic; without a public address, a file of dates."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

from bot.calendars import Calendars, TooManyCalendars, topic_of
from bot.locales import _, joined, ngettext
from bot.register import RegisterEntry, select
from bot.register.export.calendar import to_ics
from bot.register.topics import on_topic
from bot.register.wording import day
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.feature import Feature
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
    plain_message,
    section,
)
from bot.slack.core.ui.forms import entered, modal, typed
from bot.slack.features.follow.subscriptions import matching, subject, topic_field
from store.audiences import of_channel
from store.errors import NoStore, StoreError
from store.jobs import AccessKey

CALENDARS = "calendars"
CALENDAR_FILE = "calendar_file"
CALENDAR_FORM = "calendar_form"
CALENDAR_REPLACE = "calendar_replace"
CALENDAR_REVOKE = "calendar_revoke"

_LOG = logging.getLogger(__name__)


def calendar_file(register: Sequence[RegisterEntry], as_of: date, stamp: datetime) -> File | None:
    """Return the calendar of the upcoming entries, None where no entry fits into one. `stamp` has a time zone."""
    data = to_ics(select(register, as_of), as_of, stamp, history=register)
    count = data.count(b"BEGIN:VEVENT")
    if not count:
        return None
    dates = ngettext("{count} date.", "{count} dates.", count)
    way = _("Open it to add them to your calendar; a later file brings them up to date.")
    return File(f"itu-dates-{as_of}.ics", _("Calendar, {day}", day=day(as_of)), joined(dates, way), data)


def address_view(key: AccessKey, address: str, count: int) -> Block:
    """Return the window with the address of a calendar, which has `count` dates now, and how to subscribe to it."""
    ready = _("Your calendar of {subject} is ready. Its address:", subject=subject(key.name))
    how = _(
        "In Google Calendar, choose *Other calendars*, *From URL*; in Outlook, *Add calendar*, *Subscribe from web*; "
        "in Apple Calendar, *File*, *New Calendar Subscription*. Then paste the address."
    )
    secret = _("The address is like a password, and is shown this once; you can replace it.")
    texts = [f"{ready}\n`{address}`", how, matching(key.name, count)]
    return modal("calendar", _("Calendars"), [*(section(text) for text in texts if text), context(secret)])


def calendars_view(keys: Sequence[AccessKey], *notes: str) -> Block:
    """Return the window with a person's calendars, each with its buttons, and the form for another one."""
    blocks: list[Block] = [section(note) for note in notes]
    for key in keys:
        replace = button(_("Replace the address"), CALENDAR_REPLACE, key.id)
        end = button(_("End this calendar"), CALENDAR_REVOKE, key.id)
        blocks += [section(_("Calendar of {subject}", subject=subject(key.name))), actions(replace, end)]
    return modal(
        CALENDAR_FORM,
        _("Calendars"),
        [*blocks, topic_field(_("A new calendar on"))],
        submit=_("Get the address"),
        close=_("Close"),
    )


class CalendarFiles(Feature):
    """Sends a file of dates, and writes the calendar of everybody where the settings name a place for it."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def add_routes(self, routes: Routes) -> None:
        """Route the button."""
        routes.press(CALENDAR_FILE, self.send, cost=QUESTION_COST)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that sends the file."""
        return [button(_("Calendar file"), CALENDAR_FILE, CALENDAR_FILE)]

    async def send(self, press: Press) -> Message:
        """Send the dates that the person's direct messages may show as a file. Raises NotDone, NoStore."""
        channel = await self._services.open_direct(press.user)

        def make() -> File | None:
            data = self._services.channel_data(of_channel(press.team, channel))
            today = data.today()
            return calendar_file(data.register(today), today, datetime.now(UTC))

        file = await asyncio.to_thread(make)
        if file is None:
            return plain_message(_("No upcoming date is known to the day, so a calendar cannot hold any."))
        await self._services.send_file(channel, file)
        return plain_message(_("The calendar file is in our messages."))

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
    """Gives people secret addresses of calendars in place of files, of what their direct messages may see."""

    def __init__(self, services: WorkspaceServices, calendars: Calendars) -> None:
        super().__init__(services)
        self._calendars = calendars

    def add_routes(self, routes: Routes) -> None:
        """Route the button that opens the window, and what is in it."""
        routes.press(CALENDARS, self.open)
        routes.form(CALENDAR_FORM, self.add, cost=QUESTION_COST)
        routes.press_stored(CALENDAR_REPLACE, self.replace)
        routes.press_stored(CALENDAR_REVOKE, self.revoke)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the window."""
        return [button(_("Calendars"), CALENDARS, CALENDARS)]

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

    async def open(self, press: Press) -> None:
        """Open the window with a person's calendars. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._list(press))

    async def add(self, press: Press) -> Block:
        """Make a calendar of the form's topic; return the window with its address. Raises NotDone, StoreError."""
        topic = topic_of(typed(entered(press.view)["topic"]))
        audience = of_channel(press.team, await self._services.open_direct(press.user))
        try:
            key, address = await asyncio.to_thread(
                lambda: self._calendars.add(topic, audience, team=press.team, user=press.user)
            )
        except TooManyCalendars:
            return await self._list(press, _("You have too many calendars. Please end one first."))
        if address is None:
            known = _("You have a calendar of {subject} already.", subject=subject(key.name))
            return await self._list(press, known)
        return await self._told(key, address)

    async def replace(self, press: Press) -> None:
        """Show a new address of the person's calendar whose id is the value. Raises StoreError."""
        key = await self._own(press)
        address = None if key is None else await asyncio.to_thread(self._calendars.replace, key)
        if key is None or address is None:
            view = await self._list(press, _no_calendar())
        else:
            view = await self._told(key, address)
        await self._services.update_window(press.view, view)

    async def revoke(self, press: Press) -> None:
        """Revoke the address of the person's calendar whose id is the value. Raises StoreError."""
        key, note = await self._own(press), _no_calendar()
        if key is not None and await asyncio.to_thread(self._calendars.revoke, key):
            note = _(
                "The address of your calendar of {subject} does not work any more.", subject=subject(key.name)
            )
        await self._services.update_window(press.view, await self._list(press, note))

    async def _list(self, press: Press, *notes: str) -> Block:
        keys = await asyncio.to_thread(self._calendars.of_person, press.team, press.user)
        return calendars_view(keys, *notes)

    async def _own(self, press: Press) -> AccessKey | None:
        keys = await asyncio.to_thread(self._calendars.of_person, press.team, press.user)
        return next((key for key in keys if key.id == press.value), None)

    async def _told(self, key: AccessKey, address: str) -> Block:
        """Return the window with an address."""

        def count() -> int:
            data = self._services.channel_data(key.audience)
            return len(on_topic(data.register(data.today()), data.documents(), key.name))

        return address_view(key, address, await asyncio.to_thread(count))


def _no_calendar() -> str:
    return _("There is no such calendar any more.")
