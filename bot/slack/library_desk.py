"""The desk where files are taken for the library: once each, in turn, and taken up again after a crash."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message
from bot.slack.clients import FAILURES, responding
from bot.slack.command_desk import Library
from bot.slack.downloads import Downloads
from bot.slack.gifts import is_for_everybody, is_question, own_audience, share_value
from bot.slack.holding import Holding
from bot.slack.intake import Intake, TakeIn
from bot.slack.library_blocks import Line, Share, progress, refused, result
from bot.slack.members import Members
from bot.slack.mrkdwn import escape
from bot.slack.posting import Poster, Refused, Undelivered
from bot.slack.shelf import Shelf
from bot.slack.status import Status
from bot.slack.visibility import is_public
from store.audiences import Audience
from store.errors import StoreError
from store.records import EVERYBODY
from store.state import Asked
from store.submissions import Submission, Submissions, Unfinished

_LOG = logging.getLogger(__name__)

# What has ended two processes may be what ends them: it is not tried a third time.
_MOST_ATTEMPTS = 2

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
    submissions: Submissions
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
        ask: Callable[[Asked], Awaitable[None]],
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
        self._beat = beat
        self._owner = owner = secrets.token_hex(8)
        self._holding = Holding(
            partial(self._submissions.adopt, owner, silent_for=silent_for),
            partial(self._submissions.let_go, owner),
        )
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, submission: Submission) -> bool:
        """Claim files that were given; False if they are somebody's already. Raises StoreError."""
        return await asyncio.to_thread(self._submissions.claim, submission, self._owner)

    def begin(self, submission: Submission) -> None:
        """Start with files that were taken; returns at once."""
        self._start(Unfinished(submission, 0, None))

    async def refuse_share(self, giver: str, response_url: str) -> None:
        """Tell somebody that only the giver of files lets everybody have them."""
        line = f"Only <@{giver}>, who gave me this, can let everybody have it."
        await self._tell_alone(response_url, refused(line))

    async def look_after(self) -> None:
        """Say every `beat` seconds that this process lives, and take up what others left. Never returns."""
        while True:
            try:
                await asyncio.to_thread(self._submissions.keep_alive, self._owner)
                for left in await self._holding.adopt():
                    _LOG.warning("taking up the files %s", left.submission.key)
                    self._start(left)
            except Exception:
                _LOG.exception("the state database could not be looked after; trying again")
            await asyncio.sleep(self._beat)

    async def close(self) -> None:
        """Stop: what is under way is begun again by the next process."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._holding.let_go()

    def _start(self, left: Unfinished) -> None:
        task = asyncio.create_task(self._guarded(left.submission, self._serve(left)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _guarded(self, submission: Submission, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Undelivered:
            _LOG.warning("Slack did not take the word on %s; it is tried again", submission.key)
            await asyncio.to_thread(self._submissions.let_go, self._owner, submission.key)
        except Refused as error:
            _LOG.error("Slack refuses the word on %s: %s", submission.key, error.word)
            await asyncio.to_thread(self._submissions.finish, submission.key)
        except Exception:
            # Not given back: what failed here in an unknown way would fail again at every beat.
            _LOG.exception("the files %s could not be brought to an end", submission.key)

    async def _serve(self, left: Unfinished) -> None:
        submission = left.submission
        line: str | None = escape(_NO_FILE)
        if submission.files:
            line = await self._members.refusal(submission.asked.user)
        if line is None:
            await self._take_in(left, await self._audience(submission))
        else:
            await self._refuse(submission, line)
        # Before all is finished: from here on the question has a claim of its own.
        if is_question(submission):
            await self._ask(submission.asked)
        await asyncio.to_thread(self._shelf.clear, submission.key)
        await asyncio.to_thread(self._submissions.finish, submission.key)

    async def _audience(self, submission: Submission) -> Audience:
        if is_for_everybody(submission) or await is_public(self._client, submission.asked.channel):
            return EVERYBODY
        return own_audience(submission)

    async def _refuse(self, submission: Submission, line: str) -> None:
        if submission.response_url:
            await self._tell_alone(submission.response_url, refused(line))
        else:
            await self._poster.post(submission.asked, refused(line), "/refused")

    async def _tell_alone(self, response_url: str, message: Message) -> None:
        try:
            response = await responding(response_url).send(
                text=message.text,
                blocks=list(message.blocks),
                response_type="ephemeral",
                replace_original=False,
            )
            told = response.status_code == 200
        except FAILURES:
            told = False
        if not told:
            _LOG.warning("a reply for one person could not be sent: %s", message.text)

    async def _take_in(self, left: Unfinished, audience: Audience) -> None:
        submission = left.submission
        status = Status(
            self._poster,
            self._quick,
            self._client,
            submission.asked,
            f"/{submission.key}",
            pace=self._pace,
        )
        waiting = [Line(file.name or file.id, "working", "is being fetched") for file in submission.files]
        standing = await status.open(progress(waiting), left.status)
        await asyncio.to_thread(self._submissions.told, submission.key, standing)
        try:
            if left.attempts >= _MOST_ATTEMPTS:
                await self._intake.give_up(submission, audience)
                lines = [Line(file.name or file.id, "failed", _GIVEN_UP) for file in submission.files]
            else:
                lines = await self._intake.take(
                    submission, audience, lambda *said: status.show(progress(*said))
                )
        except asyncio.CancelledError:
            await status.leave(progress(waiting, _PAUSED))
            raise
        except StoreError as error:
            # Written for whoever runs the bot, with the way out.
            await self._intake.give_up(submission, audience)
            said = f"is not in the library: {error}"
            lines = [Line(file.name or file.id, "failed", said) for file in submission.files]
        except Exception:
            reference = f"R-{secrets.token_hex(4).upper()}"
            _LOG.exception("%s: the files %s failed", reference, submission.key)
            await self._intake.give_up(submission, audience)
            said = f"is not in the library: something went wrong inside me. Tell whoever runs me {reference}"
            lines = [Line(file.name or file.id, "failed", said) for file in submission.files]
        share = None if audience == EVERYBODY else Share(share_value(submission))
        library = await asyncio.to_thread(self._library, audience)
        await status.close(result(lines, library.today(), share))
        for message, part in await asyncio.to_thread(self._intake.changes, lines, audience):
            await status.say(message, f"/{submission.key}/{part}")
