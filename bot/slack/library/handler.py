"""The desk where files are taken for the library: once each, in turn, and taken up again after a crash."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access.members import Members
from bot.slack.access.visibility import is_public
from bot.slack.blocks.library import Line, Share, progress, refused, result
from bot.slack.blocks.messages import Message
from bot.slack.blocks.mrkdwn import escape
from bot.slack.handlers.commands import Library
from bot.slack.library.downloads import Downloads
from bot.slack.library.ingesting import Intake, TakeIn
from bot.slack.library.storage import Shelf
from bot.slack.library.uploads import is_for_everybody, is_question, own_audience, share_value
from bot.slack.sending.clients import respond
from bot.slack.sending.posting import Poster, Refused
from bot.slack.sending.status import Status
from store.audiences import Audience
from store.errors import StoreError
from store.jobs import Job, LeaseLost, Runner, SlackMessage, Submission, SubmissionStore, Upload
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

_NO_FILE = (
    "This message has no file. I can add Word, Excel, PowerPoint, PDF, HTML, Markdown and text files, and zip "
    "archives of them."
)
_PAUSED = "I am being restarted, and go on with it afterwards."
_GIVEN_UP = "ended me twice while I was reading it, so it is not in the library. The file is kept; tell whoever runs me"


@dataclass(frozen=True, slots=True)
class Contributions:
    """Documents from Slack: who may give them (ids), where they are kept, and what takes them in.

    `largest` is the bytes that a file may have. `pace`, `busy_pause`, `hung_after`: seconds, see Status, Intake.
    """

    users: Sequence[str]
    folder: Path
    submissions: SubmissionStore
    take_in: TakeIn
    largest: int = 50_000_000
    pace: float = 3.0
    busy_pause: float = 5.0
    hung_after: float = 1_800.0


class LibraryDesk:
    """Takes files in, and tells their givers how it goes.

    Files are for those in the channel in which they are given, unless that is a public one or their giver says that
    they are for everybody. `library` returns what those in a channel may see; it may block. `ask` answers the question
    that stood beside the files. `client` repeats any call, `quick` none. `beat` and `silent_for` as for a Desk.
    """

    def __init__(
        self,
        contributions: Contributions,
        library: Callable[[Audience], Library],
        ask: Callable[[SlackMessage], Awaitable[None]],
        poster: Poster,
        client: AsyncWebClient,
        quick: AsyncWebClient,
        *,
        beat: float = 3.0,
        silent_for: float = 15.0,
    ) -> None:
        self._submissions = contributions.submissions
        self._members = Members(contributions.users, client)
        self._library = library
        self._shelf = Shelf(contributions.folder)
        self._intake = Intake(
            self._shelf,
            Downloads(client, contributions.largest),
            contributions.take_in,
            library,
            busy_pause=contributions.busy_pause,
            hung_after=contributions.hung_after,
        )
        self._ask = ask
        self._poster = poster
        self._client = client
        self._quick = quick
        self._pace = contributions.pace
        self._runner = Runner(self._submissions, self._serve, beat=beat, ttl=silent_for)

    async def take(self, submission: Submission) -> Job[Upload] | None:
        """Claim files that were given; None if they are somebody's already. Raises StoreError."""
        return await self._runner.call(self._submissions.claim, submission, self._runner.holder)

    def begin(self, job: Job[Upload]) -> None:
        """Start with files that were taken; returns at once."""
        self._runner.submit(job)

    async def refuse_share(self, giver: str, response_url: str) -> None:
        """Tell somebody that only the giver of files lets everybody have them."""
        line = f"Only <@{giver}>, who gave me this, can let everybody have it."
        await self._tell_alone(response_url, refused(line))

    def look_after(self) -> None:
        """Start to keep what was taken, and to take up what others left; both go on until `close`."""
        self._runner.start()

    async def close(self) -> None:
        """Stop: what is under way is begun again by the next process."""
        await self._runner.close(0.0)

    async def _serve(self, job: Job[Upload]) -> None:
        submission = job.work.submission
        line: str | None = escape(_NO_FILE)
        if submission.files:
            line = await self._members.refusal(submission.asked.user)
        try:
            if line is None:
                await self._take_in(job, await self._audience(submission))
            else:
                await self._refuse(job, line)
        except Refused as error:
            _LOG.error("Slack refuses the word on %s: %s", submission.key, error.word)
        # Before all is finished: from here on the question has a claim of its own.
        if is_question(submission):
            await self._ask(submission.asked)
        await self._runner.check(job.lease)
        await asyncio.to_thread(self._shelf.clear, submission.key)
        await self._runner.call(self._submissions.mark_done, job.lease)

    async def _audience(self, submission: Submission) -> Audience:
        if is_for_everybody(submission) or await is_public(self._client, submission.asked.channel):
            return EVERYBODY
        return own_audience(submission)

    async def _refuse(self, job: Job[Upload], line: str) -> None:
        submission = job.work.submission
        check = partial(self._runner.check, job.lease)
        if submission.response_url:
            await check()
            await self._tell_alone(submission.response_url, refused(line))
        else:
            poster = self._poster.guarded(check, resumed=job.lease.term > 1)
            await poster.post(submission.asked, refused(line), "/refused")

    async def _tell_alone(self, response_url: str, message: Message) -> None:
        if why := await respond(response_url, message.text, list(message.blocks), replace_original=False):
            _LOG.warning("a reply for one person could not be sent (%s): %s", why, message.text)

    async def _take_in(self, job: Job[Upload], audience: Audience) -> None:
        submission = job.work.submission
        check = partial(self._runner.check, job.lease)
        status = Status(
            self._poster.guarded(check, resumed=job.lease.term > 1),
            self._quick,
            self._client,
            submission.asked,
            f"/{submission.key}",
            pace=self._pace,
        )
        waiting = [Line(file.name or file.id, "working", "is being fetched") for file in submission.files]
        status_message = await status.open(progress(waiting), job.work.status)
        await self._runner.call(self._submissions.save_status, job.lease, status_message)

        def failed(said: str) -> list[Line]:
            return [Line(file.name or file.id, "failed", said) for file in submission.files]

        try:
            if job.exhausted:
                await self._intake.give_up(submission, audience)
                lines = failed(_GIVEN_UP)
            else:
                lines = await self._intake.take(
                    submission, audience, lambda *said: status.show(progress(*said)), check
                )
        except asyncio.CancelledError:
            with suppress(StoreError):
                await check()
                await status.leave(progress(waiting, _PAUSED))
            raise
        except LeaseLost:
            raise
        except StoreError as error:
            # Written for whoever runs the bot, with the way out.
            await self._intake.give_up(submission, audience)
            lines = failed(f"is not in the library: {error}")
        except Exception:
            reference = f"R-{secrets.token_hex(4).upper()}"
            _LOG.exception("%s: the files %s failed", reference, submission.key)
            await self._intake.give_up(submission, audience)
            lines = failed(
                f"is not in the library: something went wrong inside me. Tell whoever runs me {reference}"
            )
        share = None if audience == EVERYBODY else Share(share_value(submission))
        library = await asyncio.to_thread(self._library, audience)
        await check()
        await status.close(result(lines, library.today(), share))
        for message, part in await asyncio.to_thread(self._intake.changes, lines, audience):
            await status.say(message, f"/{submission.key}/{part}")
