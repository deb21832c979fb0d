"""A person's rows are deleted while bots go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import pytest
from sqlalchemy import event

from store.engines import open_engine
from store.jobs import Holder, QuestionStore, SlackMessage
from store.jobs.forgetting import forget_person

HOLDER = Holder("first", 10.0)


@pytest.mark.files
def test_a_person_is_forgotten_while_another_process_writes(state: QuestionStore, url: str) -> None:
    for user in ("U1", "U2"):
        state.claim(SlackMessage("T1", "C1", f"{user}.0", "1.0", user, "When?"), HOLDER)
    engine = open_engine(url)

    @event.listens_for(engine, "after_cursor_execute")
    def write(*_: object) -> None:
        """Let the other process write after each statement, if it can."""
        other = sqlite3.connect(url.removeprefix("sqlite+pysqlite:///"), timeout=0)
        with closing(other), suppress(sqlite3.OperationalError), other:
            other.execute("UPDATE jobs SET failures = failures + 1")

    assert forget_person(engine, "U1") == {"questions": 1}
    assert forget_person(engine, "U1") == {}
