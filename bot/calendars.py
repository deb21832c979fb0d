"""Calendars that people subscribe to: their secret addresses, what each shows, and the page that serves them.

Whose documents a calendar shows is decided at each request. Where the bot has no public address, one calendar of what
everybody may see is written to a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.locales import in_language, language
from bot.register.export.calendar import calendar_events, to_feed
from bot.register.topics import on_topic
from store.audiences import PUBLIC, Audience
from store.errors import StoreError, StoreUnavailable
from store.filesystem import NoDriver, open_url, why
from store.jobs import AccessKey, AccessKeyStore, CalendarEventStore
from store.records import EVERYBODY

if TYPE_CHECKING:
    from bot.wiring import Services

# Below the public address.
CALENDARS_PATH = "/calendars"
# The name of the file that a folder gets.
FILE_NAME = "itu-dates.ics"
# Calendars that stay in memory, as those of many people are the same one: a large one takes seconds to make.
_KEPT = 8
_TOPIC_CHARS = 100
# A person's; they are listed in one message of Slack, with their buttons.
MOST_CALENDARS = 20
_ALL_DATES = {"", "all", "everything", "all dates"}
# Seconds after which a program may ask again where the store does not answer.
_AGAIN_AFTER = "300"
# How Google's program names itself. It shows no event with the status CANCELLED, as if it had been forgotten.
_HIDES_CANCELLED = "Google-Calendar-Importer"
# The values of the parameter `periods`.
_PERIODS = {"yes": True, "no": False}
# What another value gets, at any address: by it a program recognises the page.
WRONG_PERIODS = "Write periods=yes or periods=no.\n"

_LOG = logging.getLogger(__name__)


class TooManyCalendars(Exception):
    """A person has as many calendars as one may have."""


def topic_of(words: str) -> str:
    """Return the topic that somebody typed; "" for all dates."""
    topic = " ".join(words.split()).strip("\"'“”«»")[:_TOPIC_CHARS].strip()
    return "" if topic.casefold() in _ALL_DATES else topic


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody asks for: the dates on a topic that an audience may see, in a language."""

    audience: Audience
    topic: str
    language: str
    periods: bool = False
    """With those that are known only to a month or a year."""
    hides_cancelled: bool = False
    """For a program that shows no cancelled events."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar as it is sent."""

    content: bytes

    @property
    def tag(self) -> str:
        """The same as long as the content is; a weak one, as it names the compressed form too."""
        return f'W/"{hashlib.sha256(self.content).hexdigest()[:32]}"'


class Calendars:
    """The calendars of an installation. `services` are those of what everybody may see. Methods raise StoreError."""

    def __init__(self, services: Services) -> None:
        self._seen_from = services.seen_from
        self._settings = services.settings
        state = services.shared.state
        self._keys, self._events = AccessKeyStore(state), CalendarEventStore(state)
        self._feed = lru_cache(maxsize=_KEPT)(self._make)
        self._written = ""

    def add(
        self, topic: str, audience: Audience = EVERYBODY, *, team: str = "", user: str = ""
    ) -> tuple[AccessKey, str | None]:
        """Return a calendar in the language in use, with its address; without, if there was one of the topic already.

        Nobody can read an address again. A person in Slack, or a terminal, has one calendar of a topic and an audience.
        Raises TooManyCalendars where a person would have more than `MOST_CALENDARS`.
        """
        own = self.of_person(team, user)
        same = (key for key in own if key.name.casefold() == topic.casefold() and key.audience == audience)
        if (key := next(same, None)) is not None:
            return key, None
        if user and len(own) >= MOST_CALENDARS:
            raise TooManyCalendars
        made = self._keys.make(
            "calendar", topic, audience=audience, team=team, user=user, language=language()
        )
        if made is None:
            # Another process made it meanwhile.
            return self.add(topic, audience, team=team, user=user)
        return made[0], self._address(made[1])

    def all(self) -> list[AccessKey]:
        """Return all calendars that have an address, the oldest first."""
        return self._keys.all(purpose="calendar")

    def of_person(self, team: str, user: str) -> list[AccessKey]:
        """Return the calendars of a person in Slack, the oldest first; "" and "" for those of terminals."""
        return self._keys.all(purpose="calendar", team=team, user=user)

    def replace(self, key: AccessKey) -> str | None:
        """Return a new address of a calendar, whose former one is gone; None if the calendar is revoked."""
        text = self._keys.replace(key)
        return None if text is None else self._address(text)

    def revoke(self, key: AccessKey) -> bool:
        """Revoke the address of a calendar, at once; return False if it was before."""
        return self._keys.delete(id=key.id)

    def refuse(self, key: AccessKey, refused: bool) -> None:
        """Let the address of a calendar give nothing as long as it is refused."""
        self._keys.refuse(key, refused)

    def _address(self, text: str) -> str:
        return f"{self._settings.public_url.rstrip('/')}{CALENDARS_PATH}/{text}.ics"

    def feed(self, text: str, *, periods: bool = False, hides_cancelled: bool = False) -> Feed | None:
        """Return the calendar of an address as it is now; None for one that is refused, was revoked or never made.

        `periods`: with the dates that are known only to a month or a year. `hides_cancelled`: for a program that shows
        no cancelled events.
        """
        key = self._keys.with_text("calendar", text)
        if key is None:
            return None
        return self._made(_Wanted(key.audience, key.name, key.language, periods, hides_cancelled))

    def write(self) -> None:
        """Write the calendar of what everybody may see, in English, to the address that the settings name for it.

        Nothing is written that this process has written already.
        """
        feed = self._made(_Wanted(EVERYBODY, "", "en"))
        tag = feed.tag
        if tag != self._written:
            _write(self._settings.calendar_url.get_secret_value(), feed.content)
            self._written = tag

    def _made(self, wanted: _Wanted) -> Feed:
        services = self._seen_from(wanted.audience)
        # A direct message without documents of its own sees what everybody does.
        seen = next(iter(services.audiences - PUBLIC), EVERYBODY)
        with services.catalog.snapshot() as snapshot:
            generation = snapshot.generation
        return self._feed(generation, self._settings.today(), replace(wanted, audience=seen))

    def _make(self, generation: int, today: date, wanted: _Wanted) -> Feed:
        """Return what is wanted of the documents as they are now, at least of this generation."""
        services = self._seen_from(wanted.audience)
        with services.catalog.snapshot() as snapshot:
            generation = snapshot.generation
            register, documents = services.register(today, snapshot), snapshot.documents()
        whole = calendar_events(register, register, periods=wanted.periods)
        # Those of all topics, so that an event has the same number in each calendar.
        facts = {each.uid: each.facts for each in whole}
        revisions = self._events.revisions(wanted.audience, facts, generation)
        on = {entry.id for entry in on_topic(register, documents, wanted.topic)}
        shown = [each for each in whole if (each.moved_to or each.entry).id in on]
        with in_language(wanted.language):
            hides = wanted.hides_cancelled
            return Feed(to_feed(shown, today, revisions, wanted.topic, hides_cancelled=hides))


def calendar_routes(calendars: Calendars) -> list[Route]:
    """Return the page of calendars, each of which is made in a thread of their own, one at a time."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="calendars")

    async def page(request: Request) -> Response:
        periods = _PERIODS.get(request.query_params.get("periods", "no"))
        if periods is None:
            return PlainTextResponse(WRONG_PERIODS, 400)
        program = request.headers.get("user-agent", "")
        make = partial(
            calendars.feed,
            request.path_params["key"],
            periods=periods,
            hides_cancelled=_HIDES_CANCELLED in program,
        )
        try:
            feed = await asyncio.get_running_loop().run_in_executor(thread, make)
        except StoreError as error:
            _LOG.warning("a calendar cannot be read: %s", error)
            # Those who subscribe keep what they have.
            return PlainTextResponse("Try again later.\n", 503, {"Retry-After": _AGAIN_AFTER})
        if feed is None:
            return PlainTextResponse("Not Found\n", 404)
        return _response(request, feed)

    return [Route(f"{CALENDARS_PATH}/{{key}}.ics", page, middleware=[Middleware(GZipMiddleware)])]


def _response(request: Request, feed: Feed) -> Response:
    own = feed.tag
    headers = {
        "ETag": own,
        # Each time anew: an address may be revoked.
        "Cache-Control": "private, no-cache",
        "Vary": "User-Agent",
    }
    known = (tag.strip() for tag in request.headers.get("if-none-match", "").split(","))
    if any(tag in ("*", own, own.removeprefix("W/")) for tag in known):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{FILE_NAME}"'
    return Response(feed.content, headers=headers, media_type="text/calendar; charset=utf-8")


def _write(url: str, content: bytes) -> None:
    """Write a file that everybody may read, to a URL of fsspec: that of a file (.ics), or of a folder."""
    try:
        system, path = open_url(url)
        path = path if path.endswith(".ics") else f"{path.rstrip('/')}/{FILE_NAME}"
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        if "file" not in system.protocol:
            system.pipe_file(path, content)
            return
        # What a web server reads meanwhile is whole, and it is another user.
        partial_file = Path(f"{path}.{secrets.token_hex(4)}")
        partial_file.write_bytes(content)
        partial_file.chmod(0o644)
        partial_file.replace(path)
    except NoDriver as error:
        raise StoreUnavailable(f"ITUBOT_CALENDAR_URL cannot be used: {error}") from None
    except Exception as error:
        raise StoreUnavailable(
            f"the calendar cannot be written ({why(error)}); check ITUBOT_CALENDAR_URL and its server or disk"
        ) from None
