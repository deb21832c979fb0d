"""Subscriptions of a channel or a person to dates: a digest at its hour, and an alert at once when a date changes.

What a subscription knows is stored together with the notice about the difference (`SubscriptionStore.settle`), so of
several bots one sends it, and a bot that is killed loses none. A digest is a job of its day and subscription, whose
lease is the right to post it; `Poster` finds what a process posted before it was killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.locales import _, and_more, commas, in_language, joined, ngettext, quoted
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
from bot.register.following import MovedDate, changed_dates, gone_dates, known_dates, new_dates
from bot.register.topics import on_topic
from bot.register.wording import add_days, day, entry_citer, stored_words, title
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.people import FRESH_SECONDS
from bot.slack.core.receiving import Routes
from bot.slack.core.schedule import for_each
from bot.slack.core.sending.clients import FAILURES, error_code, is_about_place, is_transient
from bot.slack.core.sending.posting import Poster, Refused, Undelivered, unasked
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    actions,
    button,
    confirmed,
    context,
    header,
    one_line,
    option,
    pack_lines,
    plain_message,
    section,
)
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.core.ui.forms import chosen, entered, input_field, modal, typed
from bot.slack.core.ui.messages import all_dates_button
from bot.slack.core.ui.mrkdwn import channel_link, escape_short, mention
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import (
    DailyDigest,
    DigestStore,
    Job,
    KnownDates,
    LeaseLost,
    MessageRef,
    Notice,
    Often,
    Runner,
    SlackMessage,
    Subscription,
    SubscriptionStore,
)

SUBSCRIPTION_END, SUBSCRIBE, SUBSCRIBE_FORM = "subscription_end", "subscribe", "subscribe_form"
WORKDAYS = frozenset(range(5))
_MONDAYS = frozenset({0})
# How long after its hour a missed digest is still posted.
_LATEST_AFTER = timedelta(hours=6)

TOPIC_CHARS = 100
_TITLE_CHARS = 110
_DATES_CHARS = 120
_CITED_CHARS = 60
# A sentence, a headline, or a line on a change.
_LINE_CHARS = 300
# The line below a digest.
_SMALL_CHARS = 800
# The most changed dates, subscriptions and documents that an alert names: a message has at most 50 blocks and 13,000
# characters.
_MOST_CHANGES = 15
_MOST_FOLLOWED = 3
_MOST_STATING = 3
# The most subscriptions of one channel or person: each is compared with the register after an ingest.
_MOST_SUBSCRIPTIONS = 20

DigestOutcome = Literal["posted", "already", "taken", "quiet", "refused", "failed"]
# Returns the digest of a day as a message, None where nothing is worth one, and the state to compare the next one with.
# The last argument is the state of the last one.
MakeDigest = Callable[[Subscription, date, DigestState | None], Awaitable[tuple[Message | None, DigestState]]]

_LOG = logging.getLogger(__name__)


# Words that calendars and reminders share


def subject(topic: str) -> str:
    """Return what somebody follows, as mrkdwn; "" is everything."""
    return _("dates on “{topic}”", topic=escape_short(topic, TOPIC_CHARS)) if topic else _("all dates")


def matching(topic: str, count: int) -> str:
    """Return how many dates are on a topic now; "" for everything."""
    if not topic:
        return ""
    if not count:
        return _("No date matches these words yet.")
    return ngettext("{count} date matches these words now.", "{count} dates match these words now.", count)


def topic_field(label: str) -> Block:
    """Return the field of a form for a topic."""
    element = {"type": "plain_text_input", "max_length": TOPIC_CHARS}
    hint = _("Words of a title, a body or a document; without any, all dates.")
    return input_field("topic", label, element, optional=True, hint=hint)


def listed(lines: Iterable[tuple[str, Block]], most: int) -> list[Block]:
    """Return a section for each line with its button, at most so many; further ones are counted."""
    blocks: list[Block] = [{**section(line), "accessory": made} for line, made in lines]
    return [*blocks[:most], *map(context, and_more(len(blocks) - most))]


def moved_line(name: str, before: str, after: str) -> str:
    """Return what became of a date as mrkdwn; without `before` it is new."""
    name, before, after = (escape_short(words, _DATES_CHARS) for words in (name, before, after))
    if not before:
        return _("*{title}*: new, {after}", title=name, after=after)
    return _("*{title}*: ~{before}~ → {after}", title=name, before=before, after=after)


def gone_line(name: str, dates: str) -> str:
    """Return that no document has an event any more, as mrkdwn; `dates` are as they were stored."""
    return _(
        "*{title}*: no longer among the dates in my documents; it was {before}.",
        title=escape_short(name, _TITLE_CHARS),
        before=escape_short(stored_words(dates), _DATES_CHARS),
    )


# Messages


def subscription_begun_message(subscription: Subscription, at: time, zone: str, count: int) -> Message:
    """Return the confirmation; `count` entries are on the topic now."""
    text = _(
        "Subscribed: {subject}, {when}, and at once when a date changes.",
        subject=subject(subscription.topic),
        when=_when(subscription, at, zone),
    )
    text = joined(text, matching(subscription.topic, count))
    return Message.of([section(text), actions(end_button(subscription))])


def channel_subscribed_message(subscription: Subscription, at: time, zone: str) -> Message:
    """Return the message for the channel that somebody subscribed."""
    text = _(
        "{person} subscribed this channel to {subject}: {when}, and at once when a date changes.",
        person=mention(subscription.user),
        subject=subject(subscription.topic),
        when=_when(subscription, at, zone),
    )
    return Message.of([section(text), actions(end_button(subscription))])


def subscription_list_message(subscriptions: Sequence[Subscription], at: time) -> Message:
    """Return the subscriptions of a conversation, each with a button that ends it."""
    lines = _listed(subscriptions, at, _MOST_SUBSCRIPTIONS) or no_subscription_message().blocks
    return Message.of([*lines, actions(_subscribe_button())])


def no_subscription_message() -> Message:
    """Return the message for a subscription that there is not, or not any more."""
    return plain_message(_("There is no subscription here."))


def subscribe_form(press: Press) -> Block:
    """Return the form for a subscription of the conversation in which a button was pressed."""
    choices = [option("daily", _("Every weekday")), option("weekly", _("Every Monday"))]
    often = {"type": "radio_buttons", "options": choices, "initial_option": choices[1]}
    return modal(
        SUBSCRIBE_FORM,
        _("Subscribe"),
        [topic_field(_("Topic")), input_field("often", _("How often"), often)],
        submit=_("Subscribe"),
        close=_("Cancel"),
        known={"channel": press.channel, "response_url": press.response_url},
    )


def alert_message(
    changed: Sequence[MovedDate], gone: Sequence[KnownDates], followed: Sequence[Subscription], at: time
) -> Message:
    """Return what changed: each event with its old and new dates and the paragraph; then those that are gone.

    `followed` are the subscriptions of the conversation that are about these dates.
    """
    cite = entry_citer([moved.entry for moved in changed])
    lines = [_changed(moved, cite(moved.entry)) for moved in changed]
    lines += [gone_line(known.title, known.dates) for known in gone]
    if gone or any(moved.before for moved in changed):
        heading = ngettext("A date changed", "{count} dates changed", len(lines))
    else:
        heading = ngettext("A new date", "{count} new dates", len(lines))
    blocks: list[Block] = [header(heading), *map(section, lines[:_MOST_CHANGES])]
    blocks += map(context, and_more(len(lines) - _MOST_CHANGES))
    if stating := list(dict.fromkeys(escape_short(m.entry.document, _DATES_CHARS) for m in changed)):
        named = commas([*stating[:_MOST_STATING], *and_more(len(stating) - _MOST_STATING)])
        blocks.append(context(_("Stated in {documents}.", documents=named)))
    return Message.of([*blocks, *_listed(followed, at, _MOST_FOLLOWED)])


def digest_message(digest: Digest, which: str = "", *buttons: Block) -> Message:
    """Return the digest: what moved and came, what is due by day, and how old the documents are.

    `which` digest it is, as mrkdwn.
    """
    cite, coming = digest_citer(digest), digest.coming
    blocks: list[Block] = [header(_("Coming dates, as of {day}", day=day(digest.as_of)))]
    changed = [_changed(moved, cite(moved.entry), quotes=False) for moved in digest.moved]
    changed += [escape_short(line, _LINE_CHARS) for line in changed_lines(replace(digest, moved=()))]
    lines = [f"• {line}" for line in changed[:MOST_ENTRIES]]
    blocks += map(section, pack_lines([*lines, *and_more(len(changed) - MOST_ENTRIES)]))
    lines = [entry_item(entry, digest.as_of, cite(entry)) for entry in coming[:MOST_ENTRIES]]
    lines += and_more(len(coming) - MOST_ENTRIES)
    blocks += map(section, pack_lines(lines or [escape_short(digest.headline, _LINE_CHARS)]))
    small = joined(not_listed(digest), age_line(digest.newest, digest.as_of))
    blocks.append(context(joined(escape_short(small, _SMALL_CHARS), which)))
    return Message.of([*blocks, actions(all_dates_button(), *buttons)])


def subscribed_digest_message(digest: Digest, subscription: Subscription, at: time) -> Message | None:
    """Return the digest for a subscription; None on a day on which nothing is worth a message.

    Worth one are dates of today and this week, and what changed. A weekly digest always comes: in a quiet week it is
    one line, so that its readers know that it still does.
    """
    which, end = _line(subscription, at), end_button(subscription)
    if not (digest.today or digest.this_week or digest.moved or digest.ingested or digest.gone):
        if subscription.often == "daily":
            return None
        if digest.quiet:
            headline = escape_short(digest.headline, _LINE_CHARS)
            return Message.of([section(headline), context(which), actions(end)])
    return digest_message(digest, which, end)


def _changed(moved: MovedDate, cited: str, *, quotes: bool = True) -> str:
    line = moved_line(title(moved.entry), moved.before, moved.after)
    line += f"  [{escape_short(cited, _CITED_CHARS)}]"
    quote = escape_short(moved.entry.quote, _LINE_CHARS)
    return f"{line}\n{quoted(quote)}" if quotes and quote.strip() else line


def _line(subscription: Subscription, at: time) -> str:
    """Return what a subscription is about and when, as mrkdwn."""
    what = commas([subject(subscription.topic), _when(subscription, at, subscription.zone)])
    return _("{heading}: {line}", heading=_("Digest"), line=what)


def _listed(subscriptions: Sequence[Subscription], at: time, most: int) -> list[Block]:
    return listed(((_line(each, at), end_button(each)) for each in subscriptions), most)


def _when(subscription: Subscription, at: time, zone: str) -> str:
    daily, hour = subscription.often == "daily", f"{at:%H:%M}"
    when = _("every weekday at {time}", time=hour) if daily else _("every Monday at {time}", time=hour)
    return f"{when} ({escape_short(zone, _CITED_CHARS)})" if zone else when


def _subscribe_button() -> Block:
    return button(_("Subscribe"), SUBSCRIBE, SUBSCRIBE)


def end_button(subscription: Subscription) -> Block:
    """Return the button that ends a subscription; for a channel it asks first."""
    made = button(_("Unsubscribe"), SUBSCRIPTION_END, subscription.id)
    if subscription.personal:
        return made
    asks = _("Nobody in the channel gets it any more then.")
    return confirmed(made, _("Unsubscribe the channel?"), asks, _("Unsubscribe"))


# What the command says


@dataclass(frozen=True, slots=True)
class ParsedSubscription:
    """How often and about what; `zone` is the name of a time zone, "" for none."""

    often: Often
    topic: str
    zone: str


def parse_subscription(text: str) -> ParsedSubscription:
    """Return what the words after "subscribe" ask for: "weekly WSIS Forum Europe/Paris"."""
    words = text.split()
    often: Often = "weekly" if words and words[0].casefold() == "weekly" else "daily"
    if words and words[0].casefold() == often:
        words.pop(0)
    zone = _zone(words[-1]) if words else ""
    topic = " ".join(words[:-1] if zone else words).strip("\"'“”«»")[:TOPIC_CHARS].strip()
    return ParsedSubscription(often, "" if topic.casefold() in ("all", "everything") else topic, zone)


def _zone(word: str) -> str:
    """Return the name of a time zone, "" for another word."""
    if "/" not in word and word != "UTC":
        return ""
    try:
        return ZoneInfo(word).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


# Digests


def due_day(
    at: time, zone: ZoneInfo, now: datetime, since: datetime, weekdays: Set[int] | None = None
) -> date | None:
    """Return the day whose digest is due at `now`, None if none is. Pure.

    It is due from the hour `at` of one of the weekdays (Monday is 0) until it is too late. `since`: from when on
    digests are wanted.
    """
    local = now.astimezone(zone)
    # That of an evening may come after midnight.
    for each in (local.date(), add_days(local.date(), -1)):
        hour = datetime.combine(each, at, zone)
        if each.weekday() in (weekdays or WORKDAYS) and since <= hour <= local <= hour + _LATEST_AFTER:
            return each
    return None


def channel_digest(team: str, channel: str, since: float = 0.0) -> Subscription:
    """Return the daily digest of the settings: everything, in a channel by its id.

    `since`: seconds since 1970, from when on it is wanted.
    """
    return Subscription(
        id=channel, team=team, channel=channel, user="", often="daily", topic="", zone="", made_at=since, seen=0,
        knew={},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DigestSender:
    """Posts digests, as jobs of `runner`; `work` does one that was claimed for it, or that a process left."""

    runs: DigestStore
    poster: Poster
    runner: Runner
    make: MakeDigest
    work: Callable[[Job[DailyDigest]], Awaitable[None]]

    def __post_init__(self) -> None:
        self.runner.do(self.runs, self.work)

    async def claim(self, subscription: Subscription, day: date) -> Job[DailyDigest] | None:
        """Claim the digest of a day; None if it is claimed or posted. Raises StoreError."""
        run = DailyDigest(subscription.id, day, subscription.team)
        return await self.runner.call(self.runs.claim, run, self.runner.holder)

    async def post(self, subscription: Subscription, day: date) -> DigestOutcome:
        """Post the digest of a day, unless it is posted; it may be another day than today. Raises StoreError.

        "already": it was posted before. "taken": another process posts it, or was killed a short time ago. "refused":
        Slack does not take it. "failed": it may be in the channel or not; ask again later.
        """
        job = await self.claim(subscription, day)
        if job is None:
            posted = await asyncio.to_thread(self.runs.is_posted, subscription.id, day)
            return "already" if posted else "taken"
        try:
            return "posted" if await self.deliver(job, subscription) else "quiet"
        except LeaseLost:
            return "taken"
        except Undelivered:
            await self.runner.call(self.runs.release, job.lease)
            return "failed"
        except Refused:
            await self.runner.withdraw(job.lease)
            return "refused"

    async def deliver(
        self, job: Job[DailyDigest], subscription: Subscription
    ) -> tuple[MessageRef, Message] | None:
        """Post a claimed digest; None where nothing is worth one.

        Raises LeaseLost, Refused, Undelivered, and what making it raises.
        """
        lease, day = job.lease, job.work.day
        try:
            last = await asyncio.to_thread(self.runs.last_state, subscription.id, day)
            previous = STATE.validate_json(last) if last else None
            message, state = await self.make(subscription, day, previous)
        except Exception:
            await self.runner.withdraw(lease)
            raise
        posted = None
        if message is not None:
            origin = unasked(subscription.team, subscription.channel, job.created_at)
            poster = self.poster.for_job(job, self.runner)
            try:
                posted = await poster.post(origin, message, f"/digest/{lease.key}")
            except Refused as refused:
                _LOG.error("Slack did not take the digest %s: %s", lease.key, refused.code)
                raise
        ts = posted.ts if posted else None
        change = partial(self.runs.change, lease, True, ts=ts, state=STATE.dump_json(state).decode())
        await self.runner.call(change)
        return (posted, message) if posted and message else None


# Subscriptions


@dataclass(frozen=True, slots=True)
class _Compared:
    """A subscription as it was and as it is now, with the dates that changed and those that are gone, by chain."""

    before: Subscription
    after: Subscription
    changed: Mapping[str, MovedDate]
    gone: Mapping[str, KnownDates]


def _conversation(subscription: Subscription) -> Audience:
    return of_channel(subscription.team, subscription.channel)


def _is_direct(asked: SlackMessage) -> bool:
    """Whether a person subscribes themselves; outside channels, their id is in place of the channel's."""
    return asked.is_direct or asked.channel == asked.user


def _notice(subscription: Subscription, user: str, message: Message) -> Notice | None:
    """Return the notice to a channel that `user` began or ended its subscription; None in a direct message."""
    if subscription.personal:
        return None
    return Notice(subscription.team, subscription.channel, message.text, message.blocks, user)


class Subscriptions(Feature):
    """Begins, lists and ends subscriptions, tells what changed, and posts their digests and that of the settings."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services, settings = services, services.options.settings
        self._store = SubscriptionStore.beside(services.question_store)
        self._at, self._channel = settings.digest_time, settings.digest_channel
        runs, self.runner = DigestStore.beside(services.question_store), services.runner
        self.digests = DigestSender(runs, services.poster, self.runner, self._make_digest, self._post_digest)
        self._started_at = services.options.clock().timestamp()

    def add_routes(self, routes: Routes) -> None:
        """Route the button that ends one, the one that opens the form, and the form."""
        routes.press_stored(SUBSCRIPTION_END, self.end)
        routes.press(SUBSCRIBE, self.open_form)
        routes.form(SUBSCRIBE_FORM, self.submit)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the form."""
        return [_subscribe_button()]

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return a person's own subscriptions, each with a button that ends it."""
        own = await asyncio.to_thread(self._store.of_person, self._services.team, user)
        return _listed(own, self._at, _MOST_SUBSCRIPTIONS)

    async def subscribe(self, asked: SlackMessage, request: str) -> Message:
        """Begin the subscription that the text asks for; without one, list those of the conversation.

        `request` is the same in each delivery of the request. Raises NotDone, StoreError.
        """
        if not asked.text:
            return subscription_list_message(await self._present(asked), self._at)
        return await self._begin(asked, parse_subscription(asked.text), request)

    async def open_form(self, press: Press) -> None:
        """Open the form. Raises NotDone."""

        async def form() -> Block:
            return subscribe_form(press)

        await self._services.open_window(press, form())

    async def submit(self, press: Press) -> Message:
        """Begin the subscription of a form. Raises NotDone, StoreError."""
        values = entered(press.view)
        topic = " ".join(typed(values["topic"]).split())
        wanted = ParsedSubscription(chosen(values["often"]), topic, "")
        return await self._begin(press.asked, wanted, press.view["id"])

    async def _begin(self, asked: SlackMessage, wanted: ParsedSubscription, request: str) -> Message:
        """Begin a subscription, and return the confirmation. Raises NotDone, StoreError."""
        # The bot must be able to post there, and another subscription must fit.
        services, direct = self._services, _is_direct(asked)
        channel = await services.open_direct(asked.user) if direct else asked.channel
        # Somebody may just have invited it.
        if not direct and not await self._is_member(channel, max_age=0.0):
            return plain_message(
                _("I am not a member of this channel. Invite me, or subscribe yourself on Home.")
            )
        topics = [subscription.topic for subscription in await self._present(asked)]
        same = [topic for topic in topics if topic.casefold() == wanted.topic.casefold()]
        if len(topics) >= _MOST_SUBSCRIPTIONS and not same:
            return plain_message(_("There are too many subscriptions here. Please end one first."))

        # It knows the dates of now, and the channel is told of it.
        wish = Subscription(
            # The same if a bot is killed and the next one does it again: the channel is told once.
            id=hashlib.sha256(request.encode()).hexdigest()[:16],
            team=asked.team,
            channel=channel,
            user=asked.user,
            often=wanted.often,
            topic=same[0] if same else wanted.topic,
            zone=wanted.zone,
            made_at=services.options.clock().timestamp(),
            seen=-1,
            knew={},
        )
        subscription, count = await asyncio.to_thread(self._known, wish)
        zone = (await self._zone_of(subscription)).key
        with in_language(await services.language_of(channel, asked.user)):
            told = channel_subscribed_message(subscription, self._at, zone)
        await asyncio.to_thread(self._store.add, subscription, _notice(subscription, asked.user, told))
        return subscription_begun_message(subscription, self._at, zone, count)

    async def end(self, press: Press) -> Message:
        """End the subscription whose id is the value, and return the confirmation. Raises StoreError.

        It is the person's own, or of the channel with the button.
        """
        subscription = await asyncio.to_thread(self._store.find, id=press.value)
        if subscription is None:
            return no_subscription_message()
        is_here = not subscription.personal and _conversation(subscription) == press.audience
        if subscription.user != press.user and not is_here:
            return no_subscription_message()
        about = subject(subscription.topic)
        with in_language(await self._services.language_of(subscription.channel, press.user)):
            line = _(
                "{person} ended the subscription of this channel to {subject}.",
                person=mention(press.user),
                subject=subject(subscription.topic),
            )
            notice = _notice(subscription, press.user, one_line(line))
        if not await asyncio.to_thread(self._store.end, subscription, notice):
            return no_subscription_message()
        return one_line(_("Ended: {subject}.", subject=about))

    async def _present(self, asked: SlackMessage) -> list[Subscription]:
        """Return the subscriptions of a channel, or in any direct message those of the person."""
        if _is_direct(asked):
            return await asyncio.to_thread(self._store.of_person, asked.team, asked.user)
        return await asyncio.to_thread(self._store.all, team=asked.team, channel=asked.channel)

    async def _is_member(self, channel: str, max_age: float = FRESH_SECONDS) -> bool:
        services = self._services
        try:
            info = await services.people.cache.channel(services.clients.retrying, channel, max_age)
        except FAILURES as error:
            # In doubt the notice to the channel is refused, and that is logged.
            return not is_about_place(error_code(error))
        return bool(info.get("is_member", True)) and not info.get("is_archived")

    async def _zone_of(self, subscription: Subscription) -> ZoneInfo:
        """Return the time zone of a subscription: its own, that of its person, or that of the settings."""
        people = self._services.people
        if subscription.zone:
            return ZoneInfo(subscription.zone)
        return await people.zone(subscription.user) if subscription.personal else people.default_zone

    def _known(self, wish: Subscription) -> tuple[Subscription, int]:
        """Return a subscription that knows the dates of now, and how many entries it is about."""
        data = self._services.channel_data(_conversation(wish))
        today = data.today()
        try:
            register, documents = data.register(today), data.documents()
        except NoStore:
            return wish, 0
        entries = on_topic(register, documents, wish.topic)
        seen = register[0].generation if register else -1
        return replace(wish, seen=seen, knew=known_dates(entries, today)), len(entries)

    async def review(self, now: datetime) -> None:
        """Store alerts on what changed, and begin the digests whose hour has come. Raises StoreError."""
        subscriptions = sorted(await asyncio.to_thread(self._store.all), key=_conversation)
        groups = [list(group) for _, group in groupby(subscriptions, key=_conversation)]
        await for_each(self._alert, groups, "the review of a conversation's subscriptions")
        if self._channel:
            # A channel that never had a digest waits for its hour.
            had = await asyncio.to_thread(self.digests.runs.last_day, self._channel)
            since = 0.0 if had else self._started_at
            subscriptions.append(channel_digest(self._services.team, self._channel, since))
        await for_each(partial(self._begin_digest, now), subscriptions, "beginning a digest")

    async def _alert(self, here: Sequence[Subscription]) -> None:
        """Store one alert for a conversation, though several of its subscriptions may be about the same date."""
        first = here[0]
        language = await self._services.language_of(first.channel, first.user)
        with in_language(language):
            compared = await asyncio.to_thread(self._compare, here)
        changed = {chain: moved for comparison in compared for chain, moved in comparison.changed.items()}
        gone = {chain: known for comparison in compared for chain, known in comparison.gone.items()}
        notice = None
        if changed or gone:
            if not await self._may_get(first):
                return
            by_date = sorted(changed.values(), key=lambda moved: moved.entry.start or date.max)
            followed = [comparison.before for comparison in compared if comparison.changed or comparison.gone]
            with in_language(language):
                message = alert_message(by_date, list(gone.values()), followed, self._at)
            user = first.user if first.personal else ""
            notice = Notice(first.team, first.channel, message.text, message.blocks, user)
        pairs = [(comparison.before, comparison.after) for comparison in compared]
        is_stored = await asyncio.to_thread(self._store.settle, pairs, notice) if pairs else False
        if is_stored and notice:
            _LOG.info("an alert on %d dates", len(changed) + len(gone))

    def _compare(self, here: Sequence[Subscription]) -> list[_Compared]:
        """Return the subscriptions of a conversation that do not know what was published last."""
        data = self._services.channel_data(_conversation(here[0]))
        today = data.today()
        register = data.register(today)
        generation = register[0].generation if register else -1
        behind = [known for known in here if known.seen != generation]
        documents = data.documents() if behind else []
        if not documents:
            # That all are gone may be a mistake, which the next ingest corrects.
            return []
        compared = []
        for known in behind:
            on = {entry.id for entry in on_topic(register, documents, known.topic)}
            # An event stays on its topic when a new version gives it another title.
            entries = [entry for entry in register if entry.id in on or entry.chain_id in known.knew]
            after = replace(known, seen=generation, knew=known_dates(entries, today))
            moved = changed_dates(entries, known.knew, after.knew, today)
            if known.seen >= 0:
                moved += new_dates(entries, documents, known.knew, after.knew, today)
            changed = {each.entry.chain_id: each for each in moved}
            compared.append(_Compared(known, after, changed, gone_dates(register, known.knew, today)))
        return compared

    async def _begin_digest(self, now: datetime, subscription: Subscription) -> None:
        """Start the digest whose hour has come, unless it was started before."""
        weekdays = _MONDAYS if subscription.often == "weekly" else WORKDAYS
        since = datetime.fromtimestamp(subscription.made_at, UTC)
        day = due_day(self._at, await self._zone_of(subscription), now, since, weekdays)
        if day is None:
            return
        last = await asyncio.to_thread(self.digests.runs.last_day, subscription.id)
        if (last is None or last < day) and await self._may_get(subscription):
            job = await self.digests.claim(subscription, day)
            if job is not None:
                self.runner.submit(job)

    async def _may_get(self, subscription: Subscription) -> bool:
        """Return False where a channel was shared with another organization since somebody subscribed it, say.

        Where the bot is no member any more, the subscription ends, and whoever made it is told. Raises StoreError.
        """
        channel, user = subscription.channel, subscription.user
        if not user:
            return True
        if not subscription.personal and not await self._is_member(channel):
            await self._end_unreachable(subscription)
            return False
        return await self._services.admission.may_receive(channel, user)

    async def _end_unreachable(self, subscription: Subscription) -> None:
        """End the subscription of a channel that the bot has left, and tell whoever made it."""
        services, user, notice = self._services, subscription.user, None
        try:
            direct = await services.people.cache.direct(services.clients.retrying, user)
        except FAILURES as error:
            if is_transient(error):
                return  # It ends in a later review.
            _LOG.info("nobody is told of a subscription that ends: %s", error_code(error))
        else:
            with in_language(await services.language_of(direct, user)):
                line = _(
                    "I cannot write in {channel} any more, so I ended its subscription to {subject}. Invite me and "
                    "subscribe again if it is wanted.",
                    channel=channel_link(subscription.channel),
                    subject=subject(subscription.topic),
                )
                message = one_line(line)
            notice = Notice(subscription.team, direct, message.text, message.blocks, user)
        await asyncio.to_thread(self._store.end, subscription, notice)

    async def _post_digest(self, job: Job[DailyDigest]) -> None:
        """Post a digest, also one that another process left, or withdraw it."""
        # Nobody wants one that is too late, of a subscription that has ended, or that may not be read any more.
        key, subscription = job.work.subscription, None
        if self._services.options.clock() - datetime.fromtimestamp(job.created_at, UTC) <= _LATEST_AFTER:
            subscription = (
                channel_digest(self._services.team, key)
                if key == self._channel
                else await asyncio.to_thread(self._store.find, id=key)
            )
        if subscription is None or not await self._may_get(subscription):
            _LOG.info("no digest %s: it is too late, has ended, or may not be read", job.work.key)
            await self.runner.withdraw(job.lease)
            return

        try:
            posted = await self.digests.deliver(job, subscription)
        except NoStore as error:
            _LOG.warning("no digest %s: %s", job.work.key, error)
            return
        except Refused:
            # It is not tried again today.
            await self.runner.call(self.digests.runs.mark_done, job.lease)
            return
        if posted:
            await self._services.name_conversation(*posted)
        _LOG.info("digest of %s for %s: %s", job.work.day, key, "posted" if posted else "quiet")

    async def _make_digest(
        self, subscription: Subscription, day: date, previous: DigestState | None
    ) -> tuple[Message | None, DigestState]:
        """Return a digest in the language of its readers, and its state. Raises NoStore."""
        services = self._services
        keeps = subscription.personal and await services.library_users.may(subscription.user)

        def read() -> Digest:
            data = services.channel_data(_conversation(subscription))
            return data.digest_since(day, previous, subscription.topic, keeps)

        with in_language(await services.language_of(subscription.channel, subscription.user)):
            digest = await asyncio.to_thread(read)
            if not subscription.user:
                return digest_message(digest), digest.state
            return subscribed_digest_message(digest, subscription, self._at), digest.state
