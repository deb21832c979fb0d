"""The statements of a reply, each checked and with its verdict asked for while the model still writes."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial

from bot.errors import ModelError
from bot.grounding import Grounded, Grounder, Statement, Violation
from bot.llm.chat_model import Texts
from bot.llm.reply import Reader, is_no_answer

_log = logging.getLogger(__name__)

# Asks for a verdict on a text that cites passages (places) and comes after another text; None without a judge.
AskJudge = Callable[[str, Sequence[int], str], Future[bool] | None]


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement after the hard checks; `verdict` is the judge's, to come, where these passed and there is one."""

    statement: Statement
    result: Grounded | Violation
    verdict: Future[bool] | None = None

    @property
    def cites(self) -> tuple[int, ...]:
        """The places of the passages that have its facts."""
        return self.result.cites if isinstance(self.result, Grounded) else ()


class CheckedStatements:
    """Reads a reply in a thread of its own; iterating yields the statements in order.

    Iteration ends with the reply or with NO ANSWER (`no_answer`), and raises ModelError where the model fails.
    """

    def __init__(self, grounder: Grounder, ask_judge: AskJudge) -> None:
        self._grounder = grounder
        self._ask_judge = ask_judge
        self._checked: queue.SimpleQueue[CheckedStatement | ModelError | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.no_answer = False
        self.check_seconds = 0.0

    def read(self, reply: Texts) -> Iterator[CheckedStatement]:
        """Yield the statements of a reply as they are checked. Raises ModelError."""
        # In this context, by which langchain's tracers find the run that the requests are a part of.
        reading = partial(copy_context().run, self._read, reply)
        threading.Thread(target=reading, name="reply", daemon=True).start()
        while (item := self._checked.get()) is not None:
            if isinstance(item, ModelError):
                raise item
            yield item

    def stop(self) -> None:
        """Read no more of the reply."""
        self._stopped.set()

    def _read(self, reply: Texts) -> None:
        reader, before = Reader(), ""
        try:
            with closing(reply) as pieces:
                for piece in pieces:
                    if self._stopped.is_set():
                        return
                    for statement in reader.feed(piece):
                        if self._is_last(statement):
                            return
                        before = self._check(statement, before)
            for statement in reader.end():
                if self._is_last(statement):
                    return
                before = self._check(statement, before)
        except ModelError as error:
            self._checked.put(error)
        except Exception as error:
            # The documents' own sentences are there, and no question is lost to a fault.
            _log.exception("the reply could not be read")
            self._checked.put(ModelError(f"the reply could not be read ({type(error).__name__})"))
        finally:
            self._checked.put(None)

    def _is_last(self, statement: Statement) -> bool:
        self.no_answer = is_no_answer(statement.text)
        return self.no_answer

    def _check(self, statement: Statement, before: str) -> str:
        began = time.perf_counter()
        result = self._grounder.ground(statement)
        self.check_seconds += time.perf_counter() - began
        verdict = None
        if isinstance(result, Grounded):
            verdict = self._ask_judge(statement.text, result.cites, before)
        self._checked.put(CheckedStatement(statement, result, verdict))
        return statement.text
