"""Records of what the bot keeps of people, workspaces and sources. All are frozen and plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from store.audiences import Audience, team_of

Often = Literal["daily", "weekly"]
Purpose = Literal["calendar", "assistant"]
# Seconds between two fetches of a source.
EVERY = 6 * 3600.0
# The same, of a source that fails.
_LONGEST_WAIT = 7 * 24 * 3600.0

Form = Literal["", "document", "page", "feed", "folder"]


def is_web(url: str) -> bool:
    """Whether an address is one of the web, and not that of a folder."""
    return urlsplit(url).scheme in ("http", "https")


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder in the direct message `channel`, `days` before `day`; None while the event has no day.

    `chain` is the event's `chain_id` in the register. `dates` are its dates as the user knows them,
    as `KnownDates` has them.
    """

    id: str
    team: str
    user: str
    channel: str
    chain: str
    days: int
    title: str
    day: date | None
    dates: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class KnownDates:
    """What readers know of an event: its title, its dates (`bot.register.wording.stored_dating`) and its last day.

    `last_day` is in ISO 8601, and None if it is not known, as for a postponed event.
    """

    title: str
    dates: str
    last_day: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a channel, or a person in their direct message, reads; `user` is who subscribed.

    `topic`: words of a topic, or the name of a document; "" for everything. `zone`: a time zone, "" for that of the
    person or of the settings. `made_at`: seconds since 1970. `seen`: the generation of the store whose dates are in
    `knew`, by chain.
    """

    id: str
    team: str
    channel: str
    user: str
    often: Often
    topic: str
    zone: str
    made_at: float
    seen: int
    knew: Mapping[str, KnownDates] = field(repr=False)
    revision: int = 0

    @property
    def personal(self) -> bool:
        """Whether it is a person's, in a direct message."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What is known of a key. `name` is that of a token, or the topic of a calendar, "" for all dates.

    `team` and `user` are the person who asked for it in Slack, "" where somebody did at a terminal.
    """

    id: str
    purpose: Purpose
    name: str
    audience: Audience
    team: str
    user: str
    # The code of the language of what the key gives.
    language: str
    # Seconds since 1970.
    made_at: float
    # While the person may not use the bot, the key gives nothing.
    refused: bool


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation in the workspace `team`, or in all workspaces of the organization of that id.

    `expires_at`: seconds since 1970; None for a token that does not expire, which has no `refresh_token`.
    """

    team: str
    name: str
    # Kept out of logs: whoever has one is the bot.
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a content: what the server said of it, its SHA-256, and when it was read; empty before that."""

    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    read_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """A source. Times are in seconds, points in time in seconds since 1970.

    `pattern`: what the addresses of its files have to match, "" for all. `form` is what was found at its address.
    `began_at` is when the present fetch began, 0 between two, `fetched_at` when the last one ended, 0 before the first,
    and `fetches` their number. `failures` is how many failed since the last success, and `problem` why the last one
    did. `told`: those who keep the library know.
    """

    id: str
    name: str
    url: str
    pattern: str
    audience: Audience
    every: float
    form: Form = ""
    seen: Seen = Seen()
    began_at: float = 0.0
    fetched_at: float = 0.0
    due_at: float = 0.0
    fetches: int = 0
    failures: int = 0
    problem: str = ""
    told: bool = False

    def failed(self, problem: str, now: float) -> Source:
        """Return it as it is after a fetch that failed: the next one comes after twice the time, up to a week."""
        wait = min(self.every * 2.0**self.failures, max(self.every, _LONGEST_WAIT))
        ended = replace(self, began_at=0.0, fetched_at=now, due_at=now + wait)
        return replace(ended, failures=self.failures + 1, problem=problem)

    @property
    def team(self) -> str:
        """The workspace of its audience, "" for everybody."""
        return team_of(self.audience)

    @property
    def is_web(self) -> bool:
        """Whether its address is one of the web, and not that of a folder."""
        return is_web(self.url)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source.

    `name` is that of its document, "" for a page that lists further files. `asked_at`: when its source was last asked
    for it. `listed`: the page, feed or folder names it. `given`, `given_at`: the SHA-256 and the time of what the
    library has of it, "" for nothing. `problem`: why the library does not have its present content. `missing_on`: the
    first day on which it was gone at its source; `gone`: so it was on a later day too. `told`: those who keep the
    library know that.
    """

    source: str
    url: str
    name: str = ""
    seen: Seen = Seen()
    asked_at: float = 0.0
    listed: bool = True
    given: str = ""
    given_at: float = 0.0
    problem: str = ""
    missing_on: date | None = None
    gone: bool = False
    told: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether its content is here, and was not taken into the library yet."""
        return bool(self.name and self.seen.sha256) and self.seen.sha256 != self.given and not self.problem
