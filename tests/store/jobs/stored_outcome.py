"""How a question ended, as the state database has it."""

from __future__ import annotations

from sqlalchemy import select

from store.jobs import QuestionStore, SlackMessage
from store.jobs.schema import questions


def stored_outcome(state: QuestionStore, asked: SlackMessage) -> str | None:
    """Return the outcome of a question; None while it is open."""
    with state._engine.connect() as connection:
        return connection.scalar(select(questions.c.outcome).where(questions.c.key == asked.key))
