"""A generator in a thread of its own: its items, its errors and its end."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from bot.errors import ModelError
from bot.llm.background import in_background


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
