"""What was said before a question: the bot's own record, and what others wrote in the thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.question import Turn
from bot.slack.blocks.mrkdwn import plain
from bot.slack.sending.clients import FAILURES
from store.jobs import ConversationMessage, QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# A follow-up leans on what was just said; what is further back only misleads.
_TURNS = 20
_PAGE, _PAGES = 200, 5
# Seconds. A direct message opens no thread that would end; after a working day it is a new conversation.
_SITTING = 8 * 3600.0
# Seconds. Slack may allow a distributed app one look a minute; a follow-up does not wait for that.
_PATIENCE = 3.0


class Conversations:
    """Reads the turns before a question; `client` must not retry, so that a refusal costs no time."""

    def __init__(self, state: QuestionStore, client: AsyncWebClient, bot_user: str) -> None:
        self._state = state
        self._client = client
        self._bot_user = bot_user

    async def before(self, asked: SlackMessage) -> list[Turn]:
        """Return the turns before `asked`, oldest first. What Slack does not give is left out."""
        said = await asyncio.to_thread(self._state.conversation, asked)
        if not asked.thread:
            said = [turn for turn in said if float(asked.ts) - float(turn.ts) < _SITTING]
        in_thread = asked.thread and asked.thread != asked.ts
        messages = await self._thread(asked) if in_thread else []
        return merge(said, messages, before=asked.ts, bot_user=self._bot_user)

    async def _thread(self, asked: SlackMessage) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        try:
            async with asyncio.timeout(_PATIENCE):
                cursor: str | None = None
                for _ in range(_PAGES):
                    page = await self._client.conversations_replies(
                        channel=asked.channel, ts=asked.thread, latest=asked.ts, limit=_PAGE, cursor=cursor
                    )
                    found += page.get("messages") or []
                    cursor = (page.get("response_metadata") or {}).get("next_cursor")
                    if not cursor:
                        break
        except FAILURES as error:
            _LOG.warning("the thread %s could not be read (%s); using own turns", asked.thread, error)
        return found


def merge(
    said: Iterable[ConversationMessage], messages: Iterable[Mapping[str, Any]], *, before: str, bot_user: str
) -> list[Turn]:
    """Return the latest turns of a conversation by time: own record first, Slack's messages for the rest.

    A message that is in the record already, that a bot or a later hand wrote, or that says nothing is
    left out. The bot's own messages count only where the record has no turn of its own at all.
    """
    known = {turn.ts: Turn(turn.speaker, turn.text) for turn in said if turn.text}
    remembers = any(turn.speaker == "assistant" for turn in known.values())
    turns = dict(known)
    for message in messages:
        ts = message.get("ts", "")
        text = plain(message.get("text") or "", without=bot_user)
        own = message.get("user") == bot_user
        if not text or ts >= before or ts in turns or (own and remembers):
            continue
        if own:
            turns[ts] = Turn("assistant", text)
        elif not message.get("bot_id") and message.get("subtype") in (None, "thread_broadcast"):
            turns[ts] = Turn("user", text)
    return [turns[ts] for ts in sorted(turns)][-_TURNS:]
