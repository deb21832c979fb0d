"""A generator in a thread of its own: its items, its errors and its end."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from bot.cancellation import Cancellation, Cancelled
from bot.errors import ModelError
from bot.models.chat import in_background


class Panic(BaseException):
    """As a library in Rust raises it."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_end_of_the_thread_without_an_exception_is_an_error() -> None:
    def produce(_: threading.Event) -> Generator[int, None, None]:
        yield 1
        raise Panic

    items = in_background(produce, "panics", lambda: 20.0)

    assert next(items) == 1
    with pytest.raises(ModelError, match="panics"):
        next(items)
    for thread in threading.enumerate():
        if thread.name == "panics":
            thread.join()


@pytest.mark.parametrize("when", ["before it waits", "while it waits"])
def test_cancelled_work_ends_at_once_and_nothing_more_is_produced(when: str) -> None:
    waiting, ended = threading.Event(), threading.Event()

    def produce(stopped: threading.Event) -> Generator[int, None, None]:
        yield 1
        waiting.set()
        assert stopped.wait(20.0)
        ended.set()
        yield 2

    def cancel() -> None:
        assert waiting.wait(20.0)
        cancellation.cancel()

    cancellation = Cancellation()
    with cancellation.of_this_work():
        items = in_background(produce, "work", lambda: 20.0)
        assert next(items) == 1
        if when == "while it waits":
            threading.Thread(target=cancel).start()
        else:
            cancel()
        with pytest.raises(Cancelled):
            next(items)
    assert ended.wait(20.0)


def test_other_work_is_not_cancelled() -> None:
    def produce(_: threading.Event) -> Generator[int, None, None]:
        yield 1

    other = Cancellation()
    other.cancel()
    with Cancellation().of_this_work():
        assert list(in_background(produce, "work", lambda: 20.0)) == [1]
