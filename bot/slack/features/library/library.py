"""Takes uploaded files into the library: stores them, and ingests them in a process of its own, one upload at a time.

After a crash an upload is begun again; after the second it is given up.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.locales import N_, _, and_more, commas, in_language, language, ngettext
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.wording import document_date, section_mark
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone, log_failure
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import (
    SHARE_PREFIX,
    SHARE_WITH_EVERYBODY,
    press_of,
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
from bot.slack.core.ui.documents import changes_button
from bot.slack.core.ui.elements import (
    BUTTON_VALUE_CHARS,
    Block,
    Message,
    actions,
    button,
    context,
    fitting,
    one_line,
    pack_lines,
    section,
)
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.core.ui.messages import not_read, store_error_text, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape, escape_short, mention
from bot.slack.features.library.downloads import FileDownloader, FileUnavailable, megabytes
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

# What makes a line beside a file a question: in Latin and Cyrillic, in Chinese, in Arabic.
_ASKS = re.compile("[?\uff1f\u061f]")

# Another program's ingest may take so long before the one here is given up.
_BUSY_SECONDS = 3_600.0

# File systems take 255.
_LONGEST_NAME_BYTES = 180
_LONGEST_SUFFIX_BYTES = 20
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')

_NAME_CHARS = 120
_REMARK_CHARS = 400
# All files in a message's 13,000.
_FILES_CHARS = 9_000
# Blocks of a message are 50.
_MOST_FILES = 40
# Upcoming dates of a single document, and of each of several.
_MOST_DATES = 5
_MOST_DATES_OF_SEVERAL = 2
_MOST_NOTES = 4

_SUPERSEDED = N_("a file of this name that was sent later is in the library already")
# What an ingest does, by the name of its phase.
_STEPS = {
    "read": N_("Reading"),
    "events": N_("Finding the dates: {done} of {total}"),
    "label": N_("Reading the dates: {done} of {total}"),
    "embed": N_("Indexing the passages: {done} of {total}"),
}


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file, or of one document of an archive; without `document` it is not in the library.

    `coming` are its dates from today on; `notes` are sentences on how it was read.
    """

    name: str
    text: str
    document: Document | None = None
    coming: tuple[RegisterEntry, ...] = ()
    notes: tuple[str, ...] = ()


def progress_message(names: Sequence[str], step: str = "") -> Message:
    """Return the names of the files that are being added, and what is being done to them."""
    shown = fitting(
        (f"*{escape_short(name, _NAME_CHARS)}*" for name in names[:_MOST_FILES]), _FILES_CHARS, len
    )
    lines = [f"*{_('Adding to the library')}*", *shown, *and_more(len(names) - len(shown))]
    blocks = [section(part) for part in pack_lines(lines)]
    return Message.of([*blocks, *([context(escape_short(step, _REMARK_CHARS))] if step else [])])


def result_message(
    files: Sequence[FileResult], as_of: date, command: str, below: Sequence[Block] = ()
) -> Message:
    """Return what was found in each file, or why it is not in the library, with `below` if any file is in it.

    `command` is the slash command's name.
    """
    # The title says how many of the files are there.
    added = sum(file.document is not None for file in files)
    if files and added == len(files):
        title = _("In the library")
    elif added:
        title = _("{added} of {sent} in the library", added=added, sent=len(files))
    else:
        title = _("Not added to the library")

    # As many files follow as fit, each with what changed in it.
    most = _MOST_DATES if len(files) == 1 else _MOST_DATES_OF_SEVERAL
    texts = [_found(file, as_of, most, command) for file in files[:_MOST_FILES]]
    shown = fitting(texts, _FILES_CHARS, len)
    blocks = [section(f"*{title}*")]
    for file, text in zip(files, shown, strict=False):
        first, *others = pack_lines(text.splitlines())
        changes = changes_button(file.document) if file.document else {}
        blocks += [{**section(first), **changes}, *map(section, others)]
    blocks += map(context, and_more(len(files) - len(shown)))
    return Message.of([*blocks, *(below if added else ())])


def _found(file: FileResult, as_of: date, most: int, command: str) -> str:
    lines = [f"*{escape_short(file.name, _NAME_CHARS)}* {escape_short(file.text, _REMARK_CHARS)}"]
    if document := file.document:
        facts = commas([document.title, document.symbol or "", document_date(document)])
        lines.append(escape_short(facts, _REMARK_CHARS))
    lines += [f"_{escape_short(note, _REMARK_CHARS)}_" for note in file.notes[:_MOST_NOTES]]
    if file.coming:
        lines.append(_("Coming up:"))
        lines += [entry_item(entry, as_of, section_mark(entry)) for entry in file.coming[:most]]
        lines += and_more(len(file.coming) - most, f": `{command} dates`")
    return "\n".join(lines)


def document_words(status: str, version: int, sections: int, events: int) -> str:
    """Return what an ingest did with a document, and how many sections and dates it has."""
    what = {"new": _("is new here"), "changed": _("is here in version {version}", version=version)}
    counts = (
        ngettext("{count} section", "{count} sections", sections),
        ngettext("{count} date", "{count} dates", events),
    )
    return _("{heading}: {line}", heading=what.get(status) or _("is unchanged"), line=commas(counts))


def coming_entries(register: Sequence[RegisterEntry], source: str, as_of: date) -> tuple[RegisterEntry, ...]:
    """Return a document's present and future entries, in reading order."""
    shown = agenda([entry for entry in register if source in entry.sources], as_of)
    return (*shown.now, *shown.upcoming, *shown.coarse)


def failed_file(name: str, reason: str) -> FileResult:
    """Return the result of a file that is not in the library."""
    return FileResult(name, _("is not added: {reason}", reason=reason))


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
    """Return the message with what it asks beside its files, None if it has no line with a question mark."""
    asked = [line for line in submission.message.text.splitlines() if _ASKS.search(line)]
    return replace(submission.message, text="\n".join(asked)) if asked else None


def sharing_blocks(submission: Submission) -> list[Block]:
    """Return what stands below files that one conversation alone sees, with the button that lets everybody see them.

    Too many files for the value of a button have none.
    """
    message = submission.message
    place = (message.user, message.team, message.channel, message.ts, message.thread or "-")
    value = " ".join([*place, *(file.id for file in submission.files)])
    share = button(_("Share with everyone"), SHARE_WITH_EVERYBODY, value)
    return [
        context(_("What you sent is used only in this conversation.")),
        *([actions(share)] if len(value) <= BUTTON_VALUE_CHARS else []),
    ]


@dataclass(frozen=True, slots=True)
class UploadAtWork:
    """An upload that is being added for an audience; `names` are those of its files by id, which `status` shows."""

    job: Job[Upload]
    audience: Audience
    status: StatusMessage
    names: dict[str, str]
    language_code: str = field(default_factory=language)
    """The language of the status, also where another process reports a step."""

    @property
    def sent_at(self) -> float:
        """When the files were sent, by Slack's clock, in seconds since 1970."""
        return float(self.job.work.submission.submitted_ts)

    def report(self, step: str = "") -> None:
        """Show the files, and what is being done to them."""
        self.status.update(progress_message(list(self.names.values()), step))


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
        # One upload at a time is ingested, as each takes much memory.
        self._turn = asyncio.Lock()
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
            self._services.tell(press_of(body).recipient, one_line(line))

    async def _claim(self, submission: Submission) -> Job[Upload] | None:
        """Claim an upload; None if it is claimed already. Raises StoreError."""
        return await self.runner.call(self._submissions.claim, Upload(submission), self.runner.holder)

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
        """Ingest the files and show the progress, then the result."""
        services, submission = self._services, job.work.submission
        poster = services.poster.for_job(job, self.runner)
        original = replace(submission.message, thread=submission.message.thread or submission.message.ts)
        timing = services.options.timing
        times = timing.update_upload_every, timing.notify_after
        names = {file.id: file.name or file.id for file in submission.files}
        async with StatusMessage(poster, services.clients, original, f"/{submission.key}", *times) as status:
            # Without a status the files are added too; the result is a message of its own then.
            try:
                posted = await status.open(progress_message(list(names.values())), job.work.status)
                await self.runner.call(self._submissions.change, job.lease, status=posted)
            except Refused as error:
                _LOG.error("Slack refuses the status of files: %s", error.code)

            try:
                files = await self._ingest_or_explain(UploadAtWork(job, audience, status, names))
            except asyncio.CancelledError:
                with suppress(StoreError):
                    await self.runner.check(job.lease)
                    restarting = _("I am restarting and will continue afterwards.")
                    await status.leave(progress_message(list(names.values()), restarting))
                raise

            today = await asyncio.to_thread(lambda: services.channel_data(audience).today())
            below = [] if audience == EVERYBODY else sharing_blocks(submission)
            await self.runner.check(job.lease)
            await status.close(result_message(files, today, services.options.settings.command, below))

    async def _ingest_or_explain(self, upload: UploadAtWork) -> list[FileResult]:
        """Ingest the files and return a result for each document, or for each file where that fails."""
        try:
            if not upload.job.exhausted:
                return await self._ingest(upload)
            failure = _(
                "I crashed twice while I was reading it. The file is kept for 30 days; tell {contact}"
            )
        except LeaseLost:
            raise
        except StoreError as error:
            _LOG.error("files are not in the library: %s", error)
            failure = store_error_text(error)
        except Exception:
            reference = log_failure("the work on files")
            failure = _("something went wrong inside me. Tell {contact} {reference}", reference=reference)
        names = [safe_name(file.name, file.id) for file in upload.job.work.submission.files]
        return await self._published_or(failure, upload, names)

    async def _ingest(self, upload: UploadAtWork) -> list[FileResult]:
        """Store the files, ingest them, and return a result for each document.

        May be repeated after an interruption: what was stored is not downloaded again, and what was ingested is
        unchanged. Raises StoreError, OSError, LeaseLost and any unexpected error.
        """
        lease, submission = upload.job.lease, upload.job.work.submission
        results: list[FileResult] = []

        # Files of one name are versions: each goes into a group after that of the former one.
        files = {file.id: file for file in submission.files}
        groups: list[dict[str, StoredFile]] = []
        for file in submission.files:
            try:
                stored = files[file.id] = await self._store(upload, file)
            except FileUnavailable as error:
                results.append(failed_file(upload.names[file.id], str(error)))
                continue
            if stored != file:
                known = replace(submission, files=tuple(files.values()))
                await self.runner.call(self._submissions.change, lease, submission=known)
            name = safe_name(stored.name, stored.id)
            group = next((each for each in groups if name not in each), None)
            if group is None:
                groups.append(group := {})
            group[name] = StoredFile(name, stored.sha256, upload.sent_at)
        if not groups:
            return results

        if self._turn.locked():
            upload.report(_("Waiting until another upload is finished"))
        async with self._turn:
            await self.runner.call(self._submissions.begin, lease)
            waiting = [list(group.values()) for group in groups]
            while waiting:
                group_files = waiting.pop(0)
                try:
                    report = await self._ingest_when_free(group_files, upload)
                except (SubprocessDied, TimeoutError) as error:
                    if len(group_files) > 1:
                        # To find out which of them it was.
                        waiting[:0] = [[each] for each in group_files]
                        continue
                    [only] = group_files
                    _LOG.warning("the file %s could not be read to its end: %r", only.sha256, error)
                    failure = _(
                        "reading it ended in a crash, or not at all. Save it in another format, and send me that"
                    )
                    results += await self._published_or(failure, upload, [only.name])
                else:
                    results += await asyncio.to_thread(
                        document_results, report.documents, upload.audience, self._services.channel_data
                    )
        return results

    async def _published_or(
        self, failure: str, upload: UploadAtWork, names: Sequence[str]
    ) -> list[FileResult]:
        """Return the results of files whose ingest failed: `failure` for each of which nothing was published.

        An ingest may fail, or its process may die, after the publication. A file that was sent later may be there too.
        """
        documents: Sequence[Document] = ()
        with suppress(StoreError):
            # A server that restarts may be why the upload failed.
            documents = await asyncio.to_thread(
                while_it_restarts, lambda: self._services.channel_data(upload.audience).documents()
            )
        results: list[FileResult] = []
        for name in names:
            published = [
                document
                for document in documents
                if document.audience == upload.audience
                and document.source.partition("/")[0] == name
                and (document.sent_at or 0.0) >= upload.sent_at
            ]
            results += [
                FileResult(document.source, _("is here"), document)
                for document in published
                if document.sent_at == upload.sent_at
            ] or [failed_file(name, _(_SUPERSEDED) if published else failure)]
        return results

    async def _store(self, upload: UploadAtWork, file: SlackFile) -> SlackFile:
        """Download and store a file unless a former process did. Raises FileUnavailable."""
        storage = self._services.options.storage
        try:
            if not file.sha256 or not await asyncio.to_thread(storage.has, file.sha256):
                return await self._download(upload, file)
        except (OSError, StoreError) as error:
            _LOG.exception("the file %s cannot be stored", file.id)
            why = error.strerror if isinstance(error, OSError) else str(error)
            reason = without_operator_steps(why or "")
            raise FileUnavailable(_("I cannot keep it here: {reason}", reason=reason)) from error
        return file

    async def _download(self, upload: UploadAtWork, file: SlackFile) -> SlackFile:
        """Download and store a file; return it with its present name in Slack and its digest."""
        described = await self._downloader.describe(file.id, upload.names[file.id])
        upload.names[file.id] = described.name

        def arrived(count: int) -> None:
            upload.report(_("Fetching {name}: {size}", name=described.name, size=megabytes(count)))

        with TemporaryDirectory(prefix="itubot-") as folder:
            target = Path(folder, "file")
            with await asyncio.to_thread(target.open, "wb") as sink:
                await self._downloader.fetch(described, sink, arrived)
            digest = await asyncio.to_thread(self._services.options.storage.put, target)
        _LOG.info("the file %s is stored as %s", file.id, digest)
        return SlackFile(file.id, described.name, digest)

    async def _ingest_when_free(self, files: Sequence[StoredFile], upload: UploadAtWork) -> IngestReport:
        """Ingest files once no other program writes.

        Raises StoreError, SubprocessDied, and TimeoutError where the ingest is silent for too long.
        """
        began = time.monotonic()
        while True:
            try:
                return await self._ingest_watched(files, upload)
            except StoreBusy:
                if time.monotonic() - began > _BUSY_SECONDS:
                    raise
                upload.report(_("Waiting: another program is writing to the library"))
                await asyncio.sleep(self._services.options.timing.busy_pause)

    async def _ingest_watched(self, files: Sequence[StoredFile], upload: UploadAtWork) -> IngestReport:
        options, submission = self._services.options, upload.job.work.submission
        remove_from = own_audience(submission) if is_share(submission) else None
        now, patience = asyncio.get_running_loop().time, options.timing.hung_after
        async with asyncio.timeout(patience) as limit:

            def on_step(step: IngestProgress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + patience)
                with in_language(upload.language_code):
                    words = _STEPS.get(step.phase, N_("Saving"))
                    upload.report(_(words, done=step.done, total=step.total))

            return await options.ingest(files, on_step, upload.audience, remove_from)


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


def document_results(
    outcomes: Sequence[FileOutcome], audience: Audience, channel_data: Callable[[Audience], ChannelData]
) -> list[FileResult]:
    """Return the result of each document that was ingested for `audience`. Blocks."""
    data = channel_data(audience)
    today = data.today()
    taken = [outcome for outcome in outcomes if outcome.file is not None]
    # An empty library cannot be read.
    readable = any(outcome.status != "failed" for outcome in taken)
    register, documents = (data.register(today), data.documents()) if readable else ([], [])
    results = []
    for outcome in taken:
        source = outcome.source
        if outcome.status == "failed":
            error = outcome.error or ""
            why = _(_SUPERSEDED) if error == SUPERSEDED else without_operator_steps(error)
            results.append(failed_file(source, why))
            continue
        own = (each for each in documents if each.source == source and each.audience == audience)
        document = next(own, None)
        version = document.version if document else 1
        words = document_words(outcome.status, version, outcome.sections, outcome.events)
        coming = coming_entries(register, source, today)
        results.append(FileResult(source, words, document, coming, tuple(outcome.notes)))
    return results
