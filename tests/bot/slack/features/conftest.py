"""A register in Slack, and a library of which a private channel sees more than others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cancellation import Cancelled, woken_by_cancellation
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.features.shown_register import Register
from tests.fake_slack.slack import FakeSlack

PUBLIC = b"""Report on the forum

Geneva, 20 April 2024

1 Forum

1.1 The Forum on Broadband will be held in Geneva from 7 to 11 July 2024.

1.2 The Schools Alliance has eighty-four partners.
"""
PRIVATE = b"""Report on harbours

Geneva, 20 April 2024

1 Harbours

1.1 The Harbour Day will be held in Geneva from 7 to 11 July 2024.

1.2 The Harbour Alliance has sixty-one partners.
"""
RIGHT = "The Schools Alliance has eighty-four partners."
Begin = Callable[..., Awaitable[asyncio.Task[None]]]


@pytest.fixture
def register(slack: FakeSlack, library: RealLibrary, start: Start) -> Register:
    return Register(slack, library, start)


@pytest.fixture
def begin(start: Start, library: RealLibrary, slack: FakeSlack) -> Begin:
    """Start a bot with the report for everybody, and with another one that the private channel C2 alone sees."""

    async def begin(**changes: Any) -> asyncio.Task[None]:
        for name, data, audience in (
            ("forum.txt", PUBLIC, {}),
            ("harbours.txt", PRIVATE, {"audience": f"{slack.team}/C2"}),
        ):
            paper = library.store.folder / name
            paper.write_bytes(data)
            await asyncio.to_thread(library.store.pipeline.ingest, [paper], **audience)
            paper.unlink()
        slack.directory.places["C2"] = {"is_private": True}
        slack.directory.members["C2"] = ["U1"]
        return await start(**library.options() | {"library_file_mb": 0.1} | changes)

    return begin


class Waiting:
    """Keeps a thread waiting, as a language model does, until it may go on or is cancelled."""

    def __init__(self) -> None:
        self.asked, self.may = threading.Event(), threading.Event()

    async def until_asked(self) -> None:
        assert await asyncio.to_thread(self.asked.wait, 100)

    def wait(self) -> None:
        self.asked.set()
        woken = threading.Event()

        def wake() -> None:
            woken.set()
            self.may.set()

        with woken_by_cancellation(wake):
            assert self.may.wait(100)
        if woken.is_set():
            raise Cancelled
