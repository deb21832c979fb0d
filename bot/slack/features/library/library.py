"""Takes uploaded files into the library: stores them, and ingests them in a process of its own, one upload at a time.

After a crash an upload is begun again; after the second it is given up.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import unicodedata
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UnknownDocument
from bot.locales import _, in_language, language
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone, log_failure
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
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
from bot.slack.core.sending.status_message import StatusMessage
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import BUTTON_VALUE_CHARS, Message, one_line
from bot.slack.core.ui.messages import not_read, store_error_text, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape, mention
from bot.slack.features.library.downloads import FileDownloader, FileUnavailable, megabytes
from bot.slack.features.library.messages import (
    FileStatus,
    coming_entries,
    document_words,
    private_result_message,
    progress_message,
    result_message,
    step_words,
    waiting_words,
)
from bot.slack.manifest import ADD_TO_LIBRARY
from bot.subprocesses import SubprocessDied
from bot.telemetry import request_id
from ingest.report import SUPERSEDED, FileOutcome, IngestProgress, IngestReport
from store.audiences import Audience, of_channel
from store.errors import StoreBusy, StoreError
from store.files import StoredFile
from store.jobs import Job, LeaseLost, SlackFile, SlackMessage, Submission, SubmissionStore, Upload
from store.records import EVERYBODY, Document
from store.restarts import while_it_restarts

_LOG = logging.getLogger(__name__)

# A whole line or sentence: "dates for all meetings" and "not for everybody" mean another thing.
_FOR_EVERYBODY = re.compile(
    r"(?:please,? )?(?:(?:this|these|it|they)(?:[’']s| is| are) )?for (?:everybody|everyone)(?:,? please)?",
    re.IGNORECASE,
)

# A line that only hands the files over, and asks nothing.
_OPENING = r"(?:(?:hi|hello|dear all|please|pls|also|could you|can you|and)[,!]?\s+)*"

_DOCUMENT_NOUN = r"(?:version|report|document|file|draft|paper|text|edition|minutes|agenda)s?"

_HANDING_OVER = re.compile(
    _OPENING + r"(?:(?:add|upload|take|store|keep|save|import|include|read|see|find|use|update|replace)\b"
    r"|(?:here|attached|attaching|enclosed|fyi|(?:not )?for (?:the|your|every)\s?\w+)\b"
    r"|(?:this|these|it|they)(?:[’']s| is| are)\b"
    rf"|(?:the |a |our |my )?(?:(?:new|latest|updated|revised|final|draft|current) )*{_DOCUMENT_NOUN}\b"
    r"|(?:thanks|thank you|cheers)\b)[^?]*",
    re.IGNORECASE,
)

# Another program's ingest may take so long before the one here is given up.
_BUSY_SECONDS = 3_600.0

# File systems take 255.
_LONGEST_NAME_BYTES = 180
_LONGEST_SUFFIX_BYTES = 20
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')

# Documents of an upload whose changes are posted.
_MOST_CHANGES = 5


def _given_up() -> str:
    return _(
        "made me crash twice while I was reading it, so it is not in the library. The file is kept for 30 days; "
        "tell {contact}"
    )


def _crashed() -> str:
    return _(
        "reading it ended in a crash: it is damaged, or too large for the memory here. "
        "Save it again, or in another format, and send me that"
    )


def _stuck() -> str:
    return _("reading it did not come to an end. Save it again, or in another format, and send me that")


def _superseded() -> str:
    return _("a file of this name that was sent later is in the library already")


def _not_added(reason: str) -> str:
    return _("is not added: {reason}", reason=reason)


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


@dataclass(slots=True, eq=False)
class UploadBatch:
    """The files of one upload, by id, and the audience that gets them; `message` shows the status of each."""

    job: Job[Upload]
    audience: Audience
    message: StatusMessage
    statuses: dict[str, FileStatus] = field(default_factory=dict)
    waiting: dict[str, StoredFile] = field(default_factory=dict)
    """Files that are stored and not ingested yet."""
    has_turn: asyncio.Event = field(default_factory=asyncio.Event)
    one_by_one: bool = False
    """True once the files together have crashed the process that reads them."""
    language_code: str = field(default_factory=language)
    """The language of the status, also where the work on another batch or a process changes it."""

    @property
    def sent_at(self) -> float:
        """When they were sent, by Slack's clock, in seconds since 1970."""
        return float(self.job.work.submission.submitted_ts)

    def fail(self, file_id: str, reason: str) -> None:
        """Give a file up."""
        self.waiting.pop(file_id, None)
        status = self.statuses[file_id]
        self.statuses[file_id] = replace(status, stage="failed", text=_not_added(reason))

    def set_text(self, file_id: str, text: str) -> None:
        """Change the text of a file's status."""
        self.statuses[file_id] = replace(self.statuses[file_id], text=text)

    def report(self, step: str = "") -> None:
        """Show the status of all files, and the present step of all of them."""
        self.message.update(progress_message(list(self.statuses.values()), step))


class UploadQueue:
    """Lets one upload be ingested at a time; of those whose files are here, the one that was sent first."""

    def __init__(self) -> None:
        # The batch that has the turn, then those that wait.
        self._batches: list[UploadBatch] = []

    @asynccontextmanager
    async def turn(self, batch: UploadBatch) -> AsyncIterator[None]:
        """Wait for the batches before this one, and report their number; hold the turn while the context is open."""
        insort(self._batches, batch, lo=min(1, len(self._batches)), key=lambda other: other.sent_at)
        self._advance()
        try:
            await batch.has_turn.wait()
            yield
        finally:
            self._batches.remove(batch)
            self._advance()

    def _advance(self) -> None:
        """Give the first batch the turn, and report to the others how many come before them."""
        for before, batch in enumerate(self._batches):
            with in_language(batch.language_code):
                if before:
                    batch.report(waiting_words(before))
                elif not batch.has_turn.is_set():
                    batch.has_turn.set()
                    batch.report()


class Library(Feature):
    """Claims uploads, ingests them, and shows the progress of each in a status message.

    `ask` has a question answered that somebody wrote beside a file.
    """

    def __init__(self, services: WorkspaceServices, ask: Callable[[SlackMessage], Awaitable[None]]) -> None:
        self._services = services
        self._ask = ask
        self._submissions = SubmissionStore.beside(services.question_store)
        client, settings = services.clients.retrying, services.options.settings
        self._downloader = FileDownloader(client, settings.largest_file)
        self._queue = UploadQueue()
        self.runner = services.runner
        # The next process begins running uploads again.
        self.runner.do(self._submissions, self._handle_job, is_patient=lambda: False)

    def add_routes(self, routes: Routes) -> None:
        """Route files that people send, the shortcut, and the button that shares files with everybody."""
        routes.messages(self.claim_event, self.has_files)
        routes.shortcut(ADD_TO_LIBRARY, self.add_to_library)
        routes.action(SHARE_WITH_EVERYBODY, self.share_with_everybody, cost=QUESTION_COST)

    async def content(self, file: SlackFile) -> tuple[str, bytes]:
        """Return the name and the content of a file in Slack, of which nothing is stored. Raises NotDone."""
        name, sink = file.name or file.id, BytesIO()
        try:
            described = await self._downloader.describe(file.id, name)
            await self._downloader.fetch(described, sink)
        except FileUnavailable as error:
            raise NotDone(not_read(name, str(error))) from error
        return described.name, sink.getvalue()

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
            line = _("Only {person}, who sent me this, can let everybody have it.", person=mention(uploader))
            self._services.tell(press_of_action(body).recipient, one_line(line))

    async def _claim(self, submission: Submission) -> Job[Upload] | None:
        """Claim an upload; None if it is claimed already. Raises StoreError."""
        return await self.runner.call(self._submissions.claim, submission, self.runner.holder)

    async def _handle_job(self, job: Job[Upload]) -> None:
        """Add the files of a claimed upload, or refuse them; then have a question in its message answered."""
        request_id.bind_key(job.lease.key)
        submission = job.work.submission
        message = submission.message
        with in_language(await self._services.language_of(message.channel, message.user)):
            try:
                refusal = await self._refusal(submission)
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

    async def _refusal(self, submission: Submission) -> str | None:
        """Return None where the files may be added, else the reason in a line of mrkdwn."""
        if submission.files:
            what = _("add documents to my library")
            return await self._services.library_users.refusal(submission.message.user, what)
        return escape(
            _(
                "This message has no file. I can add Word, Excel, PowerPoint, PDF, HTML, Markdown and text files, "
                "and zip archives of them."
            )
        )

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
        original = replace(submission.message, thread=submission.message.thread or submission.message.ts)
        async with StatusMessage(poster, clients, original, key_suffix, update_every) as status:
            waiting = [
                FileStatus(file.name or file.id, "working", _("is being fetched"))
                for file in submission.files
            ]
            try:
                posted = await status.open(progress_message(waiting), job.work.status)
                await self.runner.call(self._submissions.save_status, job.lease, posted)
            except Refused as error:
                # The files are added without it; the result is a message of its own.
                _LOG.error("Slack refuses the status of files: %s", error.code)
            try:
                statuses = await self._ingest_or_explain(UploadBatch(job, audience, status))
            except asyncio.CancelledError:
                with suppress(StoreError):
                    await check()
                    restarting = _("I am restarting and will continue afterwards.")
                    await status.leave(progress_message(waiting, restarting))
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

    async def _ingest_or_explain(self, batch: UploadBatch) -> list[FileStatus]:
        """Ingest the files and return a status for each document, or for each file where that fails."""
        try:
            if not batch.job.exhausted:
                return await self._ingest(batch)
            failure = _given_up()
        except LeaseLost:
            raise
        except StoreError as error:
            _LOG.error("files are not in the library: %s", error)
            failure = _("is not in the library: {reason}", reason=store_error_text(error))
        except Exception:
            reference = log_failure("the work on files")
            failure = _(
                "is not in the library: something went wrong inside me. Tell {contact} {reference}",
                reference=reference,
            )
        return await self._after_failure(batch, failure)

    async def _ingest(self, batch: UploadBatch) -> list[FileStatus]:
        """Store the files, ingest them, and return a status for each document.

        May be repeated after an interruption: what was stored is not downloaded again, and what was ingested is
        unchanged. Raises StoreError, OSError, LeaseLost and any unexpected error.
        """
        lease, submission = batch.job.lease, batch.job.work.submission
        files = {file.id: file for file in submission.files}
        for file in files.values():
            batch.statuses[file.id] = FileStatus(file.name or file.id, "working", _("waits"))
        for file in submission.files:
            stored = await self._store(batch, file)
            if stored is None:
                continue
            if stored != file:
                files[file.id] = stored
                await self.runner.call(self._submissions.save_files, lease, list(files.values()))
            name = safe_name(stored.name, stored.id)
            batch.waiting[file.id] = StoredFile(name, stored.sha256, batch.sent_at)
        ingested: list[FileStatus] = []
        if batch.waiting:
            async with self._queue.turn(batch):
                while batch.waiting:
                    await self.runner.call(self._submissions.begin, lease)
                    ingested += await self._ingest_waiting(batch)
        # What is not failed has left the batch: the documents that were found in it take its place.
        return [*batch.statuses.values(), *ingested]

    async def _after_failure(self, batch: UploadBatch, failure: str) -> list[FileStatus]:
        """Return the statuses of an upload that failed: `failure` for each file of which nothing was published.

        An ingest may fail, or its process may die, after the publication. A file that was sent later may be there too.
        """
        published = await self._published(batch)
        return [
            status
            for file in batch.job.work.submission.files
            for status in published.get(safe_name(file.name, file.id))
            or [FileStatus(file.name or file.id, "failed", failure)]
        ]

    async def _published(self, batch: UploadBatch) -> dict[str, list[FileStatus]]:
        """Return the name of each file that was sent then -> the statuses of the documents that come from it.

        Where the library has only documents of a file of that name that was sent later, the status says so.
        """

        def documents() -> Sequence[Document]:
            return self._services.channel_data(batch.audience).documents()

        found: dict[str, list[FileStatus]] = {}
        later: dict[str, list[FileStatus]] = {}
        with suppress(StoreError):
            # A server that restarts may be why the upload failed.
            for document in await asyncio.to_thread(while_it_restarts, documents):
                name, sent = document.source.partition("/")[0], document.sent_at or 0.0
                if document.audience != batch.audience or sent < batch.sent_at:
                    continue
                if sent == batch.sent_at:
                    here = FileStatus(document.source, "done", _("is here"), document)
                    found.setdefault(name, []).append(here)
                else:
                    later[name] = [FileStatus(name, "failed", _not_added(_superseded()))]
        return later | found

    async def _store(self, batch: UploadBatch, file: SlackFile) -> SlackFile | None:
        """Download and store a file unless a former process did; a failure becomes its status, and returns None."""
        try:
            if not file.sha256 or not await asyncio.to_thread(
                self._services.options.storage.has, file.sha256
            ):
                file = await self._download(batch, file)
        except FileUnavailable as error:
            batch.fail(file.id, str(error))
        except (OSError, StoreError) as error:
            _LOG.exception("the file %s cannot be stored", file.id)
            why = error.strerror if isinstance(error, OSError) else str(error)
            reason = without_operator_steps(why or "")
            batch.fail(file.id, _("I cannot keep it here: {reason}", reason=reason))
        else:
            batch.set_text(file.id, _("has arrived"))
            batch.report()
            return file
        batch.report()
        return None

    async def _download(self, batch: UploadBatch, file: SlackFile) -> SlackFile:
        """Download and store a file; return it with its present name in Slack and its digest."""
        described = await self._downloader.describe(file.id, batch.statuses[file.id].name)
        batch.statuses[file.id] = replace(batch.statuses[file.id], name=described.name)

        def arrived(count: int) -> None:
            size = megabytes(count)
            if described.size:
                text = _("is being fetched: {size} of {whole}", size=size, whole=megabytes(described.size))
            else:
                text = _("is being fetched: {size}", size=size)
            batch.set_text(file.id, text)
            batch.report()

        with TemporaryDirectory(prefix="itubot-") as folder:
            target = Path(folder, "file")
            with await asyncio.to_thread(target.open, "wb") as sink:
                await self._downloader.fetch(described, sink, arrived)
            digest = await asyncio.to_thread(self._services.options.storage.put, target)
        _LOG.info("the file %s is stored as %s", file.id, digest)
        return SlackFile(file.id, described.name, digest)

    async def _ingest_waiting(self, batch: UploadBatch) -> list[FileStatus]:
        """Ingest the waiting files, of those with the same name the first; return the status of each document in them.

        The files leave the batch: those that failed keep a status in it.
        """
        waiting = list(batch.waiting.items())[: 1 if batch.one_by_one else None]
        chosen = {file.name: file_id for file_id, file in reversed(waiting)}
        for file_id in chosen.values():
            batch.set_text(file_id, _("is being taken in"))
        files = [batch.waiting[file_id] for file_id in chosen.values()]
        try:
            report = await self._ingest_when_free(files, batch)
        except (SubprocessDied, TimeoutError) as error:
            if len(files) > 1:
                batch.one_by_one = True  # To find out which of them it was.
                return []
            [(file_id, file)] = zip(chosen.values(), files, strict=True)
            _LOG.warning(
                "the file %s could not be read to its end, and is stored as %s: %r",
                file_id,
                file.sha256,
                error,
            )
            published = (await self._published(batch)).get(file.name)
            if published is None:
                batch.fail(file_id, _stuck() if isinstance(error, TimeoutError) else _crashed())
                return []
            del batch.waiting[file_id], batch.statuses[file_id]
            return published
        ingested: list[FileStatus] = []
        for name, file_id in chosen.items():
            outcomes = [
                outcome
                for outcome in report.documents
                if outcome.file is not None and outcome.file.name == name
            ]
            del batch.waiting[file_id], batch.statuses[file_id]
            ingested += await asyncio.to_thread(
                document_statuses, outcomes, batch.audience, self._services.channel_data
            )
        return ingested

    async def _ingest_when_free(self, files: Sequence[StoredFile], batch: UploadBatch) -> IngestReport:
        """Ingest files once no other program writes.

        Raises StoreError, SubprocessDied, and TimeoutError where the ingest is silent for too long.
        """
        began = time.monotonic()
        while True:
            try:
                return await self._ingest_watched(files, batch)
            except StoreBusy:
                if time.monotonic() - began > _BUSY_SECONDS:
                    raise
                batch.report(_("Waiting: another program is writing to the library"))
                await asyncio.sleep(self._services.options.timing.busy_pause)

    async def _ingest_watched(self, files: Sequence[StoredFile], batch: UploadBatch) -> IngestReport:
        options, submission = self._services.options, batch.job.work.submission
        remove_from = own_audience(submission) if is_share(submission) else None
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(options.timing.hung_after) as limit:

            def on_step(step: IngestProgress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + options.timing.hung_after)
                with in_language(batch.language_code):
                    batch.report(step_words(step.phase, step.done, step.total))

            return await options.ingest(files, on_step, batch.audience, remove_from)


def safe_name(name: str, otherwise: str) -> str:
    """Return `name` as a file name: no folder, nothing invisible or hidden, not too long; `otherwise` if empty."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).lstrip(".~$ ").rstrip(". ")
    if not plain:
        return otherwise
    suffix = PurePosixPath(plain).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX_BYTES:
        suffix = ""
    stem = plain[: len(plain) - len(suffix)].encode()[: _LONGEST_NAME_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix


def document_statuses(
    outcomes: Sequence[FileOutcome], audience: Audience, channel_data: Callable[[Audience], ChannelData]
) -> list[FileStatus]:
    """Return the status of each document that was ingested for `audience`. Blocks."""
    data = channel_data(audience)
    today = data.today()
    # An empty library cannot be read.
    readable = any(outcome.status != "failed" for outcome in outcomes)
    register, documents = (data.register(today), data.documents()) if readable else ([], [])
    statuses = []
    for outcome in outcomes:
        source = outcome.source
        if outcome.status == "failed":
            error = outcome.error or ""
            why = _superseded() if error == SUPERSEDED else without_operator_steps(error)
            statuses.append(FileStatus(source, "failed", _not_added(why)))
            continue
        own = (each for each in documents if each.source == source and each.audience == audience)
        document = next(own, None)
        version = document.version if document else 1
        statuses.append(
            FileStatus(
                source,
                "done",
                document_words(outcome.status, version, outcome.sections, outcome.events),
                document,
                coming_entries(register, source, today),
                tuple(outcome.notes),
                outcome.status == "changed",
            )
        )
    return statuses


def change_messages(statuses: Sequence[FileStatus], data: ChannelData) -> list[tuple[Message, str]]:
    """Return the changes in each document that has a new version, with its source. Blocks."""
    changed = [
        status.document
        for status in statuses
        if status.stage == "done" and status.changed and status.document
    ]
    found = []
    for document in changed[:_MOST_CHANGES]:
        with suppress(UnknownDocument):  # removed meanwhile
            found.append((changes_message(data.changes(document.id)), document.source))
    return found
