"""Subscriptions of a channel or a person to the register: begun, listed, ended, and told at once when a date changes.

What a subscription knows is stored together with the notice about the difference (`SubscriptionStore.settle`), so of
several bots one sends it, and a bot that is killed loses none. `digests.py` has what comes by the clock.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.locales import N_, _, and_more, commas, in_language, ngettext, quoted
from bot.register.following import (
    MovedDate,
    changed_dates,
    gone_dates,
    known_dates,
    new_dates,
)
from bot.register.topics import named_document, on_topic
from bot.register.wording import entry_citer, stored_words, title
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.people import People
from bot.slack.core.receiving import Routes
from bot.slack.core.schedule import for_each
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.sending.posting import NO_ACCESS
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    header,
    one_line,
    plain_message,
    section,
)
from bot.slack.core.ui.mrkdwn import escape_short, mention
from bot.slack.core.words import CommandWord, ParsedCommand
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import KnownDates, Notice, Often, SlackMessage, Subscription, SubscriptionStore

SUBSCRIPTION_END = "subscription_end"

_TOPIC_CHARS = 100
_TITLE_CHARS = 110
_DATES_CHARS = 120
_CITED_CHARS = 60
_QUOTE_CHARS = 300
_ZONE_CHARS = 40
# Changed dates of an alert, and subscriptions below them: a message has 50 blocks and 13,000 characters.
_MOST_CHANGES = 15
_MOST_FOLLOWED = 3
_MOST_STATING = 3
_DOCUMENT_CHARS = 150
_MOST_LISTED = 40

# The most subscriptions of one channel or person: each is compared with the register after an ingest.
_MOST_SUBSCRIPTIONS = 20
_EVERYTHING = {"", "all", "everything", "all dates"}

_LOG = logging.getLogger(__name__)


def subscription_begun_message(
    subscription: Subscription, at: time, zone: str, matching: int, document: str | None
) -> Message:
    """Return the confirmation; `matching` entries are on the topic now, `document` is the one that it names."""
    text = _(
        "Subscribed: {subject}, {when}, and at once when a date changes.",
        subject=subject(subscription),
        when=_when(subscription, at, zone),
    )
    if document:
        topic, name = escape_short(subscription.topic, _TOPIC_CHARS), escape_short(document, _TITLE_CHARS)
        text += " " + _("“{topic}” is the document {title}.", topic=topic, title=name)
    elif subscription.topic and not matching:
        text += " " + _("No date matches these words yet; you get a digest as soon as one does.")
    elif subscription.topic:
        text += " " + ngettext(
            "{count} date matches these words now.", "{count} dates match these words now.", matching
        )
    return Message.of([section(text), actions(end_button(subscription))])


def channel_subscribed_message(subscription: Subscription, at: time, zone: str) -> Message:
    """Return the message for the channel that somebody subscribed."""
    text = _(
        "{person} subscribed this channel to {subject}: {when}, and at once when a date changes. "
        "Anybody here can end it.",
        person=mention(subscription.user),
        subject=subject(subscription),
        when=_when(subscription, at, zone),
    )
    return Message.of([section(text), actions(end_button(subscription))])


def subscription_ended_message(subscription: Subscription) -> Message:
    """Return the confirmation that a subscription ended."""
    return one_line(_("Ended: {subject}.", subject=subject(subscription)))


def channel_unsubscribed_message(subscription: Subscription, user: str) -> Message:
    """Return the message for the channel that somebody ended its subscription."""
    return one_line(
        _(
            "{person} ended the subscription of this channel to {subject}.",
            person=mention(user),
            subject=subject(subscription),
        )
    )


def no_subscription_message() -> Message:
    """Return the message for a subscription that there is not, or not any more."""
    return plain_message(_("There is no subscription here."))


def subscription_list_message(subscriptions: Sequence[Subscription], at: time, command: str) -> Message:
    """Return the subscriptions of a conversation, each with a button that ends it; `command` is that of the app."""
    example = escape_short(f"{command} subscribe weekly WSIS", _TOPIC_CHARS)
    how_to = _("Type `{example}` to get a digest here on Mondays, on a topic.", example=example)
    if not subscriptions:
        return one_line(how_to)
    return Message.of([*_lines(subscriptions, at), context(how_to)])


def _lines(subscriptions: Sequence[Subscription], at: time) -> list[Block]:
    """Return a line for each subscription, with a button that ends it; further ones are counted."""
    lines: list[Block] = []
    for each in subscriptions[:_MOST_LISTED]:
        what = commas([subject(each), _when(each, at, each.zone)])
        line = _("{heading}: {line}", heading=_("Digest"), line=what)
        lines.append({**section(line), "accessory": end_button(each)})
    return [*lines, *map(context, and_more(len(subscriptions) - _MOST_LISTED))]


def alert_message(
    changed: Sequence[MovedDate], gone: Sequence[KnownDates], followed: Sequence[Subscription]
) -> Message:
    """Return what changed: each event with its old and new dates and the paragraph; then those that are gone.

    `followed` are the subscriptions of the conversation that are about these dates.
    """
    cite = entry_citer([moved.entry for moved in changed])
    lines = [_changed(moved, cite(moved.entry)) for moved in changed] + [_gone(known) for known in gone]
    if gone or any(moved.before for moved in changed):
        heading = ngettext("A date changed", "{count} dates changed", len(lines))
    else:
        heading = ngettext("A new date", "{count} new dates", len(lines))
    blocks: list[Block] = [header(heading), *map(section, lines[:_MOST_CHANGES])]
    blocks += map(context, and_more(len(lines) - _MOST_CHANGES))
    if stating := list(dict.fromkeys(escape_short(m.entry.document, _DOCUMENT_CHARS) for m in changed)):
        named = commas([*stating[:_MOST_STATING], *and_more(len(stating) - _MOST_STATING)])
        blocks.append(context(_("Stated in {documents}.", documents=named)))
    for subscription in followed[:_MOST_FOLLOWED]:
        what = subject(subscription)
        line = (
            _("You follow {subject}.", subject=what)
            if subscription.personal
            else _("This channel follows {subject}.", subject=what)
        )
        blocks += [context(line), actions(end_button(subscription))]
    blocks += map(context, and_more(len(followed) - _MOST_FOLLOWED))
    return Message.of(blocks)


def _too_many() -> Message:
    return plain_message(
        ngettext(
            "There is {count} subscription here already. Please end it first.",
            "There are {count} subscriptions here already. Please end one of them first.",
            _MOST_SUBSCRIPTIONS,
        )
    )


def _not_a_member() -> Message:
    return plain_message(
        _(
            "I can only post where I am a member. Invite me to this channel, or subscribe in a direct message with me."
        )
    )


def _changed(moved: MovedDate, cited: str) -> str:
    name = escape_short(title(moved.entry), _TITLE_CHARS)
    before, after = (escape_short(words, _DATES_CHARS) for words in (moved.before, moved.after))
    if moved.before:
        line = _("*{title}*: {before} → {after}", title=name, before=before, after=after)
    else:
        line = _("*{title}*: new, {after}", title=name, after=after)
    line += f"  [{escape_short(cited, _CITED_CHARS)}]"
    quote = escape_short(moved.entry.quote, _QUOTE_CHARS)
    return f"{line}\n{quoted(quote)}" if quote.strip() else line


def _gone(known: KnownDates) -> str:
    return _(
        "*{title}*: no longer among the dates in my documents; it was {before}.",
        title=escape_short(known.title, _TITLE_CHARS),
        before=escape_short(stored_words(known.dates), _DATES_CHARS),
    )


def subject(subscription: Subscription) -> str:
    """Return what a subscription is about, as mrkdwn."""
    topic = subscription.topic
    return _("dates on “{topic}”", topic=escape_short(topic, _TOPIC_CHARS)) if topic else _("all dates")


def _when(subscription: Subscription, at: time, zone: str) -> str:
    hour = f"{at:%H:%M}"
    when = (
        _("every weekday at {time}", time=hour)
        if subscription.often == "daily"
        else _("every Monday at {time}", time=hour)
    )
    return f"{when} ({escape_short(zone, _ZONE_CHARS)})" if zone else when


def end_button(subscription: Subscription) -> Block:
    """Return the button that ends a subscription."""
    return button(_("Unsubscribe"), SUBSCRIPTION_END, subscription.id)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A subscription as it was and as it is now, with the dates that changed and those that are gone, by chain."""

    before: Subscription
    after: Subscription
    changed: Mapping[str, MovedDate]
    gone: Mapping[str, KnownDates]


def _conversation(subscription: Subscription) -> Audience:
    return of_channel(subscription.team, subscription.channel)


def _may_end(press: Press, subscription: Subscription) -> bool:
    """Whether the subscription is the person's own, or of the channel with the button."""
    own = subscription.user == press.user
    here = (subscription.team, subscription.channel) == (press.team, press.channel)
    return own or (here and not subscription.personal)


def _notice(subscription: Subscription, user: str, message: Message) -> Notice | None:
    """Return the notice to a channel that `user` began or ended its subscription; None in a direct message."""
    if subscription.personal:
        return None
    return Notice(subscription.team, subscription.channel, message.text, message.blocks, user)


@dataclass(frozen=True, slots=True)
class ParsedSubscription:
    """How often and about what; `zone` is the name of a time zone, "" for none."""

    often: Often
    topic: str
    zone: str


def parse_subscription(text: str) -> ParsedSubscription:
    """Return what the words after "subscribe" ask for: "weekly WSIS Forum Europe/Paris"."""
    words = text.split()
    often: Often = "daily"
    if words and words[0].casefold() in ("daily", "weekly"):
        often = "weekly" if words.pop(0).casefold() == "weekly" else "daily"
    zone = _zone(words[-1]) if words else ""
    if zone:
        words.pop()
    while words and words[-1].casefold() in ("in", "at"):
        words.pop()
    while words and words[0].casefold() in ("to", "on", "about", "for"):
        words.pop(0)
    topic = " ".join(words).strip("\"'“”«»")[:_TOPIC_CHARS].strip()
    return ParsedSubscription(often, "" if topic.casefold() in _EVERYTHING else topic, zone)


def _zone(word: str) -> str:
    """Return the name of a time zone, "" for another word."""
    if "/" not in word and word != "UTC":
        return ""
    try:
        return ZoneInfo(word).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


async def zone_of(subscription: Subscription, people: People) -> ZoneInfo:
    """Return the time zone of a subscription: its own, that of its person, or that of the settings."""
    if subscription.zone:
        return ZoneInfo(subscription.zone)
    return await people.zone(subscription.user) if subscription.personal else people.default_zone


class Subscriptions(Feature):
    """Begins, lists and ends subscriptions, by commands and buttons, and tells them what changed."""

    words = (
        CommandWord(
            "subscribe",
            "change",
            N_("digests of this conversation; `subscribe daily`, `subscribe weekly WSIS Europe/Paris`"),
            "text",
        ),
    )

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = SubscriptionStore.beside(services.question_store)
        self._at = services.options.settings.digest_time

    def add_routes(self, routes: Routes) -> None:
        """Route the button that ends one."""
        routes.press_stored(SUBSCRIPTION_END, self.end)

    async def carry_out(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Begin a subscription, or list those of the conversation."""
        if request.text:
            return await self.subscribe(message, request.text)
        command = self._services.options.settings.command
        return subscription_list_message(await self._present(message), self._at, command)

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return a person's own subscriptions, each with a button that ends it."""
        return _lines(await asyncio.to_thread(self._store.of_person, self._services.team, user), self._at)

    async def subscribe(self, command: SlackMessage, text: str) -> Message:
        """Begin a subscription, as the words after "subscribe" say, and return the confirmation.

        Raises NotDone, StoreError.
        """
        direct = command.is_direct
        channel = await self._services.open_direct(command.user) if direct else command.channel
        if not direct and not await self._is_member(channel):
            return _not_a_member()
        present = await self._present(command)
        wanted = parse_subscription(text)
        topics = [subscription.topic for subscription in present]
        same = [topic for topic in topics if topic.casefold() == wanted.topic.casefold()]
        if len(present) >= _MOST_SUBSCRIPTIONS and not same:
            return _too_many()
        wish = Subscription(
            # The same if a bot is killed and the next one does it again: the channel is told once.
            id=hashlib.sha256(command.key.encode()).hexdigest()[:16],
            team=command.team,
            channel=channel,
            user=command.user,
            often=wanted.often,
            topic=same[0] if same else wanted.topic,
            zone=wanted.zone,
            made_at=self._services.options.clock().timestamp(),
            seen=-1,
            knew={},
        )
        subscription, matching, document = await asyncio.to_thread(self._known, wish)
        zone = (await zone_of(subscription, self._services.people)).key
        with in_language(await self._services.language_of(channel, command.user)):
            to_channel = channel_subscribed_message(subscription, self._at, zone)
        notice = _notice(subscription, command.user, to_channel)
        await asyncio.to_thread(self._store.add, subscription, notice)
        return subscription_begun_message(subscription, self._at, zone, matching, document)

    async def end(self, press: Press) -> Message:
        """End the subscription whose id is the value, and return the confirmation. Raises StoreError."""
        subscription = await asyncio.to_thread(self._store.find, press.value)
        if subscription is None or not _may_end(press, subscription):
            return no_subscription_message()
        return await self._end(subscription, press.user)

    async def _end(self, subscription: Subscription, user: str) -> Message:
        with in_language(await self._services.language_of(subscription.channel, user)):
            notice = _notice(subscription, user, channel_unsubscribed_message(subscription, user))
        if await asyncio.to_thread(self._store.end, subscription, notice):
            return subscription_ended_message(subscription)
        return no_subscription_message()

    async def _present(self, command: SlackMessage) -> list[Subscription]:
        """Return the subscriptions of a channel, or in any direct message those of the person."""
        if command.is_direct:
            return await asyncio.to_thread(self._store.of_person, command.team, command.user)
        return await asyncio.to_thread(self._store.of_channel, command.team, command.channel)

    async def _is_member(self, channel: str) -> bool:
        try:
            response = await self._services.clients.retrying.conversations_info(channel=channel)
        except FAILURES as error:
            # In doubt the notice to the channel is refused, and that is logged.
            return error_code(error) not in NO_ACCESS
        return bool((response.get("channel") or {}).get("is_member", True))

    def _known(self, wish: Subscription) -> tuple[Subscription, int, str | None]:
        """Return a subscription that knows the dates of now, how many entries it is about, and its document's title."""
        data = self._services.channel_data(of_channel(wish.team, wish.channel))
        today = data.today()
        try:
            register, documents = data.register(today), data.documents()
        except NoStore:
            return wish, 0, None
        entries = on_topic(register, documents, wish.topic)
        seen = register[0].generation if register else -1
        document = named_document(wish.topic, documents)
        known = replace(wish, seen=seen, knew=known_dates(entries, today))
        return known, len(entries), document.title or document.source if document else None

    async def review(self, _now: datetime) -> None:
        """Store alerts on what changed, which `Notices` posts. Raises StoreError."""
        subscriptions = sorted(await asyncio.to_thread(self._store.all), key=_conversation)
        groups = [list(group) for _, group in groupby(subscriptions, key=_conversation)]
        await for_each(self._alert, groups, "the review of a conversation's subscriptions")

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
            if not await self._services.admission.may_receive(first.channel, first.user):
                return
            by_date = sorted(changed.values(), key=lambda moved: moved.entry.start or date.max)
            followed = [comparison.before for comparison in compared if comparison.changed or comparison.gone]
            with in_language(language):
                message = alert_message(by_date, list(gone.values()), followed)
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
            changed = {
                moved.entry.chain_id: moved for moved in changed_dates(entries, known.knew, after.knew, today)
            }
            if known.seen >= 0:
                new = new_dates(entries, documents, known.knew, after.knew, today)
                changed |= {moved.entry.chain_id: moved for moved in new}
            compared.append(_Compared(known, after, changed, gone_dates(register, known.knew, today)))
        return compared
