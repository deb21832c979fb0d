"""What is stored of an answer besides its text: what it cites, how it was made, and what people say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, RowMapping, literal, select, true, update

from store.engines import insert_new, storage_errors
from store.jobs.database import NAME
from store.jobs.schema import feedback, questions
from store.records import Citation

Vote = Literal["good", "bad"]

# The `reason` of an answer which says that the documents do not answer the question.
NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer's citations with the version of each document, and how the answer was made.

    `reason` says why a question is not `answered`. `model` is a chat model's name, or "extractive"; `judged` is None
    without a model. `computed`: the answer is lines of the register.
    """

    answered: bool
    reason: str | None = None
    model: str = ""
    judged: bool | None = None
    computed: bool = False
    citations: tuple[Citation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> AnswerRecord:
        """Return the record of JSON values; fields of another version of the program are left out."""
        citations = tuple(Citation(**_known(Citation, one)) for one in values.get("citations", ()))
        return cls(**{**_known(cls, values), "citations": citations})


def _known(record: type[AnswerRecord | Citation], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(record)}
    return {name: value for name, value in values.items() if name in names}


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's vote on an answer, with the question and what is stored of the answer.

    `reason` is one of those that the form offers. `at`: seconds since 1970.
    """

    key: str
    user: str
    vote: Vote
    reason: str | None
    comment: str | None
    at: float
    question: str
    reply: str
    record: AnswerRecord | None


class FeedbackStore:
    """The votes on the answers in the state database; they are deleted with their question. Raises StoreError.

    `asked` limits the questions whose votes are listed.
    """

    def __init__(
        self, engine: Engine, now: ColumnElement[float], asked: ColumnElement[bool] | None = None
    ) -> None:
        self._engine = engine
        self._now = now
        self._asked = true() if asked is None else asked

    def save(
        self, key: str, user: str, vote: Vote, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """Record a vote on the answer to the question `key`; False if the question is forgotten."""
        first = select(questions.c.key, literal(user), literal(vote), self._now).where(questions.c.key == key)
        own = (feedback.c.key == key) & (feedback.c.user == user)
        change = update(feedback).where(own).values(vote=vote, reason=reason, comment=comment, at=self._now)
        with storage_errors(NAME), self._engine.begin() as connection:
            # The first statement writes: SQLite refuses to write after another process has, once something is read.
            connection.execute(
                insert_new(connection, feedback).from_select(["key", "user", "vote", "at"], first)
            )
            return connection.execute(change).rowcount == 1

    def all(self, newer_than: float | None = None, vote: Vote | None = None) -> list[Feedback]:
        """Return the votes, or those of the last `newer_than` seconds or of one kind, the latest first."""
        column = questions.c
        query = (
            select(feedback, column.text.label("question"), column.reply, column.answer_record)
            .join(questions, (column.key == feedback.c.key) & self._asked)
            .order_by(feedback.c.at.desc(), feedback.c.key, feedback.c.user)
        )
        if newer_than is not None:
            query = query.where(feedback.c.at >= self._now - newer_than)
        if vote is not None:
            query = query.where(feedback.c.vote == vote)
        with storage_errors(NAME), self._engine.begin() as connection:
            return [_feedback(row) for row in connection.execute(query).mappings()]


def _feedback(row: RowMapping) -> Feedback:
    values = row["answer_record"]
    return Feedback(
        row["key"],
        row["user"],
        row["vote"],
        row["reason"],
        row["comment"],
        row["at"],
        row["question"],
        row["reply"] or "",
        None if values is None else AnswerRecord.from_json(values),
    )
