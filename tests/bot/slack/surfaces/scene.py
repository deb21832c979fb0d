"""Somebody in a channel of the fake Slack, who uses one surface of the bot."""

from __future__ import annotations

from dataclasses import dataclass

from store.jobs import ExpertQuestionStore
from tests.bot.slack import windows
from tests.bot.slack.surfaces.knowing_assistant import KnowingAssistant
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import View, choose, press
from tests.fake_slack.people import direct_messages
from tests.fake_slack.slack import FakeSlack

# One that is answered at once.
QUESTION = "When is the summit?"


@dataclass(frozen=True)
class Scene:
    """Who uses a surface, and where."""

    slack: FakeSlack
    assistant: KnowingAssistant
    experts: ExpertQuestionStore
    user: str
    channel: str

    @property
    def direct(self) -> str:
        return direct_messages(self.user)

    async def answered(self, text: str = QUESTION) -> Message:
        """Mention the bot, and return the reply in the thread of the mention."""
        asked = await self.slack.mention(self.channel, text, user=self.user)
        return await self.slack.reply(self.channel, asked["ts"])

    async def typed(self, text: str) -> Message:
        """Type the command, and return the reply."""
        command = self.slack.command(text, channel=self.channel, user=self.user)
        return await self.slack.response(await command)

    async def choices(self) -> View:
        """Type the command alone, and return the window that it opens."""
        return await windows.choices(self.slack, self.channel, self.user)

    async def window(self, shown: View, label: str) -> View:
        """Press a button that opens a window, and return that."""
        return await windows.window(self.slack, shown, label, self.user)

    async def press(self, shown: Message | View, label: str) -> Message:
        """Press a button below a message, and return the reply that only this person sees."""
        return await self.slack.response(await press(self.slack, shown, label, **self._here(shown)))

    async def choose(self, shown: Message | View, words: str) -> Message:
        """Choose from a list below a message, and return the reply that only this person sees."""
        return await self.slack.response(await choose(self.slack, shown, words, **self._here(shown)))

    async def posted(self, channel: str, words: str) -> Message:
        """Wait for a message of the bot with these words in a channel."""

        def found() -> list[Message]:
            own = (
                message for message in self.slack.messages[channel] if message["user"] == self.slack.bot_user
            )
            return [message for message in own if words in str(message)]

        await self.slack.until(lambda: bool(found()))
        return found()[0]

    def _here(self, shown: Message | View) -> dict[str, str]:
        """Return who acts, and the channel of what only they see."""
        return {"user": self.user, "channel": self.slack.channel_of(shown) or self.channel}
