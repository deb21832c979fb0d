"""Subscriptions as messages: begun, ended, listed; and what they bring, digests and alerts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from bot.plural import and_more
from bot.register.digest import Digest, MovedDate
from bot.register.entry_text import entry_citer
from bot.slack.blocks.elements import (
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
from bot.slack.blocks.mrkdwn import escape_short
from bot.slack.blocks.register import digest_message
from bot.slack.blocks.reminders import EVENT_GONE
from store.jobs import KnownDates, Subscription

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
_MOST_LISTED = 40


def subscription_begun_message(
    subscription: Subscription, at: time, zone: str, matching: int, document: str | None
) -> Message:
    """Return the confirmation; `matching` entries are on the topic now, `document` is the one that it names."""
    text = f"Subscribed: {_what(subscription)}, {_when(subscription, at, zone)}, and at once when a date changes."
    if document:
        topic, title = escape_short(subscription.topic, _TOPIC_CHARS), escape_short(document, _TITLE_CHARS)
        text += f" “{topic}” is the document {title}."
    elif subscription.topic and not matching:
        text += " No date matches these words yet; you get a digest as soon as one does."
    elif subscription.topic:
        text += f" {matching} {'date matches' if matching == 1 else 'dates match'} these words now."
    return Message.of([section(text), actions(_end(subscription))])


def channel_subscribed_message(subscription: Subscription, at: time, zone: str) -> Message:
    """Return the message for the channel that somebody subscribed."""
    text = (
        f"<@{subscription.user}> subscribed this channel to {_what(subscription)}: "
        f"{_when(subscription, at, zone)}, and at once when a date changes. Anybody here can end it."
    )
    return Message.of([section(text), actions(_end(subscription))])


def subscription_ended_message(subscription: Subscription) -> Message:
    """Return the confirmation that a subscription ended."""
    return one_line(f"Ended: {_what(subscription)}.")


def channel_unsubscribed_message(subscription: Subscription, user: str) -> Message:
    """Return the message for the channel that somebody ended its subscription."""
    return one_line(f"<@{user}> ended the subscription of this channel to {_what(subscription)}.")


def no_subscription_message(topic: str) -> Message:
    """Return the message for a subscription that there is not, or not any more."""
    return plain_message(
        f"There is no subscription to “{topic}” here." if topic else "There is no subscription here."
    )


def undelivered_digest_message(subscription: Subscription, code: str) -> Message:
    """Return the message for the person who subscribed a channel whose digest Slack refuses; `code` is its reason."""
    why, way_out = f"Slack says {escape_short(code, _ZONE_CHARS)}", "Tell whoever runs me"
    if code in ("not_in_channel", "channel_not_found"):
        why, way_out = "I am not a member of that channel", "Invite me there (`/invite`)"
    text = (
        f"I cannot post the digest of {_what(subscription)} in <#{subscription.channel}>, as {why}. "
        f"{way_out}, or end the subscription."
    )
    return Message.of([section(text), actions(_end(subscription))])


def subscription_list_message(subscriptions: Sequence[Subscription], at: time, command: str) -> Message:
    """Return the subscriptions of a conversation, each with a button that ends it; `command` is that of the app."""
    if not subscriptions:
        example = escape_short(f"{command} subscribe weekly WSIS", _TOPIC_CHARS)
        return one_line(f"There is no subscription here. Type `{example}` to begin one.")
    blocks: list[Block] = [header("Subscriptions")]
    for one in subscriptions[:_MOST_LISTED]:
        line = f"{_what(one)}, {_when(one, at, one.zone)}"
        blocks.append({**section(line), "accessory": _end(one)})
    blocks += map(context, and_more(len(subscriptions) - _MOST_LISTED))
    return Message.of(blocks)


def subscribed_digest_message(digest: Digest, subscription: Subscription) -> Message | None:
    """Return the digest for a subscription; None on a day on which nothing is worth a message.

    Worth one are dates of today and this week, and what changed. A weekly digest always comes: in a quiet week it is
    one line, so that its readers know that it still does.
    """
    if not (digest.today or digest.this_week or digest.moved or digest.ingested):
        if subscription.often == "daily":
            return None
        if digest.quiet:
            text = f"The weekly digest of {_what(subscription)}: {escape_short(digest.headline, _TITLE_CHARS * 2)}"
            return Message.of([section(text), actions(_end(subscription))])
    topic = f" on “{escape_short(subscription.topic, _TOPIC_CHARS)}”" if subscription.topic else ""
    foot = context(f"The {subscription.often} digest{topic}.")
    return Message.of([*digest_message(digest).blocks, foot, actions(_end(subscription))])


def alert_message(
    changed: Sequence[MovedDate], gone: Sequence[KnownDates], followed: Sequence[Subscription]
) -> Message:
    """Return what changed: each event with its old and new dates and the paragraph; then those that are gone.

    `followed` are the subscriptions of the conversation that are about these dates.
    """
    cite = entry_citer([one.entry for one in changed])
    lines = [_changed(one, cite(one.entry)) for one in changed] + [_gone(one) for one in gone]
    title = "A date changed" if len(lines) == 1 else f"{len(lines)} dates changed"
    blocks: list[Block] = [header(title), *map(section, lines[:_MOST_CHANGES])]
    blocks += map(context, and_more(len(lines) - _MOST_CHANGES))
    for one in followed[:_MOST_FOLLOWED]:
        reader = "You follow" if one.personal else "This channel follows"
        blocks += [context(f"{reader} {_what(one)}."), actions(_end(one))]
    blocks += map(context, and_more(len(followed) - _MOST_FOLLOWED))
    return Message.of(blocks)


def _changed(moved: MovedDate, cited: str) -> str:
    before, after = escape_short(moved.before, _DATES_CHARS), escape_short(moved.after, _DATES_CHARS)
    title, quote = (
        escape_short(moved.entry.title, _TITLE_CHARS),
        escape_short(moved.entry.quote, _QUOTE_CHARS),
    )
    line = f"*{title}*: {before} → {after}  [{escape_short(cited, _CITED_CHARS)}]"
    return f"{line}\n“{quote}”" if quote.strip() else line


def _gone(known: KnownDates) -> str:
    title, dates = escape_short(known.title, _TITLE_CHARS), escape_short(known.dates, _DATES_CHARS)
    return f"*{title}*: {EVENT_GONE}; it was {dates}."


def _what(subscription: Subscription) -> str:
    topic = subscription.topic
    return f"dates on “{escape_short(topic, _TOPIC_CHARS)}”" if topic else "all dates"


def _when(subscription: Subscription, at: time, zone: str) -> str:
    days = "every weekday" if subscription.often == "daily" else "every Monday"
    where = f" ({escape_short(zone, _ZONE_CHARS)})" if zone else ""
    return f"{days} at {at:%H:%M}{where}"


def _end(subscription: Subscription) -> Block:
    return button("Unsubscribe", SUBSCRIPTION_END, subscription.id)
