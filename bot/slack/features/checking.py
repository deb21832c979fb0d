"""Checks drafts: each sentence of a text or a file is compared with the documents, for the person who asks alone.

A draft is in memory only. A job says who asked for its check and where, so that the next bot can say that it is lost.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import Any, ParamSpec, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cancellation import Cancellation, Cancelled
from bot.drafts.draft import CheckedDraft
from bot.drafts.wording import commented, counts_line, remarks, takes_comments, verdict_word
from bot.locales import N_, _, and_more, in_each_language, joined, ngettext, quoted
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.payloads import (
    id_of,
    installed_team,
    now_in_slack,
    upload_of_event,
    upload_of_shortcut,
)
from bot.slack.core.private_work import PrivateWork, Report
from bot.slack.core.receiving import Next, Routes, claim_and_go_on, claim_and_start
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    File,
    Message,
    actions,
    button,
    context,
    fitting,
    plain_message,
    section,
)
from bot.slack.core.ui.forms import entered, input_field, known, modal, text_area, typed
from bot.slack.core.ui.messages import not_read, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape_short, to_plain_text, unformatted
from bot.slack.core.ui.source_lines import place_of, with_button
from bot.slack.core.words import CommandWord, SlashCommand
from bot.slack.manifest import CHECK_MESSAGE
from ingest.drafts import DraftSentence
from ingest.errors import IngestError
from store.audiences import Audience, of_channel
from store.jobs import DraftJob, DraftJobStore, Job, SlackFile, SlackMessage, Submission

CHECK_FORM, CHECK_STOP = "check_form", "check_stop"

_LOG = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")
# Returns the name and the content of a file in Slack. Raises NotDone.
Content = Callable[[SlackFile], Awaitable[tuple[str, bytes]]]

_FIELD = "text"
# The name by which a text is read.
_TEXT = "text.txt"
_MOST_SENTENCES = 400
# So many sentences cost as much as a question.
_SENTENCES_A_QUESTION = 20
_MOST_SHOWN = 12
# All sentences in a message's 13,000.
_SHOWN_CHARS = 10_500
_SENTENCE_CHARS = 300
_NOTE_CHARS = 200
_QUOTE_CHARS = 250
_NAME_CHARS = 120
_TEXT_SUFFIXES = {".docx", ".docm", ".dotx", ".pdf", ".txt", ".md", ".markdown", ".htm", ".html", ".xhtml"}
# The words that ask for the check of a file beside them.
_ASKING = N_("check, verify")
_MENTION = re.compile(r"<(?:[@#]|!(?:subteam\^|here|channel|everyone))[^<>]*>")
_QUOTE_MARKS = re.compile(r"^(?:&gt;|>)+ ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody asked to have checked: a text, and files in Slack."""

    user: str
    # Kept out of logs.
    text: str = field(repr=False)
    files: tuple[SlackFile, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Part:
    """A text or a file of a draft, with its sentences; `data` is that of a Word file, else empty."""

    name: str
    data: bytes = field(repr=False)
    sentences: Sequence[DraftSentence] = field(repr=False)


def text_of_message(mrkdwn: str) -> str:
    """Return what a message says: without mentions and formatting, the text of a link in its place."""
    without_mentions = _MENTION.sub("", _QUOTE_MARKS.sub("", mrkdwn))
    return re.sub(" {2,}", " ", unformatted(to_plain_text(without_mentions))).strip()


def asks_for_check(text: str) -> bool:
    """Whether a message beside a file asks to check it, in any of the languages."""
    return _asking().search(text.casefold()) is not None


@lru_cache
def _asking() -> re.Pattern[str]:
    words = {word.strip() for line in in_each_language(_ASKING) for word in line.split(",")}
    # Chinese has no spaces between words.
    return re.compile(
        "|".join(
            re.escape(word) if word >= "\u4e00" else rf"(?<![\w-]){re.escape(word)}(?![\w-])"
            for word in sorted(words)
        )
    )


def check_form(origin: Mapping[str, str]) -> Block:
    """Return the form for a text; `origin` says where the command was used."""
    hint = _("Only you see the result, and the text is not kept.")
    blocks = [input_field(_FIELD, _("Text"), text_area(), hint=hint)]
    return modal(CHECK_FORM, _("Check a text"), blocks, submit=_("Check"), close=_("Cancel"), known=origin)


def _submitted() -> Block:
    line = _("I compare each sentence with the documents. You see the result where you typed the command.")
    return modal("checking", _("Check a text"), [section(line)])


def progress_message(key: str, done: int = 0, count: int = 0) -> Message:
    """Return how far the check `key` is, with the button that stops it."""
    if count:
        line = _("Checked {done} of {count} sentences", done=done, count=count)
    else:
        line = _("I compare each sentence with the documents …")
    return Message.of([section(line), actions(button(_("Stop"), CHECK_STOP, key))])


def result_message(draft: CheckedDraft, notes: Sequence[str] = ()) -> Message:
    """Return the counts, and the sentences that need work with the paragraphs behind their verdicts.

    `notes` are lines of mrkdwn.
    """
    items = fitting(_items(draft), _SHOWN_CHARS, lambda item: len(item["text"]["text"]))
    left = and_more(len(draft.to_mend) - len(items))
    if not items and draft.is_complete:
        items = [section(_("No sentence needs work."))]
    head = section(f"*{escape_short(counts_line(draft), _SENTENCE_CHARS)}*")
    return Message.of([head, *items, *map(context, [*left, *remarks(draft), *notes])])


def _items(draft: CheckedDraft) -> Iterator[Block]:
    """Yield the first sentences that need work: the verdict, why, and the paragraphs, with a button that opens them."""
    before = ""
    for number, (sentence, check) in enumerate(draft.to_mend[:_MOST_SHOWN], 1):
        verdict = verdict_word(check.verdict)
        head = f"*{verdict[:1].upper()}{verdict[1:]}*"
        if check.note:
            head = f"{head} · {escape_short(check.note, _NOTE_CHARS)}"
        lines = [head, f"&gt; {escape_short(sentence.sentence.text, _SENTENCE_CHARS)}"]
        for citation in check.citations:
            place = place_of(citation, named=citation.source != before)
            before = citation.source
            source = f"{place}: {quoted(escape_short(citation.quote, _QUOTE_CHARS))}"
            lines.append(_("Nearest: {source}", source=source) if check.verdict == "not found" else source)
        yield with_button(section("\n".join(lines)), number, check.citations)


def _no_text() -> Message:
    return plain_message(
        _("There is no text to check. I can check a text, and Word, PDF, HTML, Markdown and text files.")
    )


def _one_at_a_time() -> str:
    return _("I am still checking another text of yours. Please wait for it, or stop it.")


def _interrupted() -> Message:
    return plain_message(
        _("I was interrupted before I had checked your text, and I keep no copy of it. Please send it again.")
    )


def _stopped() -> Message:
    return plain_message(_("Stopped; nothing is checked."))


def _too_long(count: int) -> Message:
    return plain_message(
        _(
            "Your text has {count} sentences, and I check at most {most} at a time. Please send it in parts.",
            count=count,
            most=_MOST_SENTENCES,
        )
    )


def _other_language() -> Message:
    return plain_message(
        _(
            "I have no document in the language of your text, and compare it only with documents in its language. "
            "Please send it in theirs."
        )
    )


def _kept_here(name: str) -> str:
    return _(
        "Comments in {file} would quote documents of this conversation, so I do not send them in a direct message. "
        "Check the file in a direct message with me to get comments from what everybody may see.",
        file=name,
    )


class Checking(PrivateWork[DraftJob]):
    """Checks messages, files and texts that people type. `content` fetches a file."""

    words = (CommandWord("check", "window", N_("compares each sentence of your text with the documents")),)

    stop_action = CHECK_STOP

    def __init__(self, services: WorkspaceServices, content: Content) -> None:
        self._store = DraftJobStore.beside(services.question_store)
        super().__init__(services, self._store)
        self._content = content
        # By the key of the job.
        self._drafts: dict[str, Draft] = {}

    def add_routes(self, routes: Routes) -> None:
        """Route files beside the word for a check, the shortcut, the form, and the button that stops a check."""
        routes.messages(self.claim_event, self.is_draft)
        routes.shortcut(CHECK_MESSAGE, self.check_message)
        routes.form(CHECK_FORM, self.submit_form)
        super().add_routes(routes)

    async def is_draft(self, body: dict[str, Any], context: AsyncBoltContext) -> bool:
        """Return True for a direct message or a mention with files and the word for a check."""
        upload = context["draft"] = upload_of_event(body, context.bot_user_id or "")
        return upload is not None and asks_for_check(upload.message.text)

    async def claim_event(self, context: AsyncBoltContext, ack: AsyncAck, next: Next) -> BoltResponse | None:
        """Claim the check of the files of an event; one that is claimed already is only acknowledged."""
        upload: Submission = context["draft"]

        async def claim() -> Job[DraftJob] | None:
            try:
                return await self._claim(upload, "")
            except NotDone as refused:
                self._services.tell(Recipient.of(upload.message), refused.message)
                return None

        return await claim_and_go_on(claim(), self.runner.submit, context, ack, next)

    async def check_message(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Check the message with the shortcut, and its files."""
        upload = upload_of_shortcut(body)
        text = text_of_message(str((body.get("message") or {}).get("text") or ""))
        try:
            await claim_and_start(self._claim(upload, text), self.runner.submit, ack)
        except NotDone as refused:
            await ack()
            self._services.tell(Recipient.of(upload.message, upload.response_url), refused.message)

    async def open_window(self, command: SlashCommand) -> None:
        """Open the form. Raises NotDone."""

        async def form() -> Block:
            return check_form({"channel": command.message.channel, "response_url": command.response_url})

        await self._services.open_window(command.key, form())

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Check the text of the form; if it is not taken, the form stays open with it."""
        origin, text = known(body["view"]), typed(entered(body["view"])[_FIELD])
        asked = SlackMessage(
            installed_team(body), origin["channel"], now_in_slack(), "", id_of(body, "user"), ""
        )
        upload = Submission(f"form/{body['view']['id']}", asked, (), asked.ts, origin["response_url"])
        show = partial(ack, response_action="update", view=_submitted())
        try:
            await claim_and_start(self._claim(upload, text), self.runner.submit, show)
        except NotDone as refused:
            await ack(response_action="errors", errors={_FIELD: refused.message.text})

    async def _claim(self, upload: Submission, text: str) -> Job[DraftJob] | None:
        """Claim the check of a text and of files; None if it is claimed already. Raises NotDone, StoreError."""
        key, user = upload.key, upload.message.user
        if key in self._drafts:
            return None
        if any(draft.user == user for draft in self._drafts.values()):
            raise NotDone(plain_message(_one_at_a_time()))
        files = tuple(file for file in upload.files if _may_be_text(file.name))
        if not text and not files:
            raise NotDone(_no_text())
        self._drafts[key] = Draft(user, text, files)
        job = None
        try:
            claim = self._store.claim
            job = await self.runner.call(claim, key, upload.message, self.runner.holder, upload.response_url)
        finally:
            if job is None:
                del self._drafts[key]
        return job

    async def _deliver(self, job: Job[DraftJob]) -> None:
        try:
            await super()._deliver(job)
        finally:
            self._drafts.pop(job.lease.key, None)

    def _progress(self, key: str, done: int = 0, count: int = 0) -> Message:
        return progress_message(key, done, count)

    def _ended(self) -> Message:
        return plain_message(_("This check has ended already."))

    async def _show(self, job: Job[DraftJob]) -> None:
        """Show the result to the person alone; before it, if it takes longer, that it comes. Raises LeaseLost."""
        clients, to = self._services.clients, Recipient.of(job.work.message, job.work.response_url)
        working = asyncio.create_task(self._result(job, lambda _done, _count: None))
        try:
            await asyncio.wait({working}, timeout=self._services.options.timing.announce_check_after)
            if not working.done():
                await reply_privately(clients, to, progress_message(job.lease.key))
            message = await working
        finally:
            working.cancel()
        await self.runner.check(job.lease)
        await reply_privately(clients, to, message)

    async def _result(self, job: Job[DraftJob], report: Report) -> Message:
        """Return the result of a check, or why there is none."""
        draft = self._drafts.get(job.lease.key)
        if draft is None:
            return _interrupted()
        try:
            async with self._cancellation(job) as cancellation:
                return await self._check(job, draft, cancellation, report)
        except Cancelled:
            return _stopped()
        except Exception as error:
            return explanation(error, "a check", in_words=False)

    @asynccontextmanager
    async def _cancellation(self, job: Job[DraftJob]) -> AsyncIterator[Cancellation]:
        """Give the cancellation of a check: by its button, or because its job is left."""
        cancellation = Cancellation()
        async with self._stops.of(job.lease.key, job.work.stopped) as stop:

            async def wait() -> None:
                await stop.wait()
                cancellation.cancel()

            waiting = asyncio.create_task(wait())
            try:
                yield cancellation
            finally:
                waiting.cancel()
                cancellation.cancel()

    async def _check(
        self, job: Job[DraftJob], draft: Draft, cancellation: Cancellation, report: Report
    ) -> Message:
        """Check a draft. Raises NotDone, Cancelled, StoreError."""
        asked = job.work.message
        audience = of_channel(asked.team, asked.channel)
        parts, notes = await self._parts(draft, cancellation)
        sentences = [sentence for part in parts for sentence in part.sentences]
        cost = len(sentences) // _SENTENCES_A_QUESTION * QUESTION_COST
        # What the request itself cost was there; this counts for what comes after it.
        self._services.budget.charge(draft.user, f"{job.lease.key}/sentences", cost)
        loop = asyncio.get_running_loop()

        def on_check(done: int, count: int) -> None:
            loop.call_soon_threadsafe(report, done, count)

        def work() -> tuple[CheckedDraft, bool]:
            is_private = self._services.has_own_documents(audience)
            checked = self._checked(audience, sentences, cancellation, on_check)
            return checked, is_private or self._services.has_own_documents(audience)

        checked, is_private = await self._in_thread(work)
        start = 0
        for part in parts:
            own = replace(checked, sentences=checked.sentences[start : start + len(part.sentences)])
            start += len(part.sentences)
            if takes_comments(part.name) and own.to_mend:
                notes.append(await self._send_commented(asked, part, own, is_private=is_private))
        return result_message(checked, notes)

    async def _parts(self, draft: Draft, cancellation: Cancellation) -> tuple[list[_Part], list[str]]:
        """Return the text and the files of a draft, read one after the other, and why others are not read.

        Raises NotDone if nothing is read or it is too long, and Cancelled.
        """
        parts: list[_Part] = []
        refusals: list[NotDone] = []
        for file in (None, *draft.files) if draft.text else draft.files:
            try:
                content = (_TEXT, draft.text.encode()) if file is None else await self._content(file)
                parts.append(await self._in_thread(self._read, *content))
            except NotDone as refusal:
                refusals.append(refusal)
            if cancellation.is_cancelled:
                raise Cancelled
        if not parts:
            raise refusals[0]
        count = sum(len(part.sentences) for part in parts)
        if count > _MOST_SENTENCES:
            raise NotDone(_too_long(count))
        return parts, [refusal.message.text for refusal in refusals]

    def _read(self, name: str, data: bytes) -> _Part:
        """Return a part of a draft. Raises NotDone."""
        try:
            sentences = self._services.options.read_draft(name, data)
        except IngestError as error:
            raise NotDone(_no_text() if name == _TEXT else not_read(name, str(error))) from error
        return _Part(name, data if takes_comments(name) else b"", sentences)

    def _checked(
        self,
        audience: Audience,
        sentences: Sequence[DraftSentence],
        cancellation: Cancellation,
        report: Report,
    ) -> CheckedDraft:
        """Check sentences until the cancellation. Raises NotDone, Cancelled, StoreError."""
        data = self._services.channel_data(audience)
        work = data.check(sentences)
        if not work.result.judged and work.language not in {d.language for d in data.documents()}:
            raise NotDone(_other_language())

        def on_check(done: int, count: int) -> None:
            if cancellation.is_cancelled:
                raise Cancelled
            report(done, count)

        try:
            with cancellation.of_this_work():
                work.run(on_check)
        except Cancelled:
            if not work.result.counts:
                raise
        return work.result

    async def _send_commented(
        self, asked: SlackMessage, part: _Part, own: CheckedDraft, *, is_private: bool
    ) -> str:
        """Send a Word file with its comments to the person, and return what they are told of it."""
        name = escape_short(part.name, _NAME_CHARS)
        try:
            channel = await self._services.open_direct(asked.user)
            if is_private and channel != asked.channel:
                return _kept_here(name)
            data, unplaced = await self._in_thread(commented, part.data, own)
            path = PurePosixPath(part.name)
            count = len(own.to_mend) - unplaced
            said = ngettext("{file} with {count} comment", "{file} with {count} comments", count, file=name)
            file = File(_("{name} (checked)", name=path.stem) + path.suffix, part.name, said, data)
            await self._services.send_file(channel, file)
        except NotDone as error:
            return joined(_("I could not send {file} with comments.", file=name), error.message.text)
        except IngestError as error:
            why = escape_short(without_operator_steps(str(error)), _NOTE_CHARS)
            return _("I could not put comments into {file}: {reason}.", file=name, reason=why)
        return joined(
            _("{file} with comments is in our direct messages.", file=name),
            ngettext(
                "{count} comment found no place in it.", "{count} comments found no place in it.", unplaced
            )
            if unplaced
            else "",
        )

    async def _in_thread(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Result:
        work = partial(copy_context().run, function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _may_be_text(name: str) -> bool:
    """Whether a file may be one of text, by its name; Slack's own kinds, which have no suffix, are explained later."""
    return PurePosixPath(name).suffix.casefold() in {"", *_TEXT_SUFFIXES}
