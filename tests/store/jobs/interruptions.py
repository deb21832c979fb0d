"""Lets another process write in the middle of a transaction, as a server allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from tests.servers import on_servers

only_on_servers = pytest.mark.skipif(
    not on_servers(), reason="SQLite lets one process write at a time: make test-servers"
)


def before(engine: Engine, words: str, act: Callable[[], object]) -> None:
    """Let `act` happen once, before the next statement of an engine that begins with these words."""
    waiting = [act]

    @event.listens_for(engine, "before_cursor_execute")
    def interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if waiting and statement.startswith(words):
            waiting.pop()()
