"""The app's own pages: the Home tab, published when it has changed, and a greeting where a conversation is opened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.changes import Changes
from bot.errors import UnknownDocument
from bot.slack.access.library_users import LibraryUsers
from bot.slack.access.people import SlackCache, is_called_public
from bot.slack.blocks.agent import GREETING, PROMPTS_TITLE, Prompt, prompts
from bot.slack.blocks.elements import Block, header, one_line
from bot.slack.blocks.home import Home, LibraryPart, home_message, home_view, is_same, page_of
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.replies import explanation
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.payloads import Press, opened_conversation
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.posting import Refused, Undelivered
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import SlackMessage
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

_WEEK_SECONDS = 7 * 24 * 3600.0


class HomeHandler:
    """Shows the app's own pages: the Home tab, and a greeting with suggested questions among the messages.

    Those who may correct the register keep the library. A person's own reminders and subscriptions are in the tab too.
    """

    def __init__(
        self, services: WorkspaceServices, reminders: ReminderHandler, subscriptions: SubscriptionHandler
    ) -> None:
        self._services = services
        self._reminders, self._subscriptions = reminders, subscriptions
        self._corrections = services.options.corrections
        self._library_users = LibraryUsers(
            self._corrections.users, services.clients.retrying, "keep the library"
        )
        # The last changes, by the versions of all documents.
        self._changes: tuple[frozenset[tuple[str, int, str]], Changes | None] | None = None
        # Whether a channel is public.
        self._public = SlackCache()

    async def opened(self, body: dict[str, Any]) -> None:
        """Start publishing the Home tab for whoever opens it, and greeting whoever opens a conversation."""
        event = body["event"]
        if event.get("tab") == "home":
            published = event.get("view") or {}
            self._start(event["user"], published, page_of(published))
        elif (opening := opened_conversation(body)) is not None:
            self._services.tasks.start(self._greet(opening))

    async def show_after(self, work: Callable[[Press], Awaitable[object]], press: Press) -> None:
        """Do what a press in the tab is for, then start publishing its page, headed by what went wrong."""
        failed: Sequence[Block] = ()
        try:
            await work(press)
        except Exception as error:
            failed = explanation(error, "a press in the Home tab").blocks
        self._start(press.user, {}, page_of(press.view), failed)

    def turn_page(self, press: Press) -> None:
        """Start publishing the page of documents that a button names."""
        self._start(press.user, {}, int(press.value))

    def _start(
        self, user: str, published: Mapping[str, Any], page: int, failed: Sequence[Block] = ()
    ) -> None:
        """Start publishing the tab, unless it is as it was `published`; {} if it never was."""
        self._services.tasks.start(self._publish(user, published, page, failed))

    async def _publish(
        self, user: str, published: Mapping[str, Any], page: int, failed: Sequence[Block]
    ) -> None:
        view = await self._view(user, page, failed)
        if is_same(view, published):
            return
        try:
            await self._services.clients.retrying.views_publish(user_id=user, view=view)
        except FAILURES as error:
            _LOG.warning("a Home tab was not published: %s", error_code(error))

    async def _view(self, user: str, page: int, failed: Sequence[Block]) -> dict[str, Any]:
        refusal = await self._services.admission.refusal(user)
        if refusal is not None:
            return home_message(one_line(refusal))
        try:
            home = await asyncio.to_thread(self._read, await self._library(user))
            own = await self._own_blocks(user)
            return home_view(replace(home, own=own, failed=failed), page)
        except Exception as error:
            return home_message(explanation(error, "the Home tab"))

    async def _own_blocks(self, user: str) -> list[Block]:
        """Return the lists of a person's reminders and subscriptions. Raises StoreError."""
        lists = await self._reminders.of_person(user), await self._subscriptions.of_person(user)
        return [header("Yours"), *(block for message in lists for block in message.blocks)]

    async def _library(self, user: str) -> LibraryPart | None:
        """Return what the people who keep the library see; None for anybody else."""
        if not await self._library_users.may(user):
            return None
        store = self._services.question_store
        corrections = await asyncio.to_thread(self._corrections.listed)
        unanswered = await asyncio.to_thread(store.unanswered, newer_than=_WEEK_SECONDS)
        votes = await asyncio.to_thread(store.feedback.all, _WEEK_SECONDS)
        # What was asked in private stays there, also from those who keep the library.
        channels = {one.message.channel for one in unanswered if not one.private}
        public = {one for one in channels if await self._is_public(one)}
        shown = [one.message.text for one in unanswered if not one.private and one.message.channel in public]
        good = sum(one.vote == "good" for one in votes)
        return LibraryPart(corrections, shown, len(unanswered) - len(shown), good, len(votes) - good)

    async def _is_public(self, channel: str) -> bool:
        try:
            return await self._public.get(
                channel, partial(is_called_public, self._services.clients.retrying, channel)
            )
        except FAILURES:
            return False  # If in doubt, it is private.

    def _read(self, library: LibraryPart | None) -> Home:
        """Return what everybody may see. Raises NoStore."""
        data = self._services.channel_data(EVERYBODY)
        today, documents = data.today(), data.documents()
        versions = frozenset((each.id, each.version, each.content_hash) for each in documents)
        if self._changes is None or self._changes[0] != versions:
            # In a large library it takes seconds to find them.
            try:
                self._changes = versions, data.changes(None) if documents else None
            except UnknownDocument:
                self._changes = versions, None
        return Home(today, data.register(today), documents, self._changes[1], library=library)

    async def _greet(self, opening: SlackMessage) -> None:
        """Greet where there was no greeting within a month, and set the suggested questions each time."""
        services, channel, thread = self._services, opening.channel, opening.thread
        if await services.admission.refusal(opening.user, channel) is not None:
            return
        try:
            suggested = await asyncio.to_thread(self._prompts, of_channel(opening.team, channel))
            if await services.is_new(f"greeting/{opening.team}/{channel}/{thread}"):
                await services.poster.post(opening, GREETING, "/greeting")
            # In the agent view, a call with a thread has no effect and no error
            # (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts).
            await services.clients.retrying.assistant_threads_setSuggestedPrompts(
                channel_id=channel, thread_ts=thread or None, title=PROMPTS_TITLE, prompts=suggested
            )
        except (StoreError, Refused, Undelivered) as error:
            _LOG.warning("the greeting was not posted: %s", error)
        except FAILURES as error:
            _LOG.info("no prompts are suggested: %s", error_code(error))

    def _prompts(self, audience: Audience) -> list[Prompt]:
        data = self._services.channel_data(audience)
        today = data.today()
        return prompts(data.register(today), data.documents(), today)
