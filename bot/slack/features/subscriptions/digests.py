"""Posts the digests of subscriptions, one of which may be the daily digest of the settings: each once a day.

A digest is a job of its day and subscription. Its lease is the right to post it; `store.jobs.DigestStore` gives it to
one bot. `Poster` finds what a process posted before it was killed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Set
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from bot.locales import N_, _, and_more, in_language, joined, language
from bot.register.digest import (
    MOST_ENTRIES,
    STATE,
    Digest,
    DigestState,
    age_line,
    changed_lines,
    digest_citer,
    not_listed,
)
from bot.register.wording import add_days, day
from bot.slack.core.access import MayReceive, anybody
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.schedule import for_each, utc_now
from bot.slack.core.sending.posting import Poster, Refused, Undelivered, unasked
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, Message, actions, context, header, pack_lines, section
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.core.ui.messages import all_dates_button
from bot.slack.core.ui.mrkdwn import channel_link, escape_short
from bot.slack.core.words import CommandWord, ParsedCommand
from bot.slack.features.subscriptions.subscriptions import end_button, subject, zone_of
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import (
    DailyDigest,
    DigestStore,
    Job,
    LeaseLost,
    MessageRef,
    Notice,
    NoticeStore,
    Runner,
    Subscription,
    SubscriptionStore,
)

_LOG = logging.getLogger(__name__)

WORKDAYS = frozenset(range(5))
# Days that the digest of a command looks ahead, if it names none.
_DIGEST_DAYS = 30
# A headline, or a line on a change.
_LINE_CHARS = 300
# The line below a digest.
_SMALL_CHARS = 800
_CODE_CHARS = 40
_MONDAYS = frozenset({0})
# How long after its hour a missed digest is still posted.
_LATEST_AFTER = timedelta(hours=6)
# At one moment it can be three different days on Earth, and that of an evening comes after midnight.
_KEPT_FOR = timedelta(days=4)

# Returns the digest of a topic for an audience and a day, compared with the state of the last one; may block. The last
# argument: whether it is for somebody who keeps the library.
MakeDigest = Callable[[Audience, date, DigestState | None, str, bool], Digest]
# Returns the code of the language for a channel and a person, by their ids.
LanguageOf = Callable[[str, str], Awaitable[str]]
AfterPost = Callable[[MessageRef, Message], Awaitable[None]]
DigestOutcome = Literal["posted", "already", "taken", "quiet", "refused", "failed"]


def channel_digest(team: str, channel: str, since: float = 0.0) -> Subscription:
    """Return the daily digest of the settings: everything, in a channel by its id.

    `since`: seconds since 1970, from when on it is wanted.
    """
    return Subscription(
        id=channel,
        team=team,
        channel=channel,
        user="",
        often="daily",
        topic="",
        zone="",
        made_at=since,
        seen=0,
        knew={},
    )


async def nothing_more(_posted: MessageRef, _message: Message) -> None:
    """Do nothing more with a digest that is posted."""


async def nobody(_user: str) -> bool:
    """Return False: nobody keeps the library."""
    return False


async def language_in_use(_channel: str, _user: str) -> str:
    """Return the language in use, whoever reads it."""
    return language()


class DigestSender:
    """Makes and posts digests, as jobs of `runner`.

    `find` returns the subscription of an id, None if it has ended; it may block.
    """

    def __init__(
        self,
        runs: DigestStore,
        find: Callable[[str], Subscription | None],
        make: MakeDigest,
        poster: Poster,
        runner: Runner,
        *,
        may_receive: MayReceive = anybody,
        keeps_library: Callable[[str], Awaitable[bool]] = nobody,
        language_of: LanguageOf = language_in_use,
        after_post: AfterPost = nothing_more,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._clock = clock
        self._runs = runs
        self._find = find
        self._make = make
        self._poster = poster
        self._may_receive = may_receive
        self._keeps_library = keeps_library
        self._language_of = language_of
        self._after_post = after_post
        self.runner = runner
        runner.do(runs, self._work)
        self._notices = NoticeStore.beside(runs)
        # The subscriptions, by their ids, whose digest of a day this process claimed or found claimed.
        self._begun: dict[date, set[str]] = {}

    async def begin(self, subscription: Subscription, day: date) -> None:
        """Start the digest of a day, unless it was started before. Raises StoreError."""
        if day not in self._begun:
            self._begun = {other: ids for other, ids in self._begun.items() if abs(day - other) < _KEPT_FOR}
        begun = self._begun.setdefault(day, set())
        if subscription.id in begun or not await self._may_get(subscription):
            return
        job = await self._claim(subscription, day)
        begun.add(subscription.id)
        if job is not None:
            self.runner.submit(job)

    async def post(self, subscription: Subscription, day: date) -> DigestOutcome:
        """Post the digest of a day, unless it is posted; it may be another day than today. Raises StoreError.

        "already": it was posted before. "taken": another process posts it, or was killed a short time ago. "refused":
        Slack does not take it. "failed": it may be in the channel or not; ask again later.
        """
        job = await self._claim(subscription, day)
        if job is None:
            posted = await asyncio.to_thread(self._runs.is_posted, subscription.id, day)
            return "already" if posted else "taken"
        try:
            return await self._deliver(job, subscription)
        except LeaseLost:
            return "taken"
        except Undelivered:
            await self.runner.call(self._runs.release, job.lease)
            return "failed"

    async def _claim(self, subscription: Subscription, day: date) -> Job[DailyDigest] | None:
        return await self.runner.call(self._runs.claim, subscription.id, day, self.runner.holder)

    async def _work(self, job: Job[DailyDigest]) -> None:
        """Post a digest, also one that another process left, or withdraw it."""
        subscription = await self._subscription_of(job)
        if subscription is None:
            await self.runner.withdraw(job.lease)
            return
        try:
            outcome = await self._deliver(job, subscription)
        except NoStore as error:
            _LOG.warning("no digest %s: %s", job.work.key, error)
        else:
            _LOG.info("digest of %s for %s: %s", job.work.day, subscription.id, outcome)

    async def _subscription_of(self, job: Job[DailyDigest]) -> Subscription | None:
        """Return the subscription that a digest is for; None if it is too late, or nobody may get it."""
        if self._clock() - datetime.fromtimestamp(job.created_at, UTC) > _LATEST_AFTER:
            return None
        subscription = await asyncio.to_thread(self._find, job.work.subscription)
        if subscription is not None and not await self._may_get(subscription):
            _LOG.warning("no digest %s: its conversation may not get it now", job.work.key)
            self._forget_begun(job.work)
            return None
        return subscription

    async def _may_get(self, subscription: Subscription) -> bool:
        """Return False where a channel was shared with another organization since somebody subscribed it, say."""
        return not subscription.user or await self._may_receive(subscription.channel, subscription.user)

    async def _deliver(self, job: Job[DailyDigest], subscription: Subscription) -> DigestOutcome:
        """Make and post a digest. Raises LeaseLost, Undelivered, and what making it raises."""
        lease, day = job.lease, job.work.day
        keeps = subscription.personal and await self._keeps_library(subscription.user)
        try:
            with in_language(await self._language_of(subscription.channel, subscription.user)):
                digest = await asyncio.to_thread(self._digest, subscription, day, keeps)
                message = (
                    subscribed_digest_message(digest, subscription)
                    if subscription.user
                    else digest_message(digest)
                )
        except Exception:
            await self.runner.withdraw(lease)
            self._forget_begun(job.work)
            raise
        state = STATE.dump_json(digest.state).decode()
        if message is None:
            await self.runner.call(self._runs.finish, lease, ts=None, state=state)
            return "quiet"
        origin = unasked(subscription.team, subscription.channel, job.created_at)
        poster = self._poster.for_job(job, self.runner)
        try:
            posted = await poster.post(origin, message, f"/digest/{lease.key}")
        except Refused as refused:
            _LOG.error("Slack did not take the digest %s: %s", lease.key, refused.code)
            await self.runner.withdraw(lease)
            await self._tell(subscription, refused.code)
            return "refused"
        await self._after_post(posted, message)
        await self.runner.call(self._runs.finish, lease, ts=posted.ts, state=state)
        return "posted"

    def _forget_begun(self, digest: DailyDigest) -> None:
        """Let the schedule begin a digest again in a minute."""
        self._begun.get(digest.day, set()).discard(digest.subscription)

    async def _tell(self, subscription: Subscription, code: str) -> None:
        """Tell the person who subscribed a channel that Slack refuses its digest, once a month at most."""
        if subscription.personal or not subscription.user:
            return
        try:
            direct = await self._poster.open_direct(subscription.user)
        except (Refused, Undelivered) as error:
            _LOG.warning("nobody is told of the refused digest %s: %s", subscription.id, error)
            return
        with in_language(await self._language_of(direct, subscription.user)):
            message = undelivered_digest_message(subscription, code)
        notice = Notice(subscription.team, direct, message.text, message.blocks, subscription.user)
        await self.runner.call(self._notices.put, f"undelivered/{subscription.id}", notice)

    def _digest(self, subscription: Subscription, day: date, keeps: bool) -> Digest:
        state = self._runs.last_state(subscription.id, day)
        previous = STATE.validate_json(state) if state else None
        audience = of_channel(subscription.team, subscription.channel)
        return self._make(audience, day, previous, subscription.topic, keeps)


def due_day(
    at: time, zone: ZoneInfo, now: datetime, since: datetime, weekdays: Set[int] = WORKDAYS
) -> date | None:
    """Return the day whose digest is due at `now`, None if none is. Pure.

    It is due from the hour `at` of one of the weekdays (Monday is 0) until it is too late. `since`: from when on
    digests are wanted.
    """
    local = now.astimezone(zone)
    # That of an evening may come after midnight.
    for each in (local.date(), add_days(local.date(), -1)):
        hour = datetime.combine(each, at, zone)
        if each.weekday() in weekdays and since <= hour <= local <= hour + _LATEST_AFTER:
            return each
    return None


def digest_message(digest: Digest, which: str = "", *buttons: Block) -> Message:
    """Return the digest: what changed, what is due by day, and how old the documents are; `which` digest it is."""
    cite, coming = digest_citer(digest), digest.coming
    blocks: list[Block] = [header(_("Coming dates, as of {day}", day=day(digest.as_of)))]
    if changed := changed_lines(digest):
        lines = [f":bell: {escape_short(text, _LINE_CHARS)}" for text in changed[:MOST_ENTRIES]]
        blocks += map(section, pack_lines([*lines, *and_more(len(changed) - MOST_ENTRIES)]))
    lines = [entry_item(entry, digest.as_of, cite(entry)) for entry in coming[:MOST_ENTRIES]]
    lines += and_more(len(coming) - MOST_ENTRIES)
    blocks += map(section, pack_lines(lines or [escape_short(digest.headline, _LINE_CHARS)]))
    small = escape_short(
        joined(not_listed(digest), age_line(digest.newest, digest.as_of), which), _SMALL_CHARS
    )
    return Message.of([*blocks, context(small), actions(all_dates_button(), *buttons)])


def undelivered_digest_message(subscription: Subscription, code: str) -> Message:
    """Return the message for the person who subscribed a channel whose digest Slack refuses; `code` is its reason."""
    what, channel = subject(subscription), channel_link(subscription.channel)
    if code in ("not_in_channel", "channel_not_found"):
        text = _(
            "I cannot post the digest of {subject} in {channel}, as I am not a member of that channel. "
            "Invite me there (`/invite`), or end the subscription.",
            subject=what,
            channel=channel,
        )
    else:
        text = _(
            "I cannot post the digest of {subject} in {channel}, as Slack says {reason}. "
            "Tell {contact}, or end the subscription.",
            subject=what,
            channel=channel,
            reason=escape_short(code, _CODE_CHARS),
        )
    return Message.of([section(text), actions(end_button(subscription))])


def subscribed_digest_message(digest: Digest, subscription: Subscription) -> Message | None:
    """Return the digest for a subscription; None on a day on which nothing is worth a message.

    Worth one are dates of today and this week, and what changed. A weekly digest always comes: in a quiet week it is
    one line, so that its readers know that it still does.
    """
    if not (digest.today or digest.this_week or digest.moved or digest.ingested or digest.gone):
        if subscription.often == "daily":
            return None
        if digest.quiet:
            text = _(
                "The weekly digest of {subject}: {headline}",
                subject=subject(subscription),
                headline=escape_short(digest.headline, _LINE_CHARS),
            )
            return Message.of([section(text), actions(end_button(subscription))])
    return digest_message(digest, _which_digest(subscription), end_button(subscription))


def _which_digest(subscription: Subscription) -> str:
    weekly, topic = subscription.often == "weekly", subscription.topic
    if not subscription.topic:
        return _("The weekly digest.") if weekly else _("The daily digest.")
    if weekly:
        return _("The weekly digest on “{topic}”.", topic=topic)
    return _("The daily digest on “{topic}”.", topic=topic)


class Digests(Feature):
    """Posts the digests of subscriptions and of the settings when their hour comes, and shows one on request."""

    words = (CommandWord("digest", "report", N_("what changed, and what is due by day"), "span"),)

    def __init__(self, services: WorkspaceServices) -> None:
        self._team = services.team
        settings, clock = services.options.settings, services.options.clock
        self._channel, self._at = settings.digest_channel, settings.digest_time
        self._people = services.people
        self._runs = DigestStore.beside(services.question_store)
        self._subscriptions = SubscriptionStore.beside(services.question_store)
        # The daily digest of the settings, once the first review has read it.
        self._of_settings: list[Subscription] | None = None
        self._sender = DigestSender(
            self._runs,
            self._find,
            lambda audience, *what: services.channel_data(audience).digest_since(*what),
            services.poster,
            services.runner,
            may_receive=services.admission.may_receive,
            keeps_library=services.library_users.may,
            language_of=services.language_of,
            after_post=services.name_conversation,
            clock=clock,
        )

    def report(self, data: ChannelData, request: ParsedCommand, _command: str) -> Message:
        """Return the digest of the next days."""
        return digest_message(
            data.digest(data.today(), _DIGEST_DAYS if request.days is None else request.days)
        )

    async def review(self, now: datetime) -> None:
        """Begin the digests whose hour has come. Raises StoreError."""
        if self._of_settings is None:
            self._of_settings = await asyncio.to_thread(self._read_of_settings, now)
        subscriptions = [*self._of_settings, *await asyncio.to_thread(self._subscriptions.all)]
        await for_each(partial(self._begin, now), subscriptions, "beginning the digest of a subscription")

    async def _begin(self, now: datetime, subscription: Subscription) -> None:
        weekdays = _MONDAYS if subscription.often == "weekly" else WORKDAYS
        zone = await zone_of(subscription, self._people)
        since = datetime.fromtimestamp(subscription.made_at, UTC)
        if (day := due_day(self._at, zone, now, since, weekdays)) is not None:
            await self._sender.begin(subscription, day)

    def _find(self, subscription_id: str) -> Subscription | None:
        if subscription_id == self._channel:
            return channel_digest(self._team, subscription_id)
        return self._subscriptions.find(subscription_id)

    def _read_of_settings(self, now: datetime) -> list[Subscription]:
        if not self._channel:
            return []
        # A channel that never had a digest waits for its hour.
        since = 0.0 if self._runs.last_day(self._channel) else now.timestamp()
        return [channel_digest(self._team, self._channel, since)]
