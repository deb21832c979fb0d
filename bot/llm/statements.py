"""The statements of a reply, each checked, and its verdict requested, while the model still writes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from bot.cancellation import Cancelled
from bot.errors import ModelError
from bot.grounding import Grounded, Grounder, Statement, Violation
from bot.llm.background import in_background
from bot.llm.chat_model import TextPieces
from bot.llm.reply import ReplyParser, is_no_answer, unanswered_part
from bot.telemetry.spans import span

_LOG = logging.getLogger(__name__)

# Requests a verdict on a text that cites passages (places) and follows another text; None without a judge.
AskJudge = Callable[[str, Sequence[int], str], Future[bool] | None]


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement after the hard checks, which took `seconds`.

    `verdict` is the judge's, to come; None if the checks failed or there is no judge.
    """

    statement: Statement
    result: Grounded | Violation
    verdict: Future[bool] | None
    seconds: float

    @property
    def cites(self) -> tuple[int, ...]:
        """The places of the passages that have its facts."""
        return self.result.cites if isinstance(self.result, Grounded) else ()


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The model's statement that the passages do not answer the question, or a part of it, in the model's words."""

    part: str = ""


def checked_statements(
    reply: TextPieces, grounder: Grounder, ask_judge: AskJudge
) -> Generator[CheckedStatement | NoAnswer, None, None]:
    """Yield the statements of a reply, read and checked in a thread of its own; nothing follows a NoAnswer.

    Raises ModelError and Cancelled.
    """
    return in_background(partial(_checked, reply, grounder, ask_judge), "reply")


def _checked(
    reply: TextPieces, grounder: Grounder, ask_judge: AskJudge, stopped: threading.Event
) -> Generator[CheckedStatement | NoAnswer, None, None]:
    before = ""
    try:
        for statement in _statements(reply, stopped):
            part = unanswered_part(statement.text)
            if part or is_no_answer(statement.text):
                yield NoAnswer(part)
                return
            began = time.perf_counter()
            with span("checks"):
                result = grounder.ground(statement)
            seconds = time.perf_counter() - began
            verdict = (
                ask_judge(statement.text, result.cites, before) if isinstance(result, Grounded) else None
            )
            before = statement.text
            yield CheckedStatement(statement, result, verdict, seconds)
    except (ModelError, Cancelled):
        raise
    except Exception as error:
        # A fault here must not cost the answer: the documents' own sentences remain.
        _LOG.exception("the reply could not be read")
        raise ModelError(f"the reply could not be read ({type(error).__name__})") from error


def _statements(reply: TextPieces, stopped: threading.Event) -> Generator[Statement, None, None]:
    parser = ReplyParser()
    with closing(reply) as pieces:
        for piece in pieces:
            if stopped.is_set():
                return
            yield from parser.feed(piece)
    yield from parser.end()
