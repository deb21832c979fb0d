"""What people do with subscriptions: they begin, list and end them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot.register.subscriptions import known_dates, named_document, on_topic
from bot.slack.blocks import subscriptions as blocks
from bot.slack.blocks.elements import Message, plain_message
from bot.slack.command_parser import parse_subscription
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import Press
from bot.slack.schedule.digests import zone_of
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.posting import NO_ACCESS
from store.audiences import of_channel
from store.errors import NoStore
from store.jobs import Notice, SlackMessage, Subscription

# Subscriptions of one channel or person: each is compared with the register after an ingest.
_MOST_SUBSCRIPTIONS = 20
_TOO_MANY = plain_message(
    f"There are {_MOST_SUBSCRIPTIONS} subscriptions here already. Please end one of them first."
)
_NOT_A_MEMBER = plain_message(
    "I can only post where I am a member. Invite me to this channel, or subscribe in a direct message with me."
)


class SubscriptionHandler:
    """Begins, lists and ends subscriptions, by commands and buttons."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = services.options.schedule.subscriptions
        self._at = services.options.schedule.at

    async def subscribe(self, command: SlackMessage, text: str) -> Message:
        """Begin a subscription, as the words after "subscribe" say, and return the confirmation.

        Raises NotDone, StoreError.
        """
        direct = command.is_direct
        channel = await self._services.open_direct(command.user) if direct else command.channel
        if not direct and not await self._is_member(channel):
            return _NOT_A_MEMBER
        present = await self._present(command)
        wanted = parse_subscription(text)
        same = [one.topic for one in present if one.topic.casefold() == wanted.topic.casefold()]
        if len(present) >= _MOST_SUBSCRIPTIONS and not same:
            return _TOO_MANY
        wish = Subscription(
            # The same if a bot is killed and the next one does it again: the channel is told once.
            hashlib.sha256(command.key.encode()).hexdigest()[:16],
            command.team,
            channel,
            command.user,
            wanted.often,
            same[0] if same else wanted.topic,
            wanted.zone,
            self._services.options.schedule.clock().timestamp(),
            -1,
            {},
        )
        subscription, matching, document = await asyncio.to_thread(self._known, wish)
        zone = (await zone_of(subscription, self._services.zones)).key
        told = _notice(
            subscription, command.user, blocks.channel_subscribed_message(subscription, self._at, zone)
        )
        await asyncio.to_thread(self._store.add, subscription, told)
        return blocks.subscription_begun_message(subscription, self._at, zone, matching, document)

    async def unsubscribe(self, command: SlackMessage, text: str) -> Message:
        """End the subscription to a topic, or the only one; return the confirmation, or the list. Raises StoreError."""
        present = await self._present(command)
        topic = parse_subscription(text).topic
        if not topic and len(present) > 1 and all(one.topic for one in present):
            return self._list(present)
        chosen = [one for one in present if one.topic.casefold() == topic.casefold()]
        chosen = chosen or (present if not topic else [])
        if not chosen:
            return blocks.no_subscription_message(topic)
        return await self._end(chosen[0], command.user)

    async def listed(self, command: SlackMessage) -> Message:
        """Return the list of a conversation's subscriptions. Raises StoreError."""
        return self._list(await self._present(command))

    async def of_person(self, user: str) -> Message:
        """Return the list of a person's own subscriptions. Raises StoreError."""
        return self._list(await asyncio.to_thread(self._store.of_person, self._services.team, user))

    def _list(self, subscriptions: Sequence[Subscription]) -> Message:
        return blocks.subscription_list_message(subscriptions, self._at, self._services.options.command)

    async def end(self, press: Press) -> Message:
        """End the subscription whose id is the value, and return the confirmation. Raises StoreError."""
        subscription = await asyncio.to_thread(self._store.find, press.value)
        if subscription is None or not _may_end(press, subscription):
            return blocks.no_subscription_message("")
        return await self._end(subscription, press.user)

    async def _end(self, subscription: Subscription, user: str) -> Message:
        told = _notice(subscription, user, blocks.channel_unsubscribed_message(subscription, user))
        if await asyncio.to_thread(self._store.end, subscription, told):
            return blocks.subscription_ended_message(subscription)
        return blocks.no_subscription_message("")

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


def _may_end(press: Press, subscription: Subscription) -> bool:
    """Return whether it is the person's own or that of the conversation of the button."""
    own = subscription.user == press.user
    here = (subscription.team, subscription.channel) == (press.team, press.channel)
    return own or (here and not subscription.personal)


def _notice(subscription: Subscription, user: str, message: Message) -> Notice | None:
    """Return what a channel is told of a person; a person who subscribed alone is told nothing."""
    if subscription.personal:
        return None
    return Notice(subscription.team, subscription.channel, message.text, message.blocks, user)
