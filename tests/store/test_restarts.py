"""Calls that wait while a database server restarts."""

from __future__ import annotations

import pytest

from store import restarts
from store.errors import StoreUnavailable
from store.restarts import while_it_restarts


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "RETRY_SECONDS", 0.0)


def test_call_is_tried_again_until_the_server_answers() -> None:
    answers = iter([StoreUnavailable("away"), StoreUnavailable("away"), "here"])

    def call() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert while_it_restarts(call) == "here"


def test_server_that_stays_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "SERVER_SECONDS", 0.0)

    def call() -> None:
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable, match="away"):
        while_it_restarts(call)
