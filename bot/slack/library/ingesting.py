"""Files that somebody gave, into the library: fetched at once, taken in one delivery after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import AsyncFileLock, Timeout

from bot.errors import UnknownDocument
from bot.slack.blocks.changes import changes_message
from bot.slack.blocks.library import Line, coming, document_words, step_words, waiting_words
from bot.slack.blocks.messages import Message
from bot.slack.handlers.commands import Library
from bot.slack.library.downloads import Downloads, Unobtainable, megabytes
from bot.slack.library.storage import Overtaken, Parcel, Shelf
from bot.slack.library.uploads import is_share, own_audience
from bot.subprocesses import SubprocessDied
from ingest.report import IngestReport, Outcome, Progress
from store.audiences import Audience
from store.errors import StoreBusy, StoreError
from store.jobs import Submission

_LOG = logging.getLogger(__name__)

# Seconds: another program's ingest may take so long before one here is given up.
_PATIENCE = 3_600.0
# Seconds between looks whether another bot is done with the library.
_LOOK = 0.2
_TAKING = "is being taken in"
_WRITING = "Waiting: another program is writing to the library"
_CRASHED = (
    "reading it ended in a crash: it is damaged, or too large for the memory here. "
    "Save it anew, or in another format, and send me that"
)
_OLDER = "a file of this name that was sent later is in the library already"
_STUCK = "reading it did not come to an end. Save it anew, or in another format, and send me that"
# Documents of one delivery whose changes are told one by one.
_MOST_CHANGES = 5

# Takes files in away from the loop; the second argument hears each step, the third is whom they are for, and the last
# one for whom they were so far and are no more. Raises StoreError.
TakeIn = Callable[
    [Sequence[Path], Callable[[Progress], None], Audience, Audience | None], Awaitable[IngestReport]
]
# Raises where the submission is no longer this process's.
Check = Callable[[], Awaitable[None]]
# Hears how far each file is, and what is done to all of them.
Tell = Callable[[Sequence[Line], str], None]


@dataclass(slots=True)
class _Delivery:
    """The files of one submission on their way: a line for each, and the parcels of those that arrived.

    They are for `audience`, and no more for `out_of`. `one_by_one`: together they were too much for the
    process that read them.
    """

    lines: dict[str, Line]
    parcels: dict[str, Parcel]
    audience: Audience
    out_of: Audience | None = None
    one_by_one: bool = False

    def failed(self, file_id: str, why: str) -> None:
        self.parcels.pop(file_id, None)
        self.lines[file_id] = replace(self.lines[file_id], stage="failed", words=f"is not added: {why}")

    def working(self, file_id: str, words: str) -> None:
        self.lines[file_id] = replace(self.lines[file_id], words=words)


class Intake:
    """Takes submissions in.

    Seconds: `busy_pause` lies between tries while another program writes; an ingest that was silent for `hung_after`
    has got stuck.
    """

    def __init__(
        self,
        shelf: Shelf,
        downloads: Downloads,
        take_in: TakeIn,
        library: Callable[[Audience], Library],
        *,
        busy_pause: float = 5.0,
        hung_after: float = 1_800.0,
    ) -> None:
        self._shelf = shelf
        self._downloads = downloads
        self._take_in = take_in
        self._library = library
        self._busy_pause = busy_pause
        self._hung_after = hung_after
        self._turn = asyncio.Lock()
        self._waiting: list[Callable[[int], None]] = []
        self._at_work = False

    async def take(self, submission: Submission, audience: Audience, tell: Tell, check: Check) -> list[Line]:
        """Fetch the files and take them in for `audience`; return a line for each document. `tell` hears how it goes.

        `check` is called before anything is put into the library.

        May be repeated after it was cut off. Raises StoreError, OSError and whatever a fault inside raises.
        """
        names = {file.id: file.name or file.id for file in submission.files}
        lines = {key: Line(name, "working", "waits") for key, name in names.items()}
        out_of = own_audience(submission) if is_share(submission) else None
        delivery = _Delivery(lines, {}, audience, out_of)
        for file_id in names:
            await self._fetch(submission, delivery, file_id, tell)
        if not delivery.parcels:
            return list(delivery.lines.values())

        def wait(before: int) -> None:
            tell(list(delivery.lines.values()), waiting_words(before) if before else "")

        async with self._in_turn(wait):
            found: list[Line] = []
            while delivery.parcels:
                async with self._alone(lambda: tell(list(delivery.lines.values()), _WRITING)):
                    await check()
                    found += await self._round(delivery, tell)
        return [*(line for line in delivery.lines.values() if line.stage == "failed"), *found]

    async def give_up(self, submission: Submission, audience: Audience) -> None:
        """Put back what the files of a submission replaced, and set them aside.

        What is back is taken in again: a process may have ended after it published what replaced it.
        """
        back: list[Path] = []
        for file in submission.files:
            try:
                parcel = await self._parcel(submission, file.id, file.name, audience)
                back += await asyncio.to_thread(self._shelf.take_back, parcel)
            except OSError:
                _LOG.exception("the file %s could not be put back", file.id)
        await self._take_in_again(back, audience)

    async def _take_in_again(self, back: Sequence[Path], audience: Audience) -> None:
        try:
            if back:
                await self._patiently(back, _Delivery({}, {}, audience), lambda _: None)
        except (StoreError, SubprocessDied, TimeoutError):
            names = ", ".join(path.name for path in back)
            _LOG.exception("what was put back could not be taken in: %s", names)

    def changes(self, lines: Sequence[Line], audience: Audience) -> list[tuple[Message, str]]:
        """Return what changed in each document that has a new version, with a name for it."""
        library = self._library(audience)
        changed = [line.document for line in lines if line.stage == "done" and line.changed and line.document]
        found = []
        for document in changed[:_MOST_CHANGES]:
            try:
                found.append((changes_message(library.changes(document.id)), document.source))
            except UnknownDocument:
                continue  # Taken out meanwhile.
        return found

    async def _fetch(self, submission: Submission, delivery: _Delivery, file_id: str, tell: Tell) -> None:
        name = delivery.lines[file_id].name

        def arrived(count: int) -> None:
            whole = f" of {megabytes(file.size)}" if file.size else ""
            delivery.working(file_id, f"is being fetched: {megabytes(count)}{whole}")
            tell(list(delivery.lines.values()), "")

        try:
            file = await self._downloads.describe(file_id, name)
            delivery.lines[file_id] = replace(delivery.lines[file_id], name=file.name)
            parcel = await self._parcel(submission, file_id, file.name, delivery.audience)
            if not parcel.new.exists():
                await self._downloads.fetch(file, parcel.new, arrived)
        except Unobtainable as error:
            delivery.failed(file_id, str(error))
        except OSError as error:
            _LOG.exception("the file %s cannot be kept", file_id)
            delivery.failed(file_id, f"I cannot keep it here ({error.strerror}). Tell whoever runs me")
        else:
            delivery.parcels[file_id] = parcel
            delivery.working(file_id, "has arrived")
        tell(list(delivery.lines.values()), "")

    async def _parcel(self, submission: Submission, file_id: str, name: str, audience: Audience) -> Parcel:
        return await asyncio.to_thread(
            self._shelf.parcel, submission.key, file_id, name, submission.given_ts, audience
        )

    @asynccontextmanager
    async def _alone(self, wait: Callable[[], None]) -> AsyncIterator[None]:
        """Have the folder alone, among all bots of this machine; `wait` is called where another one has it.

        From a file's being put there until it is taken in nothing else comes into its place.
        """
        lock = AsyncFileLock(self._shelf.lock, poll_interval=_LOOK)
        try:
            await lock.acquire(timeout=0)
        except Timeout:
            wait()
            await lock.acquire()
        try:
            yield
        finally:
            await lock.release()

    async def _round(self, delivery: _Delivery, tell: Tell) -> list[Line]:
        """Take in the parcels, of those with the same name one; return what was found. What is done with is gone."""
        waiting = list(delivery.parcels.items())[: 1 if delivery.one_by_one else None]
        chosen = {parcel.name: (file_id, parcel) for file_id, parcel in reversed(waiting)}
        places: dict[str, Path] = {}
        for name, (file_id, parcel) in list(chosen.items()):
            delivery.working(file_id, _TAKING)
            try:
                places[name] = await asyncio.to_thread(self._shelf.place, parcel)
            except Overtaken:
                await asyncio.to_thread(self._shelf.pass_over, parcel)
                delivery.failed(file_id, _OLDER)
                del chosen[name]
        if not chosen:
            return []
        try:
            report = await self._patiently(
                list(places.values()),
                delivery,
                lambda step: tell(list(delivery.lines.values()), step),
            )
        except (SubprocessDied, TimeoutError) as error:
            if len(chosen) > 1:
                delivery.one_by_one = True
                return []
            [(file_id, parcel)] = chosen.values()
            _LOG.warning("the file %s could not be read to its end: %r", file_id, error)
            back = await asyncio.to_thread(self._shelf.take_back, parcel)
            await self._take_in_again(back, delivery.audience)
            delivery.failed(file_id, _STUCK if isinstance(error, TimeoutError) else _CRASHED)
            return []
        found: list[Line] = []
        for name, (file_id, parcel) in chosen.items():
            own = [outcome for outcome in report.documents if outcome.file == places[name].resolve()]
            kept = any(outcome.status != "failed" for outcome in own)
            await asyncio.to_thread(self._shelf.settle if kept else self._shelf.take_back, parcel)
            del delivery.parcels[file_id]
            del delivery.lines[file_id]
            found += await asyncio.to_thread(self._lines, own, delivery.audience)
        return found

    async def _patiently(
        self, places: Sequence[Path], delivery: _Delivery, tell: Callable[[str], None]
    ) -> IngestReport:
        """Take files in as soon as no other program writes. Raises StoreError."""
        began = time.monotonic()
        while True:
            try:
                return await self._watched(places, delivery, tell)
            except StoreBusy:
                if time.monotonic() - began > _PATIENCE:
                    raise
                tell(_WRITING)
                await asyncio.sleep(self._busy_pause)

    async def _watched(
        self, places: Sequence[Path], delivery: _Delivery, tell: Callable[[str], None]
    ) -> IngestReport:
        """Take files in. Raises TimeoutError where nothing is heard for too long, StoreError, SubprocessDied."""
        now = asyncio.get_running_loop().time

        async with asyncio.timeout(self._hung_after) as limit:

            def hear(step: Progress) -> None:
                # A step that was on its way when all ended is heard by nobody.
                with suppress(RuntimeError):
                    limit.reschedule(now() + self._hung_after)
                tell(step_words(step.phase, step.done, step.total))

            return await self._take_in(places, hear, delivery.audience, delivery.out_of)

    def _lines(self, outcomes: Sequence[Outcome], audience: Audience) -> list[Line]:
        if all(outcome.status == "failed" for outcome in outcomes):
            return [_failed(outcome) for outcome in outcomes]
        library = self._library(audience)
        day = library.today()
        register = library.register(day)
        documents = {one.source: one for one in library.documents() if one.audience == audience}
        lines = []
        for outcome in outcomes:
            if outcome.status == "failed":
                lines.append(_failed(outcome))
                continue
            document = documents.get(outcome.source)
            version = document.version if document else 1
            lines.append(
                Line(
                    outcome.source,
                    "done",
                    document_words(outcome.status, version, outcome.sections, outcome.events),
                    document,
                    coming(register, outcome.source, day),
                    tuple(outcome.notes),
                    outcome.status == "changed",
                )
            )
        return lines

    @asynccontextmanager
    async def _in_turn(self, wait: Callable[[int], None]) -> AsyncIterator[None]:
        """Have the turn while the context is open; `wait` hears how many have theirs before."""
        self._waiting.append(wait)
        self._tell_waiting()
        try:
            async with self._turn:
                self._waiting.remove(wait)
                self._at_work = True
                try:
                    yield
                finally:
                    self._at_work = False
                    self._tell_waiting()
        finally:
            if wait in self._waiting:
                self._waiting.remove(wait)

    def _tell_waiting(self) -> None:
        for place, wait in enumerate(self._waiting):
            wait(place + self._at_work)


def _failed(outcome: Outcome) -> Line:
    return Line(outcome.source, "failed", f"is not added: {outcome.error}")
