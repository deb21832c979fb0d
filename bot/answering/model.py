"""Answers by a language model that holds the look-ups: it reads the first items, may ask for more, and writes.

What it writes is cited, checked and delivered statement by statement while it still writes. One thread reads the reply,
compares hard facts and requests the judge's verdicts; the caller's thread takes the statements in order, waits for the
verdicts, and runs the look-ups. What fails is left out and counted.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda

from bot.answering import remarks
from bot.answering.answer import Progress, Removed, Reply
from bot.answering.calls import LOOK_UPS
from bot.answering.items import Item
from bot.answering.parsing import ReplyParser, Statement, is_no_answer, unanswered_part
from bot.answering.reply import Composer, Line, Request, cites_of
from bot.answering.tools import Found, Tools, about_assistant
from bot.answering.verifying import JUDGED_NO, NOT_JUDGED, NOTHING_CITED, Verifier
from bot.cancellation import Cancelled
from bot.errors import BotError, ModelError
from bot.facts.checks import Violation
from bot.languages import language_name
from bot.locales import N_, _, commas, in_language, noted
from bot.models.addressee import spoken
from bot.models.chat import ChatModel, ToolCall, in_background
from bot.models.judge import VERDICT_SECONDS, Judge
from bot.models.quoting import escaped, one_line, prompt_day, quoted_passage, token_count
from bot.models.usage import Usage, answering
from bot.register.wording import status
from bot.telemetry.spans import span
from prompts import chat_prompt, render
from store.terms import words

_LOG = logging.getLogger(__name__)

# What one question may cost: rounds of look-ups beyond the first search, calls of a round, about so many tokens of the
# first items and of all that one round gives, and seconds for the whole, which a model's patience multiplies.
ROUNDS = 3
_CALLS_A_ROUND = 4
_FIRST_TOKENS = 3000
_ROUND_TOKENS = 3000
_SECONDS = 90.0
# Statements of an answer, and of all replies to one question that are read.
_MOST_SENTENCES = 16
_MOST_STATEMENTS = 48
# Lines of the register beside the first paragraphs.
_FIRST_DATES = 12

# What a look-up is called while a person waits for it.
_SHOWN: dict[str, str] = {
    "search": N_("Searching"),
    "fetch": N_("Reading"),
    "list_events": N_("Looking up dates"),
    "what_changed": N_("Comparing versions"),
    "list_documents": N_("Listing the documents"),
}


class ModelAnswerer:
    """Answers with a chat model, and a judge where there is one. Safe between threads."""

    def __init__(self, model: ChatModel, judge: Judge | None, today: Callable[[], date]) -> None:
        self._model = model
        self._judge = judge
        self._today = today

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    def warm_up(self) -> None:
        """Do nothing: the chat model is made at the first request."""

    def answer(self, request: Request, tools: Tools) -> Reply:
        """Return what the model wrote and its items support; its `note` says why, where nothing stands.

        Its requests and the judge's are one langchain run, "question". Raises StoreError, and what the callbacks of the
        request raise.
        """
        usage = Usage()

        def run(turn: str, config: RunnableConfig) -> Reply:
            verifier = Verifier(self._judge, request.as_of, request.language, config, days=(self._today(),))
            try:
                return _Work(
                    self._model, replace(request, config=config), tools, verifier, self._today()
                ).run()
            finally:
                verifier.close()

        reply = RunnableLambda(run, name="question").invoke(request.turn, {"callbacks": [usage]})
        model = usage.model or self.name
        return replace(reply, tokens=usage.tokens, model=model, standalone_question=request.in_context)


@dataclass
class _Items:
    """The numbered items of one answer; a number is a place plus one. Each item has one number."""

    shown: list[Item] = field(default_factory=list)
    _places: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, items: Iterable[Item], tokens: int) -> str:
        """Number items and return them as the model reads them: as many as about `tokens` hold, at least one."""
        quoted: list[str] = []
        for item in items:
            place = self._places.get(item.key, len(self.shown))
            text = _quoted(place + 1, item)
            tokens -= token_count(text)
            if quoted and tokens < 0:
                break
            quoted.append(text)
            if place == len(self.shown):
                self._places[item.key] = place
                self.shown.append(item)
        return "\n\n".join(quoted)

    def cited(self, statement: Statement) -> list[Item]:
        """Return the items that a statement cites and that exist."""
        return [self.shown[place] for place in statement.cites if 0 <= place < len(self.shown)]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A statement after the hard checks; `verdict` is the judge's, to come, None where there is none to wait for."""

    statement: Statement
    items: Sequence[Item]
    violation: Violation | None
    verdict: Future[bool] | None


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """The model's statement that the items do not answer the turn, or a part of it, in the model's words."""

    part: str = ""


class _Work:
    """One answer in progress."""

    def __init__(
        self, model: ChatModel, request: Request, tools: Tools, verifier: Verifier, today: date
    ) -> None:
        self._model = model
        self._request = request
        self._tools = tools
        self._verifier = verifier
        self._today = today
        self._ends = time.monotonic() + _SECONDS * model.patience
        self._items = _Items()
        self._composer = Composer(request.on_sentence)
        self._delivered: list[str] = []
        self._removed: list[Removed] = []
        self._uncited: list[Removed] = []
        self._talk: list[str] = []
        self._no_answer: _NoAnswer | None = None
        self._hard_only = self._without_verdict = False
        self._after_removed = False
        self._checked = self._read = 0
        self._titles: tuple[str, ...] = ()
        self._looked_up: tuple[str, ...] = ()
        self._full_text_only = False

    def run(self) -> Reply:
        """Ask the model, look up what it asks for, and return the reply."""
        messages = self._first_messages()
        failure: str | None = None
        try:
            for round_ in range(ROUNDS + 1):
                calls, said = self._round(messages, offer=round_ < ROUNDS)
                if not calls or self._is_done:
                    break
                messages += self._look_up(calls, said, is_last=round_ + 1 == ROUNDS)
        except ModelError as error:
            failure = str(error)
        return self._reply(failure)

    @property
    def _is_done(self) -> bool:
        return (
            self._no_answer is not None
            or len(self._delivered) >= _MOST_SENTENCES
            or self._read >= _MOST_STATEMENTS
            or time.monotonic() >= self._ends
        )

    def _first_messages(self) -> list[BaseMessage]:
        """Return the prompt with the first items: what a search finds, and the register's lines on the same."""
        request, tools = self._request, self._tools
        paragraphs = self._first_paragraphs()
        with in_language("en"):
            # The register's words are computed: they are in the language of the documents' names and of the check.
            dated = tools.dated_in([hit for item in paragraphs[:5] for hit in item.hits])
            dates = tools.lines(dated[:_FIRST_DATES]).items
            parts = (
                self._items.add(paragraphs, _FIRST_TOKENS),
                self._items.add(dates, _FIRST_TOKENS // 3),
                self._items.add([about_assistant()], _FIRST_TOKENS),
            )
            material = "\n\n".join(filter(None, parts))
        self._verifier.learn(self._items.shown)
        titles = (item.hits[0].document for item in self._items.shown if item.kind == "paragraph")
        self._titles = tuple(dict.fromkeys(each.title or each.source for each in titles))
        self._report()

        language = language_name(request.language)
        translated = "" if request.language == "en" else f"\n{render('translated', language=language)}"
        said = spoken(request.history)
        return chat_prompt("answer", "material").format_messages(
            language=language,
            translated=translated,
            today=prompt_day(self._today),
            as_of=prompt_day(request.as_of),
            items=material,
            conversation=f"{render('conversation', turns=said)}\n\n" if said else "",
            question=escaped(request.turn),
        )

    def _first_paragraphs(self) -> list[Item]:
        """Return what a search for the turn finds; in a conversation also one for the question before it, in turns."""
        request = self._request
        found = [self._tools.search(request.turn, request.spoken)]
        before = request.question_before
        if before:
            found.append(self._tools.search(request.in_context))
        request.lap("retrieve")
        self._full_text_only = any(each.search and each.search.full_text_only for each in found)
        ranked = [(place, n, item) for n, each in enumerate(found) for place, item in enumerate(each.items)]
        by_section = {
            item.hits[0].section.id: item for _place, _n, item in sorted(ranked, key=lambda r: r[:2])
        }
        return list(by_section.values())

    def _round(self, messages: list[BaseMessage], *, offer: bool) -> tuple[list[ToolCall], str]:
        """Ask the model once; return the calls that it asks for and what it said. Raises ModelError."""
        self._tools.release()
        config = answering(self._request.config)
        left = max(1.0, self._ends - time.monotonic())
        said: list[str] = []
        reply = self._model.converse(messages, _OFFERED if offer else (), config, most_seconds=left)
        read = partial(self._statements, reply, said)
        calls: list[ToolCall] = []
        self._uncited = []
        with closing(in_background(read, "reply")) as found:
            for each in found:
                if isinstance(each, ToolCall):
                    calls.append(each)
                elif isinstance(each, _NoAnswer):
                    self._no_answer = each
                else:
                    self._take(each)
                if self._is_done:
                    break
        calls = calls if offer else []
        if not calls:
            # Beside calls, a sentence without a citation only says what is looked up.
            self._removed += self._uncited
        self._request.lap("compose")
        return calls, "".join(said)

    def _statements(
        self, reply: Generator[str | ToolCall, None, None], said: list[str], stopped: threading.Event
    ) -> Generator[_Checked | _NoAnswer | ToolCall, None, None]:
        """Yield the statements of a reply and its calls until `stopped`; nothing follows a _NoAnswer but calls.

        Raises ModelError and Cancelled.
        """
        parser, before = ReplyParser(), ""
        try:
            with closing(reply) as parts:
                for part in _with_end(parts):
                    if stopped.is_set():
                        return
                    if isinstance(part, ToolCall):
                        yield part
                        continue
                    said.append(part or "")
                    for statement in parser.end() if part is None else parser.feed(part):
                        unanswered = unanswered_part(statement.text)
                        if unanswered or is_no_answer(statement.text):
                            yield _NoAnswer(unanswered)
                        else:
                            yield self._check(statement, before)
                            before = statement.text
        except (ModelError, Cancelled):
            raise
        except Exception as error:
            # A fault here must not cost the answer: the plain one remains.
            _LOG.exception("the reply could not be read")
            raise ModelError(f"the reply could not be read ({type(error).__name__})") from error

    def _check(self, statement: Statement, before: str) -> _Checked:
        """Compare the hard facts of a statement, and request the judge's verdict if it has them all."""
        items = self._items.cited(statement)
        if items and all(item.kind == "about" for item in items):
            return _Checked(statement, items, None, None)
        cited = [item for item in items if item.kind != "about"]
        with span("checks"):
            violation = self._verifier.violation(statement.text, cited)
        verdict = self._verifier.ask(statement.text, cited, before) if violation is None else None
        return _Checked(statement, cited, violation, verdict)

    def _take(self, checked: _Checked) -> None:
        """Deliver a statement, or leave it out."""
        statement = checked.statement
        self._read += 1
        if checked.items and all(item.kind == "about" for item in checked.items):
            self._talk.append(statement.text)
            return
        if checked.violation is NOTHING_CITED:
            self._uncited.append(_removed(statement, NOTHING_CITED))
            return

        violation = checked.violation
        if violation is None:
            violation = self._judged(checked)
        if violation is not None:
            self._removed.append(_removed(statement, violation))
            self._after_removed = True
        elif statement.text not in self._delivered:
            cites = tuple(each for item in checked.items for each in cites_of(item, statement.text))
            self._composer.add(Line(statement.text, cites, statement.opens))
            self._delivered.append(statement.text)
            self._after_removed = False
        self._checked += 1
        self._report()

    def _judged(self, checked: _Checked) -> Violation | None:
        """Return why the judge does not let a statement pass; None if it does, or if hard facts have to be enough."""
        verdict = checked.verdict
        if verdict is not None and self._after_removed:
            # It was judged as following a sentence that was left out since.
            before = self._delivered[-1] if self._delivered else ""
            verdict = self._verifier.ask(checked.statement.text, checked.items, before)
        says: bool | None = None
        if verdict is not None:
            self._request.lap("compose")
            try:
                says = verdict.result(timeout=VERDICT_SECONDS * self._model.patience)
            except Cancelled:
                raise
            except Exception as error:
                # A cross-encoder has exceptions of its own.
                _LOG.warning("no verdict of the judge: %s", str(error) or "it took too long")
                self._without_verdict = True
            self._request.lap("verify")
        if says is False:
            return JUDGED_NO
        if says is None and self._request.language != "en":
            # Rules compare names in English alone.
            return NOT_JUDGED
        self._hard_only = self._hard_only or says is None
        return None

    def _look_up(self, calls: Sequence[ToolCall], said: str, *, is_last: bool) -> list[BaseMessage]:
        """Return the model's calls and what they give; those beyond the first ones of a round give nothing."""
        answers: list[BaseMessage] = []
        known = len(self._items.shown)
        left = _ROUND_TOKENS
        for n, call in enumerate(calls):
            text = (
                self._given(call, left)
                if n < _CALLS_A_ROUND
                else "Too many calls at once: it was not looked up."
            )
            left = max(0, left - token_count(text))
            answers.append(
                ToolMessage(f"{text}\n\n{render('last_items')}" if is_last else text, tool_call_id=call.id)
            )
        self._verifier.learn(self._items.shown[known:])
        self._report()
        self._request.lap("retrieve")
        asked = [
            {"id": call.id, "name": call.name, "args": dict(call.arguments or {}), "type": "tool_call"}
            for call in calls
        ]
        return [AIMessage(said, tool_calls=asked), *answers]

    def _given(self, call: ToolCall, tokens: int) -> str:
        """Return what a call gives, as the model reads it: numbered items, or a line that says why there are none."""
        look_up = LOOK_UPS.get(call.name)
        if look_up is None:
            return f"There is no tool of this name; there are {', '.join(LOOK_UPS)}."
        if call.arguments is None:
            return "The arguments are no JSON object."
        self._looked_up = (*self._looked_up, _shown(call))
        try:
            with span(call.name), in_language("en"):
                found = look_up.call(self._tools, call.arguments)
        except BotError as error:
            return f"Nothing was looked up: {one_line(str(error))}"
        return self._as_read(found, tokens)

    def _as_read(self, found: Found, tokens: int) -> str:
        if not found.items:
            return one_line(found.note) or "Nothing was found."
        before = len(self._items.shown)
        text = self._items.add(found.items, tokens)
        left_out = len(found.items) - len(self._items.shown[before:])
        more = f"\n\n{one_line(found.note)}" if found.note else ""
        return f"{text}{more}" if left_out <= 0 or found.note else f"{text}\n\nMore was found than is shown."

    def _report(self) -> None:
        """Report how far the answer is, to whoever wants to know."""
        if self._request.on_progress is not None:
            self._request.on_progress(
                Progress(
                    self._request.documents,
                    self._checked,
                    left_out=len(self._removed),
                    read=self._titles,
                    looked_up=self._looked_up,
                )
            )

    def _reply(self, failure: str | None) -> Reply:
        """Return the reply made of what was delivered."""
        removed = tuple(self._removed)
        part = self._no_answer.part if self._no_answer else ""
        # Nobody has checked words of the model's own.
        asked = set(words(self._request.turn))
        unanswered = (part,) if part and asked.issuperset(words(part)) else ()
        if self._delivered:
            return Reply(
                self._composer.text,
                self._composer.citations,
                answered=True,
                confidence="low" if self._without_verdict else "high",
                removed=removed,
                judged=not self._hard_only,
                note=remarks.ends_early(failure) if failure else None,
                unanswered=unanswered,
                full_text_only=self._full_text_only,
            )
        if self._talk and failure is None:
            return Reply(" ".join(self._talk), reason="small talk", removed=removed)
        if self._no_answer is not None:
            paragraphs = [item for item in self._items.shown if item.kind == "paragraph"][:3]
            nearest = tuple(cited for item in paragraphs for cited in item.citations)
            return Reply(reason="no evidence", removed=removed, nearest=nearest)
        return Reply(removed=removed, note=remarks.without_model(failure))


def _with_end(parts: Iterable[str | ToolCall]) -> Generator[str | ToolCall | None, None, None]:
    """Yield the texts of a reply, None at the end of the last one, and then the calls."""
    calls = []
    for part in parts:
        if isinstance(part, ToolCall):
            calls.append(part)
        else:
            yield part
    yield None
    yield from calls


def _quoted(number: int, item: Item) -> str:
    """Return an item as the model reads it, under its number."""
    if item.kind == "paragraph":
        return quoted_passage(number, item.hits[0])
    place = ""
    if item.hits:
        document, section = item.hits[0].document, item.hits[0].section
        place = f" (§ {section.number} of {one_line(document.symbol or document.title)})"
    match item.kind:
        case "date" if item.entry is not None:
            said = one_line(item.entry.quote)
            return f"[{number}] Register, {status(item.entry)}: {one_line(item.text)} It says: {said}{place}"
        case "about":
            return f"[{number}] About this assistant: {one_line(item.text)}"
        case "change":
            return f"[{number}] Change: {one_line(item.text)}{place}"
    return f"[{number}] Document: {one_line(item.text)}{place}"


def _shown(call: ToolCall) -> str:
    """Return what is looked up in words, for a person who waits."""
    given = commas(str(value)[:60] for value in (call.arguments or {}).values() if isinstance(value, str))
    return noted(_(_SHOWN[call.name]), given)


def _removed(statement: Statement, violation: Violation) -> Removed:
    return Removed(statement.text, violation.reason, check=violation.check)


def _offered() -> list[dict[str, Any]]:
    """Return the look-ups as functions in OpenAI's form."""
    return [
        {
            "type": "function",
            "function": {
                "name": each.name,
                "description": each.description,
                "parameters": json.loads(json.dumps(each.arguments.model_json_schema())),
            },
        }
        for each in LOOK_UPS.values()
    ]


_OFFERED = _offered()
