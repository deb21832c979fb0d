"""What people do in the fake Slack: they write, mention the bot, and open and stop conversations with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fake_slack.channels import Channels, Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import Forms


def direct_messages(user: str) -> str:
    """Return the channel of the direct messages with somebody."""
    return user.replace("U", "D", 1)


def _viewed(channel: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/events/app_context_changed"""
    return {"entities": [{"type": "slack#/types/channel_id", "value": channel}]} if channel else {}


class People:
    """A part of FakeSlack, which delivers what they do."""

    bot_user: str
    channels: Channels
    forms: Forms
    messages: dict[str, list[Message]]
    deliver: Callable[..., Any]
    _now: Callable[[], str]

    def say(self, channel: str, text: str, *, user: str = "U1", thread: str = "", **more: Any) -> Message:
        """Put a message into a channel without telling the bot."""
        message = {"type": "message", "user": user, "text": text, "ts": self._now(), **more}
        if thread:
            message["thread_ts"] = thread
        self.messages[channel].append(message)
        return message

    async def mention(
        self, channel: str, text: str, *, thread: str = "", user: str = "U1", **more: Any
    ) -> Message:
        """Have somebody mention the bot in a channel."""
        message = self.say(channel, f"<@{self.bot_user}> {text}", user=user, thread=thread, **more)
        await self.deliver({**message, "type": "app_mention", "channel": channel})
        return message

    async def direct(self, text: str, *, thread: str = "", user: str = "U1", **more: Any) -> Message:
        """Have somebody write to the bot directly: U1 in channel D1."""
        channel = direct_messages(user)
        message = self.say(channel, text, user=user, thread=thread, **more)
        await self.deliver({**message, "channel": channel, "channel_type": "im"})
        return message

    async def reply_in_thread(self, channel: str, text: str, thread: str, *, user: str = "U1") -> Message:
        """Have somebody write in a thread without a mention."""
        message = self.say(channel, text, user=user, thread=thread)
        await self.deliver({**message, "channel": channel, "channel_type": "channel"})
        return message

    async def open_tab(self, tab: str, *, user: str = "U1", beside: str = "") -> Envelope:
        """Have somebody open the tab "home" or "messages" of the app, `beside` a channel."""
        event = {"type": "app_home_opened", "user": user, "channel": direct_messages(user), "tab": tab}
        view = {"view": self.forms.homes[user]} if tab == "home" and user in self.forms.homes else {}
        context = {"context": _viewed(beside)} if beside else {}
        envelope: Envelope = await self.deliver({**event, **view, **context, "event_ts": self._now()})
        return envelope

    async def open_messages(self, *, user: str = "U1", beside: str = "") -> Envelope:
        """Have somebody open the direct messages with the bot in Slack's agent view, `beside` a channel."""
        return await self.open_tab("messages", user=user, beside=beside)

    async def press_stop(self, channel: str, thread: str, *, user: str = "U1") -> Envelope:
        """Have somebody press the stop button of a thread; its streams end."""
        streaming = [
            message["ts"]
            for message in self.messages[channel]
            if message.get("thread_ts") == thread and message["ts"] in self.channels.streaming
        ]
        self.channels.streaming -= set(streaming)
        event = {"type": "agent_session_stopped", "channel": channel, "thread_ts": thread, "user": user}
        envelope: Envelope = await self.deliver(
            {**event, "streaming_message_ts": streaming, "event_ts": self._now()}
        )
        return envelope
