"""Takes uploaded files into the library. After a crash an upload is begun again; after the second it is given up."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import log_failure
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import (
    SHARE_PREFIX,
    SHARE_WITH_EVERYBODY,
    press_of_action,
    upload_of_button,
    upload_of_event,
    upload_of_shortcut,
)
from bot.slack.core.people import is_public
from bot.slack.core.receiving import Next, Routes, claim_and_go_on, claim_and_start
from bot.slack.core.sending.posting import Refused
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import BUTTON_VALUE_CHARS, one_line
from bot.slack.core.ui.messages import store_error_text
from bot.slack.core.ui.mrkdwn import escape
from bot.slack.features.library.downloads import FileDownloader
from bot.slack.features.library.ingester import UploadIngester, change_messages
from bot.slack.features.library.messages import (
    FileStatus,
    private_result_message,
    progress_message,
    result_message,
)
from bot.slack.features.library.status_message import StatusMessage
from bot.slack.manifest import ADD_TO_LIBRARY
from bot.telemetry import request_id
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import Job, LeaseLost, Runner, SlackFile, SlackMessage, Submission, SubmissionStore, Upload
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

_NO_FILE = (
    "This message has no file. I can add Word, Excel, PowerPoint, PDF, HTML, Markdown and text files, and zip "
    "archives of them."
)
_PAUSED = "I am restarting and will continue afterwards."
_GIVEN_UP = (
    "made me crash twice while I was reading it, so it is not in the library. The file is kept for 30 days; tell "
    "whoever runs me"
)

# A whole line or sentence: "dates for all meetings" and "not for everybody" mean another thing.
_FOR_EVERYBODY = re.compile(
    r"(?:please,? )?(?:(?:this|these|it|they)(?:[’']s| is| are) )?for (?:everybody|everyone)(?:,? please)?",
    re.IGNORECASE,
)

# A line that only hands the files over, and asks nothing.
_OPENING = r"(?:(?:hi|hello|dear all|please|pls|also|could you|can you|and)[,!]?\s+)*"

_THING = r"(?:version|report|document|file|draft|paper|text|edition|minutes|agenda)s?"

_HANDING_OVER = re.compile(
    _OPENING + r"(?:(?:add|upload|take|store|keep|save|import|include|read|see|find|use|update|replace)\b"
    r"|(?:here|attached|attaching|enclosed|fyi|(?:not )?for (?:the|your|every)\s?\w+)\b"
    r"|(?:this|these|it|they)(?:[’']s| is| are)\b"
    rf"|(?:the |a |our |my )?(?:(?:new|latest|updated|revised|final|draft|current) )*{_THING}\b"
    r"|(?:thanks|thank you|cheers)\b)[^?]*",
    re.IGNORECASE,
)


async def audience_of(submission: Submission, client: AsyncWebClient) -> Audience:
    """Return who sees the documents: everybody in a public channel or on request, else the channel."""
    if is_for_everybody(submission) or await is_public(client, submission.message.channel):
        return EVERYBODY
    return own_audience(submission)


def own_audience(submission: Submission) -> Audience:
    """Return the channel of the upload."""
    return of_channel(submission.message.team, submission.message.channel)


def is_for_everybody(submission: Submission) -> bool:
    """Return True if the user asks for it, with the button or in a line of the message."""
    lines = re.split(r"[\n.;!]+", submission.message.text)
    return is_share(submission) or any(_FOR_EVERYBODY.fullmatch(line.strip()) for line in lines)


def is_share(submission: Submission) -> bool:
    """Return True for files that were uploaded before, and are now shared with everybody."""
    return submission.key.startswith(SHARE_PREFIX)


def question_beside(submission: Submission) -> SlackMessage | None:
    """Return the message with what it asks beside its files, None if its text only hands them over."""
    lines = [line.strip() for line in submission.message.text.splitlines()]
    asked = [
        line
        for line in lines
        if line and not (_HANDING_OVER.fullmatch(line) or _FOR_EVERYBODY.fullmatch(line.rstrip(" .!;")))
    ]
    return replace(submission.message, text="\n".join(asked)) if asked else None


def share_value(submission: Submission) -> str | None:
    """Return the value of the share button; None where too many files make it too long."""
    message = submission.message
    place = (message.user, message.team, message.channel, message.ts, message.thread or "-")
    value = " ".join([*place, *(file.id for file in submission.files)])
    return value if len(value) <= BUTTON_VALUE_CHARS else None


class Library(Feature):
    """Claims uploads, ingests them, and shows the progress of each in a status message.

    `ask` has a question answered that somebody wrote beside a file.
    """

    def __init__(self, services: WorkspaceServices, ask: Callable[[SlackMessage], Awaitable[None]]) -> None:
        self._services = services
        self._ask = ask
        self._submissions = SubmissionStore.beside(services.question_store)
        client, settings = services.clients.retrying, services.options.settings
        downloader = FileDownloader(client, settings.library_file_mb * 1_000_000)
        self._ingester = UploadIngester(services.options, downloader, services.channel_data)
        self.runner = Runner(self._submissions, self._handle_job, **services.options.timing.leases)
        self.runners = [self.runner]

    def add_routes(self, routes: Routes) -> None:
        """Route files that people send, the shortcut, and the button that shares files with everybody."""
        routes.messages(self.claim_event, self.has_files)
        routes.shortcut(ADD_TO_LIBRARY, self.add_to_library)
        routes.action(SHARE_WITH_EVERYBODY, self.share_with_everybody, cost=QUESTION_COST)

    async def has_files(self, body: dict[str, Any], context: AsyncBoltContext) -> bool:
        """Return True for a direct message or a mention with files."""
        context["upload"] = upload_of_event(body, context.bot_user_id or "")
        return context["upload"] is not None

    async def claim_event(self, context: AsyncBoltContext, ack: AsyncAck, next: Next) -> BoltResponse | None:
        """Claim the files of an event; those that are claimed already are only acknowledged."""
        return await claim_and_go_on(self._claim(context["upload"]), self.runner.submit, context, ack, next)

    async def add_to_library(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Add the files of the message with the shortcut to the library."""
        await claim_and_start(self._claim(upload_of_shortcut(body)), self.runner.submit, ack)

    async def share_with_everybody(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Share files with everybody, if the user who uploaded them presses the button."""
        upload, uploader = upload_of_button(body)
        if upload.message.user == uploader:
            await claim_and_start(self._claim(upload), self.runner.submit, ack)
        else:
            await ack()
            line = f"Only <@{uploader}>, who sent me this, can let everybody have it."
            self._services.tell(press_of_action(body).recipient, one_line(line))

    async def _claim(self, submission: Submission) -> Job[Upload] | None:
        """Claim an upload; None if it is claimed already. Raises StoreError."""
        return await self.runner.call(self._submissions.claim, submission, self.runner.holder)

    async def close(self, _patience: float) -> None:
        """Stop at once; the next process begins running uploads again."""
        await self.runner.close(0.0)

    async def _handle_job(self, job: Job[Upload]) -> None:
        """Add the files of a claimed upload, or refuse them; then have a question in its message answered."""
        request_id.bind_key(job.lease.key)
        submission = job.work.submission
        refusal: str | None = escape(_NO_FILE)
        if submission.files:
            user, what = submission.message.user, "add documents to my library"
            refusal = await self._services.library_users.refusal(user, what)
        try:
            if refusal is None:
                await self._add(job, await audience_of(submission, self._services.clients.retrying))
            else:
                await self._refuse(job, refusal)
        except Refused as error:
            _LOG.error("Slack refuses the reply to files: %s", error.code)
        # Before this job is finished, as the question is a job of its own.
        question = question_beside(submission)
        if question is not None:
            await self._ask(question)
        await self.runner.call(self._submissions.mark_done, job.lease)

    async def _refuse(self, job: Job[Upload], line: str) -> None:
        """Reply to a shortcut or button in an ephemeral message, to any other upload in its thread."""
        submission = job.work.submission
        if submission.response_url:
            await self.runner.check(job.lease)
            to = Recipient.of(submission.message, submission.response_url)
            await reply_privately(self._services.clients, to, one_line(line))
        else:
            poster = self._services.poster.for_job(job, self.runner)
            await poster.post(submission.message, one_line(line), "/refused")

    async def _add(self, job: Job[Upload], audience: Audience) -> None:
        """Ingest the files and show the progress; then show the result, and the changes in new versions."""
        submission = job.work.submission
        check = partial(self.runner.check, job.lease)
        key_suffix = f"/{submission.key}"
        poster = self._services.poster.for_job(job, self.runner)
        clients, update_every = self._services.clients, self._services.options.timing.update_upload_every
        async with StatusMessage(poster, clients, submission.message, key_suffix, update_every) as status:
            waiting = [
                FileStatus(file.name or file.id, "working", "is being fetched") for file in submission.files
            ]
            try:
                posted = await status.open(progress_message(waiting), job.work.status)
                await self.runner.call(self._submissions.save_status, job.lease, posted)
            except Refused as error:
                # The files are added without it; the result is a message of its own.
                _LOG.error("Slack refuses the status of files: %s", error.code)
            try:
                statuses = await self._ingest(job, audience, status)
            except asyncio.CancelledError:
                with suppress(StoreError):
                    await check()
                    await status.leave(progress_message(waiting, _PAUSED))
                raise
            data = await asyncio.to_thread(self._services.channel_data, audience)
            today, command = data.today(), self._services.options.settings.command
            await check()
            if audience == EVERYBODY:
                await status.close(result_message(statuses, today, command))
            else:
                await status.close(private_result_message(statuses, today, command, share_value(submission)))
            for message, source in await asyncio.to_thread(change_messages, statuses, data):
                await status.post(message, f"{key_suffix}/{source}")

    async def _ingest(
        self,
        job: Job[Upload],
        audience: Audience,
        status: StatusMessage,
    ) -> list[FileStatus]:
        """Ingest the files and return a status for each document, or for each file where that fails."""
        submission = job.work.submission
        begin = partial(self.runner.call, self._submissions.begin, job.lease)

        async def save(files: Sequence[SlackFile]) -> None:
            await self.runner.call(self._submissions.save_files, job.lease, files)

        def on_progress(statuses: Sequence[FileStatus], step: str) -> None:
            status.update(progress_message(statuses, step))

        remove_from = own_audience(submission) if is_share(submission) else None
        try:
            if not job.exhausted:
                return await self._ingester.add(
                    submission, audience, remove_from, on_progress=on_progress, begin=begin, save=save
                )
            failure = _GIVEN_UP
        except LeaseLost:
            raise
        except StoreError as error:
            _LOG.error("files are not in the library: %s", error)
            failure = f"is not in the library: {store_error_text(error)}"
        except Exception:
            reference = log_failure("the work on files")
            failure = (
                f"is not in the library: something went wrong inside me. Tell whoever runs me {reference}"
            )
        return await self._ingester.after_failure(submission, audience, failure)
