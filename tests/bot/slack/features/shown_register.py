"""A real register, with what corrects it, and one who looks at it in Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData
from store.audiences import Audience
from store.records import EVERYBODY
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import View, choose, opened_by, press, send_off
from tests.fake_slack.slack import FakeSlack

SUMMIT = "Summit of the Future"


class Register:
    """A real register, with what corrects it, and one who may look at it in Slack."""

    def __init__(self, slack: FakeSlack, library: RealLibrary, start: Start) -> None:
        self._slack, self._library, self._start = slack, library, start
        # Where what was corrected, or taken back, was shown.
        self.audiences: list[str] = []

    async def open(
        self, *users: str, text: bytes = REPORT, audience: Audience = EVERYBODY, **changes: Any
    ) -> None:
        await self.ingest(text, audience)
        await self._start(**{"channel_data": self._channel_data, "library_users": users} | changes)

    async def ingest(self, text: bytes, audience: Audience = EVERYBODY, name: str = "report.txt") -> None:
        """Ingest this as the report, or as another document."""
        paper = self._library.store.folder / name
        paper.parent.mkdir(parents=True, exist_ok=True)
        paper.write_bytes(text)
        await asyncio.to_thread(self._library.store.pipeline.ingest, [paper], audience=audience)

    def _channel_data(self, audience: Audience) -> ChannelData:
        data = self._library.channel_data(audience)

        def noted(change: Callable[..., RegisterEntry], *what: Any) -> RegisterEntry:
            self.audiences.append(audience)
            return change(*what)

        return replace(data, correct=partial(noted, data.correct), undo=partial(noted, data.undo))

    async def listed(self) -> Message:
        return await self._slack.response(await self._slack.command("dates"))

    async def reply(self, envelope: Envelope) -> Message:
        return await self._slack.response(envelope)

    async def details(self, title: str, user: str = "U1") -> Message:
        return await self.reply(await choose(self._slack, await self.listed(), title, user=user))

    async def form(self, title: str) -> tuple[View, str]:
        """Return the form of an entry, and the trigger id under which its reply arrives."""
        shown = await self.details(title)
        view, envelope = await opened_by(self._slack, press(self._slack, shown, "Correct"))
        return view, str(envelope.payload["trigger_id"])

    async def saved(self, chosen: str, /, **filled: Any) -> Message:
        """Submit the form of an entry, and return the reply."""
        view, trigger = await self.form(chosen)
        envelope = await send_off(self._slack, view, **filled)
        assert envelope.answer == {}
        await self._slack.until(lambda: bool(self._slack.responses[trigger]))
        return self._slack.responses[trigger][-1]

    @property
    def entries(self) -> dict[str, RegisterEntry]:
        return {entry.title: entry for entry in self._library.register(self._library.store.catalog)}
