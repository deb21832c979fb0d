"""Replies shared with their channel: each once, also after a crash, and only in the channel that they were for.

An answer or a brief is posted as its asker saw it, the reply to a command as it is now for the channel. A command that
changes what is stored is a share too: it tells the channel, and is done once though the bot is killed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.locales import _, in_language, use_language
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import explanation
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import acted_at, id_of, installed_team
from bot.slack.core.receiving import Routes, claim_and_start
from bot.slack.core.sending.clients import FAILURES, error_code, is_about_content, is_undone
from bot.slack.core.sending.posting import Refused, Undelivered, messages_since, refused_post, send_file
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import File, Message, one_line, plain_message, with_plain_tables
from bot.slack.core.ui.messages import (
    SEND_REPORT,
    SHARE_REPLY,
    message_below,
    quoted,
    reply_gone,
    with_question,
)
from bot.slack.core.ui.mrkdwn import channel_link, mention
from bot.slack.core.words import parse_command
from bot.telemetry import request_id
from store.audiences import of_channel
from store.errors import StoreUnavailable
from store.jobs import BriefStore, Job, LeaseLost, RetryLater, Share, ShareStore, SlackMessage

_LOG = logging.getLogger(__name__)

# The suffix of a shared reply's key.
_KEY_SUFFIX = "/shared"
# Slack's clock may be so much behind the database's.
_SKEW_SECONDS = 60.0


class _GivenUp(Exception):
    """Two processes ended while they shared this."""


def already_shared() -> Message:
    """Return the message that a reply was shared before."""
    return plain_message(_("This is shared already."))


def shared_reply_message(message: Message, channel: str, user: str, asked: str) -> Message:
    """Return a reply for a channel, with what was asked and, where others read it, the id of who shares it."""
    if channel.startswith("D"):
        return with_question(message, asked)
    return message_below(sharer_line(user, asked), message)


def sharer_line(user: str, asked: str) -> str:
    """Return who shares a reply, and what they asked, as mrkdwn."""
    person = mention(user)
    return _("{person} shares this answer to {question}", person=person, question=quoted(asked))


def share_of_button(body: Mapping[str, Any]) -> Share:
    """Return the reply to be shared with the channel in which somebody presses the button below it."""
    what, name, *command = str(body["actions"][0]["value"]).split(" ", 2)
    # The key of a question, or the time of a command.
    team, _, ts = name.split("/") if what == "answer" else (installed_team(body), "", name)
    message = SlackMessage(team, id_of(body, "channel"), ts, "", id_of(body, "user"), "".join(command))
    return Share(message, str(body.get("response_url") or ""))


def command_for(body: Mapping[str, Any], command: str) -> Share:
    """Return the reply to a command, for direct messages with the person who chooses it outside channels."""
    user = id_of(body, "user")
    return Share(SlackMessage(installed_team(body), user, acted_at(body), "", user, command), "")


class Shares(Feature):
    """Claims shares, and posts each in its channel."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = ShareStore.beside(services.question_store)
        self._briefs = BriefStore.beside(services.question_store)
        self.runner = services.runner
        self.runner.do(self._store, self._handle_job)

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons that share a reply, and those that send a report as a direct message."""
        routes.action(re.compile(f"^{SEND_REPORT}_"), self.send_report, cost=QUESTION_COST)
        routes.action(SHARE_REPLY, self.share_reply, cost=QUESTION_COST)

    async def start(self, share: Share, event_id: str, ack: Callable[[], Awaitable[object]]) -> None:
        """Claim a share, acknowledge the request `event_id`, and start sharing."""
        await claim_and_start(self._claim(share, event_id), self.runner.submit, ack)

    async def share_reply(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Share a reply that only the user sees with its channel."""
        share = share_of_button(body)
        if not await claim_and_start(self._claim(share), self.runner.submit, ack):
            await self._tell(share, already_shared())

    async def send_report(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Send the list or the file of a button as a direct message."""
        [action] = body["actions"]
        share = command_for(body, f"{self._services.options.settings.command} {action['value']}")
        await claim_and_start(self._claim(share), self.runner.submit, ack)

    async def _claim(self, share: Share, event_id: str = "") -> Job[Share] | None:
        """Claim a share; None if it is claimed already. Raises StoreError."""
        return await self.runner.call(self._store.claim, share, self.runner.holder, event_id)

    async def _handle_job(self, job: Job[Share]) -> None:
        """Share a claimed reply, under its request id. Raises Undelivered, LeaseLost."""
        request_id.bind_key(job.lease.key)
        share, done = job.work, False
        # What is not for the channel is told to the person alone.
        use_language(await self._services.people.language(share.message.user))
        try:
            if job.exhausted:
                raise _GivenUp
            outcome, done = await self._share(job), True
        except (LeaseLost, RetryLater, StoreUnavailable):
            raise
        except Refused as refused:
            _LOG.warning("Slack refuses the share: %s", refused.code)
            outcome = refused_post(refused)
        except Exception as error:
            outcome = explanation(error, "the share")
        if not done:
            # Before the user reads that the same button may be pressed again, as after the bot is invited.
            await self.runner.withdraw(job.lease)
        if share.response_url or not done:
            await self._tell(share, outcome)
        if done:
            # Last: nothing that comes after the end of a job is certain to be done.
            await self.runner.call(self._store.mark_done, job.lease)

    async def _tell(self, share: Share, outcome: Message) -> None:
        await reply_privately(
            self._services.clients, Recipient.of(share.message, share.response_url), outcome
        )

    async def _share(self, job: Job[Share]) -> Message:
        """Post a reply; return the reply to the user. Raises NotDone, Refused, Undelivered, LeaseLost."""
        message = job.work.message
        if message.channel == message.user:
            message = replace(message, channel=await self._services.poster.open_direct(message.user))
        language = await self._services.language_of(message.channel, message.user)
        if message.text:
            command, typed = message.text.partition(" ")[::2]
            request = parse_command(typed, self._services.words)
            feature, word = self._services.feature_of(request)
            if word.kind == "change":
                return await feature.carry_out(message, request)
            audience = of_channel(message.team, message.channel)
            with in_language(language):
                reply = await self._services.report(audience, request, command)
            asked = message.text
        else:
            found = await self.runner.call(self._shown, message.key)
            if found is None or found[0].user != message.user:
                return reply_gone()
            question, content = found
            reply = Message(content["text"], tuple(content["blocks"]))
            asked = question.text
        with in_language(language):
            if isinstance(reply, File):
                line = sharer_line(message.user, asked)
                await self._share_file(job, message, replace(reply, comment=f"{line}\n{reply.comment}"))
            else:
                shown = shared_reply_message(reply, message.channel, message.user, asked)
                await self._post(job, message, shown)
        channel = channel_link(message.channel)
        return one_line(_("Shared in {channel}.", channel=channel))

    def _shown(self, key: str) -> tuple[SlackMessage, Mapping[str, Any]] | None:
        """Return the question or the topic with this key, and the reply that its asker saw; None if it is gone."""
        return self._services.question_store.message_of(key) or self._briefs.message_of(key)

    async def _post(self, job: Job[Share], message: SlackMessage, shown: Message) -> None:
        """Post a reply; where Slack does not take its tables, plain ones. Raises Refused, Undelivered, LeaseLost."""
        poster = self._services.poster.for_job(job, self.runner)
        try:
            await poster.post(message, shown, _KEY_SUFFIX)
        except Refused as refused:
            plain = replace(shown, blocks=tuple(with_plain_tables(shown.blocks)))
            if not is_about_content(refused.code) or plain == shown:
                raise
            await poster.post(message, plain, _KEY_SUFFIX)

    async def _share_file(self, job: Job[Share], message: SlackMessage, file: File) -> None:
        """Upload a file, unless a former process did. Raises Refused, Undelivered, LeaseLost."""
        try:
            if job.lease.term > 1 and await self._has_file(job, message.channel, file):
                return
            await self.runner.check(job.lease)
            await send_file(self._services.clients.posting, message.channel, file)
        except FAILURES as error:
            if not is_undone(error):
                raise Undelivered from error
            raise Refused(error_code(error)) from error

    async def _has_file(self, job: Job[Share], channel: str, file: File) -> bool:
        """Whether a channel has the file since the share began; a file carries no metadata."""
        since = f"{job.created_at - _SKEW_SECONDS:.6f}"
        async for message in messages_since(self._services.clients.retrying, channel, since):
            if any(each.get("name") == file.name for each in message.get("files") or []):
                return True
        return False
