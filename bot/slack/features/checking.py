"""Checks drafts: each sentence of a text or a file is compared with the documents, for the person who asks alone.

A draft is in memory only. A job says who asked for its check and where, so that the next bot can say that it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cancellation import Cancelled
from bot.drafts.draft import CheckedDraft
from bot.drafts.wording import commented, counts_line, remarks, takes_comments, verdict_word
from bot.locales import N_, _, and_more, in_each_language, joined, ngettext, quoted
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import InvalidForm, NotDone, explanation
from bot.slack.core.payloads import Press, upload_of_event, upload_of_shortcut
from bot.slack.core.private_work import PrivateWork, Report
from bot.slack.core.receiving import Next, Routes, claim_and_go_on, claim_and_start
from bot.slack.core.sending.private_replies import Recipient
from bot.slack.core.services import Arrival, WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    File,
    Message,
    button,
    context,
    fitting,
    plain_message,
    section,
)
from bot.slack.core.ui.forms import entered, input_field, modal, text_area, typed
from bot.slack.core.ui.messages import not_read, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape_short, to_plain_text, unformatted
from bot.slack.core.ui.source_lines import place_of
from bot.slack.manifest import CHECK_MESSAGE
from ingest.drafts import DraftSentence
from ingest.errors import IngestError
from store.audiences import Audience
from store.jobs import DraftJob, DraftJobStore, Job, SlackFile, Submission

CHECK_OPEN, CHECK_FORM, CHECK_STOP = "check_open", "check_form", "check_stop"

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


def check_form(press: Press) -> Block:
    """Return the form for a text."""
    hint = _("Only you see the result, and the text is not kept.")
    return modal(
        CHECK_FORM,
        _("Check a text"),
        [input_field(_FIELD, _("Text"), text_area(), hint=hint)],
        submit=_("Check"),
        close=_("Cancel"),
        known={"channel": press.channel, "response_url": press.response_url},
    )


def result_message(draft: CheckedDraft, notes: Sequence[str] = ()) -> Message:
    """Return the counts, and the sentences that need work with the paragraphs behind their verdicts.

    `notes` are lines of mrkdwn.
    """
    items = fitting(_items(draft), _SHOWN_CHARS, lambda item: len(item["text"]["text"]))
    left = and_more(len(draft.to_mend) - len(items))
    if not items and draft.is_complete:
        items = [section(_("No sentence needs work."))]
    head = section(f"*{escape_short(counts_line(draft), _SENTENCE_CHARS)}*")
    return Message.of([head, *items, *map(context, [*left, *remarks(draft), *filter(None, notes)])])


def _items(draft: CheckedDraft) -> Iterator[Block]:
    """Yield the first sentences that need work: the verdict, why, and the paragraphs."""
    before = ""
    for sentence, check in draft.to_mend[:_MOST_SHOWN]:
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
        yield section("\n".join(lines))


def _no_text() -> Message:
    return plain_message(_("There is no text to check, and no Word, PDF, HTML, Markdown or text file."))


class Checking(PrivateWork[DraftJob]):
    """Checks messages, files and texts that people type. `content` fetches a file."""

    stop_action = CHECK_STOP
    # Nothing of a draft is stored.
    is_stored = False

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
        routes.press(CHECK_OPEN, self.open_form)
        routes.form(CHECK_FORM, self.submit_form)
        super().add_routes(routes)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the form."""
        return [button(_("Check a text"), CHECK_OPEN, CHECK_OPEN)]

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

    async def open_form(self, press: Press) -> None:
        """Open the form. Raises NotDone."""

        async def form() -> Block:
            return check_form(press)

        await self._services.open_window(press, form())

    async def submit_form(self, press: Press) -> Message:
        """Check the text of the form; if it is not taken, the form stays open with it. Raises InvalidForm."""
        asked, text = press.asked, typed(entered(press.view)[_FIELD])
        upload = Submission(f"form/{press.view['id']}", asked, (), asked.ts, press.response_url)
        try:
            if job := await self._claim(upload, text):
                self.runner.submit(job)
        except NotDone as refused:
            raise InvalidForm({_FIELD: refused.message.text}) from refused
        return plain_message(
            _("I am comparing each sentence with the documents. You will find the result in our messages.")
        )

    async def _claim(self, upload: Submission, text: str) -> Job[DraftJob] | None:
        """Claim the check of a text and of files; None if it is claimed already. Raises NotDone, StoreError."""
        key, user = upload.key, upload.message.user
        if key in self._drafts:
            return None
        if any(draft.user == user for draft in self._drafts.values()):
            raise NotDone(
                plain_message(_("Another text of yours is being checked. Wait for it, or stop it."))
            )
        files = tuple(file for file in upload.files if _may_be_text(file.name))
        if not text and not files:
            raise NotDone(_no_text())
        self._drafts[key] = Draft(user, text, files)
        job = None
        try:
            # Nothing of a draft is stored.
            work = DraftJob(key, replace(upload.message, text=""), upload.response_url)
            job = await self.runner.call(self._store.claim, work, self.runner.holder)
        finally:
            if job is None:
                del self._drafts[key]
        return job

    def _progress_line(self, done: int, count: int) -> str:
        if count:
            return _("Sentences checked: {done} of {count}", done=done, count=count)
        return _("Comparing each sentence with the documents …")

    def _title(self, job: Job[DraftJob]) -> str:
        return _("Check of a text")

    def _arrived(self) -> str:
        return _("The check of your text is in our messages")

    async def _result(self, job: Job[DraftJob], arrival: Arrival, report: Report) -> Message:
        """Return the result of a check, or why there is none."""
        draft = self._drafts.get(job.lease.key)
        if draft is None:
            return plain_message(
                _("The check of your text was interrupted, and no copy of it is kept. Please send it again.")
            )
        try:
            return await self._check(job, arrival, draft, report)
        except Cancelled:
            return plain_message(_("Stopped; nothing is checked."))
        except Exception as error:
            return explanation(error, "a check", in_words=False)
        finally:
            self._drafts.pop(job.lease.key, None)

    async def _check(self, job: Job[DraftJob], arrival: Arrival, draft: Draft, report: Report) -> Message:
        """Check a draft. Raises NotDone, Cancelled, StoreError."""
        parts, notes = await self._parts(draft)
        sentences = [sentence for part in parts for sentence in part.sentences]
        cost = len(sentences) // _SENTENCES_A_QUESTION * QUESTION_COST
        # What the request itself cost was there; this counts for what comes after it.
        self._services.budget.charge(draft.user, f"{job.lease.key}/sentences", cost)
        work = partial(self._checked, arrival.audience, sentences)
        checked = await self._until_stopped(job, work, report)
        start = 0
        for part in parts:
            own = replace(checked, sentences=checked.sentences[start : start + len(part.sentences)])
            start += len(part.sentences)
            if takes_comments(part.name) and own.to_mend:
                notes.append(await self._send_commented(arrival, part, own))
        return result_message(checked, notes)

    async def _parts(self, draft: Draft) -> tuple[list[_Part], list[str]]:
        """Return the text and the files of a draft, read one after the other, and why others are not read.

        Raises NotDone if nothing is read or it is too long.
        """
        parts: list[_Part] = []
        refusals: list[NotDone] = []
        for file in (None, *draft.files) if draft.text else draft.files:
            try:
                content = (_TEXT, draft.text.encode()) if file is None else await self._content(file)
                parts.append(await self._in_thread(partial(self._read, *content)))
            except NotDone as refusal:
                refusals.append(refusal)
        if not parts:
            raise refusals[0]
        count = sum(len(part.sentences) for part in parts)
        if count > _MOST_SENTENCES:
            raise NotDone(
                plain_message(
                    _(
                        "Your text has {count} sentences; {most} can be checked at a time. Please send it in parts.",
                        count=count,
                        most=_MOST_SENTENCES,
                    )
                )
            )
        return parts, [refusal.message.text for refusal in refusals]

    def _read(self, name: str, data: bytes) -> _Part:
        """Return a part of a draft. Raises NotDone."""
        try:
            sentences = self._services.options.read_draft(name, data)
        except IngestError as error:
            raise NotDone(_no_text() if name == _TEXT else not_read(name, str(error))) from error
        return _Part(name, data if takes_comments(name) else b"", sentences)

    def _checked(
        self, audience: Audience, sentences: Sequence[DraftSentence], on_check: Report
    ) -> CheckedDraft:
        """Check sentences until the person stops it. Raises NotDone, Cancelled, StoreError."""
        data = self._services.channel_data(audience)
        work = data.check(sentences)
        if not work.result.judged and work.language not in {d.language for d in data.documents()}:
            raise NotDone(
                plain_message(
                    _("There is no document in the language of your text. Please send it in theirs.")
                )
            )
        try:
            work.run(on_check)
        except Cancelled:
            if not work.result.counts:
                raise
        return work.result

    async def _send_commented(self, arrival: Arrival, part: _Part, own: CheckedDraft) -> str:
        """Send a Word file with its comments to direct messages, and return what the person is told of it."""
        name = escape_short(part.name, _NAME_CHARS)
        if arrival.alone:
            return _(
                "{file} does not come back with comments, as these may quote documents of this conversation.",
                file=name,
            )
        try:
            data, unplaced = await self._in_thread(partial(commented, part.data, own))
            path = PurePosixPath(part.name)
            count = len(own.to_mend) - unplaced
            said = ngettext("{file} with {count} comment", "{file} with {count} comments", count, file=name)
            file = File(_("{name} (checked)", name=path.stem) + path.suffix, part.name, said, data)
            await self._services.send_file(arrival.message.channel, file)
        except NotDone as error:
            return joined(_("I could not send {file} with comments.", file=name), error.message.text)
        except IngestError as error:
            why = escape_short(without_operator_steps(str(error)), _NOTE_CHARS)
            return _("I could not put comments into {file}: {reason}.", file=name, reason=why)
        if not unplaced:
            return ""
        return ngettext(
            "{count} comment could not be put into {file}.",
            "{count} comments could not be put into {file}.",
            unplaced,
            file=name,
        )


def _may_be_text(name: str) -> bool:
    """Whether a file may be one of text, by its name; Slack's own kinds, which have no suffix, are explained later."""
    return PurePosixPath(name).suffix.casefold() in {"", *_TEXT_SUFFIXES}
