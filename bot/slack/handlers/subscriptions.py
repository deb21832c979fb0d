"""Begins, lists and ends subscriptions of channels and people."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.register.subscriptions import known_dates, named_document, on_topic
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import TimeZones
from bot.slack.blocks import subscriptions as blocks
from bot.slack.blocks.elements import Message, notice
from bot.slack.handlers.command_parser import parse_subscription
from bot.slack.handlers.interactions import Interactions, open_direct
from bot.slack.handlers.presses import Press
from bot.slack.options import ScheduleOptions
from bot.slack.schedule.digests import zone_of
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.posting import NO_ACCESS
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import Notice, SlackMessage, Subscription

# Subscriptions of one channel or person: each is compared with the register after an ingest.
_MOST = 20
_TOO_MANY = notice(f"There are {_MOST} subscriptions here already. Please end one of them first.")
_NOT_A_MEMBER = notice(
    "I can only post where I am a member. Invite me to this channel, or subscribe in a direct message with me."
)


class SubscriptionHandler:
    """Handles what people do with subscriptions. `channel_data` may block."""

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        interactions: Interactions,
        client: AsyncWebClient,
        zones: TimeZones,
        options: ScheduleOptions,
    ) -> None:
        self._store = options.subscriptions
        self._channel_data = channel_data
        self._interactions = interactions
        self._client = client
        self._zones = zones
        self._at = options.at
        self._clock = options.clock

    async def subscribe(self, command: SlackMessage, text: str) -> Message:
        """Begin a subscription, as the words after "subscribe" say, and return the confirmation. Raises StoreError."""
        direct = _is_direct(command)
        channel = await open_direct(self._client, command.user) if direct else command.channel
        if isinstance(channel, Message):
            return channel
        if not direct and not await self._is_member(channel):
            return _NOT_A_MEMBER
        present = await self._present(command)
        wanted = parse_subscription(text)
        same = [one.topic for one in present if one.topic.casefold() == wanted.topic.casefold()]
        if len(present) >= _MOST and not same:
            return _TOO_MANY
        made = Subscription(
            # The same if a bot is killed and the next one does it again: the channel is told once.
            hashlib.sha256(command.key.encode()).hexdigest()[:16],
            command.team,
            channel,
            command.user,
            wanted.often,
            same[0] if same else wanted.topic,
            wanted.zone,
            self._clock().timestamp(),
            -1,
            {},
        )
        subscription, matching, document = await asyncio.to_thread(self._known, made)
        zone = (await zone_of(subscription, self._zones)).key
        told = None
        if not subscription.personal:
            told = _notice(subscription, command.user, blocks.announcement(subscription, self._at, zone))
        await asyncio.to_thread(self._store.add, subscription, told)
        return blocks.begun(subscription, self._at, zone, matching, document)

    async def unsubscribe(self, command: SlackMessage, text: str) -> Message:
        """End the subscription to a topic, or the only one; return the confirmation, or the list. Raises StoreError."""
        present = await self._present(command)
        topic = parse_subscription(text).topic
        if not topic and len(present) > 1 and all(one.topic for one in present):
            return blocks.subscription_list(present, self._at)
        chosen = [one for one in present if one.topic.casefold() == topic.casefold()]
        chosen = chosen or (present if not topic else [])
        if not chosen:
            return blocks.none_to_end(topic)
        return await self._end(chosen[0], command.user)

    async def listed(self, command: SlackMessage) -> Message:
        """Return the list of a conversation's subscriptions. Raises StoreError."""
        return blocks.subscription_list(await self._present(command), self._at)

    async def end(self, press: Press) -> None:
        """End the subscription whose id is the value, then start the reply."""
        await self._interactions.store(press, partial(self.remove, press))

    async def remove(self, press: Press) -> Message:
        """End the subscription whose id is the value, and return the confirmation. Raises StoreError."""
        subscription = await asyncio.to_thread(self._store.find, press.value)
        if subscription is None or not _may_end(press, subscription):
            return blocks.none_to_end("")
        return await self._end(subscription, press.user)

    async def _end(self, subscription: Subscription, user: str) -> Message:
        told = (
            None if subscription.personal else _notice(subscription, user, blocks.ending(subscription, user))
        )
        if await asyncio.to_thread(self._store.end, subscription, told):
            return blocks.ended(subscription)
        return blocks.none_to_end("")

    async def _present(self, command: SlackMessage) -> list[Subscription]:
        """Return the subscriptions of a channel, or in any direct message those of the person."""
        if _is_direct(command):
            return await asyncio.to_thread(self._store.of_person, command.team, command.user)
        return await asyncio.to_thread(self._store.of_channel, command.team, command.channel)

    async def _is_member(self, channel: str) -> bool:
        try:
            response = await self._client.conversations_info(channel=channel)
        except FAILURES as error:
            # In doubt the notice to the channel is refused, and that is logged.
            return error_code(error) not in NO_ACCESS
        return bool((response.get("channel") or {}).get("is_member", True))

    def _known(self, made: Subscription) -> tuple[Subscription, int, str | None]:
        """Return a subscription that knows the dates of now, how many entries it is about, and its document's title."""
        data = self._channel_data(of_channel(made.team, made.channel))
        today = data.today()
        try:
            register, documents = data.register(today), data.documents()
        except NoStore:
            return made, 0, None
        entries = on_topic(register, documents, made.topic)
        seen = register[0].generation if register else -1
        document = named_document(made.topic, documents)
        known = replace(made, seen=seen, knew=known_dates(entries, today))
        return known, len(entries), document.title or document.source if document else None


def _may_end(press: Press, subscription: Subscription) -> bool:
    """Return whether it is the person's own or that of the conversation of the button."""
    own = subscription.user == press.user
    here = (subscription.team, subscription.channel) == (press.team, press.channel)
    return own or (here and not subscription.personal)


def _is_direct(command: SlackMessage) -> bool:
    return command.channel.startswith("D")


def _notice(subscription: Subscription, user: str, message: Message) -> Notice:
    """Return what a channel is told of a person."""
    return Notice(subscription.team, subscription.channel, message.text, message.blocks, user)
