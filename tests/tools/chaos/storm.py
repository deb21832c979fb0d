"""Does in the tests' Slack what a script says, and keeps what was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TextIO

from tests.bot.slack.processes.bot_process import PATIENCE
from tests.bot.slack.processes.lamp_documents import lamp_document
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.hosted_files import shared
from tests.fake_slack.slack import FakeSlack
from tests.tools.chaos.bots import Bot
from tests.tools.chaos.checks import Done, Question, Seen, Upload, seen
from tests.tools.chaos.disk import Disk
from tests.tools.chaos.script import BEFORE, Action, Again, Ask, FillDisk, Give, Kill
from tests.tools.chaos.subjects import lamps, question_about

# Seconds that a bot was reachable before the other one is killed.
_ALIVE = 10.0
# On a slow machine people ask no more while so many questions wait, and no bot is killed while so many have waited for
# so many seconds: else nothing is measured but the machine.
_MOST_WAITING = 40
_MOST_WAITING_LONG, _LONG = 5, 15.0
# Seconds between the death of all bots and their new start.
_NOBODY = 3.0
# Seconds between a full disk that has room again, and the next kill.
_ROOM = 2.0
_DAMAGED = b"PK\x03\x04 and nothing that a Word file has"
# Longer than anybody has to wait in a storm: what waits is cancelled when it is settled, or patience is over.
_FOREVER = 3_600.0


class Storm:
    """The people of a workspace; `done` has what they did so far, `log` hears of everything."""

    def __init__(self, slack: FakeSlack, bots: Sequence[Bot], log: TextIO, disk: Disk) -> None:
        self.done = Done()
        self._slack = slack
        self._bots = bots
        self._log = log
        self._disk = disk
        self._began = self._reachable = time.monotonic()
        self._calm = False
        self._asked: list[Message] = []
        # The ids of the events of each question and each file.
        self._names: dict[type[Ask] | type[Give], list[str]] = {Ask: [], Give: []}
        self._numbers = count(1)
        # At most one at a time: a kill until the bot is back, or a full disk.
        self._blow = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Have the first files taken in, in peace."""
        for give in BEFORE:
            self._give(give)
        await self.settled(PATIENCE)

    async def run(self, actions: Sequence[Action]) -> None:
        """Do it all, each at its time, or later on a slow machine."""
        self._began = time.monotonic()
        await asyncio.gather(
            self._act([action for action in actions if not isinstance(action, Kill | FillDisk)]),
            self._kill([action for action in actions if isinstance(action, Kill)]),
            self._fill([action for action in actions if isinstance(action, FillDisk)]),
        )
        # As Slack does for some minutes.
        await self._slack.delivery.send_again()

    async def settled(self, seconds: float = _FOREVER) -> None:
        """Wait until everything is done and replied to."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._slack.until(lambda: self.saw().is_settled(self.done), seconds)

    async def close(self) -> None:
        """End what people still wait for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def saw(self) -> Seen:
        """Return what is seen in Slack now."""
        slack = self._slack
        return seen(slack.messages, slack.bot_user, slack.channels.streaming, slack.calls)

    def note(self, what: str) -> None:
        self._log.write(f"{time.strftime('%H:%M:%S')} {time.monotonic() - self._began:6.1f} s  {what}\n")
        self._log.flush()

    @asynccontextmanager
    async def outage(self, what: str) -> AsyncIterator[None]:
        """Keep that the store is away while the context is open."""
        self.note(f"{what}: the store is away")
        began = time.monotonic()
        try:
            yield
        finally:
            self.done.outages.append((began, time.monotonic()))
            self.note(f"{what}: the store is back")

    async def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            await asyncio.sleep(self._began + action.at - time.monotonic())
            match action:
                case Ask():
                    await self._slack.until(lambda: len(self._waiting()) < _MOST_WAITING, _FOREVER)
                    self._ask(action)
                case Give():
                    self._give(action)
                case Again():
                    self._again(action)
        self._calm = True

    async def _kill(self, kills: Sequence[Kill]) -> None:
        slack = self._slack
        for kill in kills:
            bots = [self._bots[place] for place in kill.bots]
            await asyncio.sleep(max(self._began + kill.at, self._reachable + _ALIVE) - time.monotonic())
            await slack.until(lambda: len(self._waiting(_LONG)) < _MOST_WAITING_LONG, _FOREVER)
            async with self._blow:
                if self._calm and self.done.kills_of_all:
                    return
                names = " and ".join(bot.name for bot in bots)
                self.note(f"bot {names} is killed and started anew")
                self.done.kills.append(time.monotonic())
                connections = slack.connections() + len(bots)
                await asyncio.gather(*(bot.kill() for bot in bots))
                if len(bots) == len(self._bots):
                    self.done.kills_of_all += 1
                    await asyncio.sleep(_NOBODY)
                for bot in bots:
                    await bot.start()
                await slack.until(lambda least=connections: slack.connections() >= least, PATIENCE)  # type: ignore[misc]
                self._reachable = time.monotonic()
                self.note(f"bot {names} is connected")

    async def _fill(self, actions: Sequence[FillDisk]) -> None:
        for action in actions:
            await asyncio.sleep(self._began + action.at - time.monotonic())
            if self._disk.missing:
                self.note(f"no disk is filled: {self._disk.missing}")
                return
            async with self._blow:
                # A bot that cannot write while it loads says so, and ends.
                await asyncio.sleep(self._reachable + _ALIVE - time.monotonic())
                async with self.outage("a full disk"):
                    self.done.full_disks += 1
                    until = time.monotonic() + action.seconds
                    while time.monotonic() < until:
                        # What the bots delete makes room.
                        self._disk.fill()
                        await asyncio.sleep(0.2)
                    self._disk.make_room()
                await asyncio.sleep(_ROOM)
                await self._slack.delivery.send_again()

    def _waiting(self, seconds: float = 0.0) -> list[Question]:
        """Return the questions that were asked so many seconds ago, and have no reply."""
        saw = self.saw()
        until = time.monotonic() - seconds
        return [one for one in self.done.questions if one.at <= until and not saw.replies(one)]

    def _ask(self, ask: Ask) -> None:
        """Have somebody ask the bot, in a thread, directly or in a channel."""
        before = self._asked[ask.after] if ask.after is not None else {}
        thread = before.get("thread_ts") or before.get("ts", "")
        is_direct = ask.channel[0] == "D"
        mention = "" if is_direct else f"<@{self._slack.bot_user}> "
        user = ask.channel.replace("D", "U") if is_direct else "U1"
        message = self._slack.say(ask.channel, mention + question_about(ask.about), user=user, thread=thread)
        event = {**message, "channel": ask.channel}
        event |= {"channel_type": "im"} if is_direct else {"type": "app_mention"}
        self._asked.append(message)
        name = self._name(Ask)

        def deliver() -> None:
            self._slack.send(event, name)
            if ask.both:
                self._slack.send({**event, "type": "message", "channel_type": "channel"})

        self._later(ask.late, deliver)
        saw = self.saw()
        kept = [one.lamps for one in self.done.uploads if one.network == ask.about and saw.is_kept(one)]
        key = f"{self._slack.team}/{ask.channel}/{message['ts']}"
        self.done.questions.append(Question(key, time.monotonic(), ask.about, max(kept, default=0)))
        self.note(f"{key} asks about {ask.about}, at least {max(kept, default=0)} lamps")

    def _give(self, give: Give) -> None:
        """Have somebody give the bot a file."""
        said = lamps(give.network, give.version) if give.version else 0
        source = f"{give.network.lower()}.{'txt' if said else 'docx'}"
        file = self._slack.hosted.add(
            source, lamp_document(said, give.network).encode() if said else _DAMAGED
        )
        message = self._slack.say("D1", "For everybody. The new numbers.", **shared((file,)))
        self._slack.send({**message, "channel": "D1", "channel_type": "im"}, self._name(Give))
        key = f"message/{self._slack.team}/D1/{message['ts']}"
        self.done.uploads.append(Upload(key, time.monotonic(), source, give.network, said))
        self.note(f"{source} is given with {said} lamps: {key}")

    def _again(self, again: Again) -> None:
        """Deliver once more, in a new envelope, what was delivered for a question or a file."""
        name = self._names[again.kind][again.place]
        known = [one for one in self._slack.envelopes.values() if one.payload.get("event_id") == name]
        for envelope in known[:1]:
            self.done.redeliveries += 1
            self._slack.delivery.start(
                Envelope(envelope.payload, f"again-{next(self._numbers)}", envelope.kind)
            )

    def _name(self, kind: type[Ask] | type[Give]) -> str:
        self._names[kind].append(f"Ev.{kind.__name__}.{len(self._names[kind])}")
        return self._names[kind][-1]

    def _later(self, seconds: float, work: Callable[[], Any]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            work()

        if seconds:
            self._tasks.add(asyncio.create_task(wait()))
        else:
            work()
