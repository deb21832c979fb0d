"""Does in the tests' Slack what a script says, and keeps what was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, TextIO

from store.errors import StoreError
from store.jobs import ExpertQuestionStore, MessageRef
from tests.bot.slack.processes.bot_process import PATIENCE
from tests.bot.slack.processes.lamp_documents import lamp_document
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import choose, labels, press
from tests.fake_slack.hosted_files import shared
from tests.fake_slack.slack import FakeSlack
from tests.tools.chaos.bots import EXPERTS, Bot
from tests.tools.chaos.checks import is_settled
from tests.tools.chaos.disk import Disk
from tests.tools.chaos.records import (
    Command,
    Done,
    Outage,
    PassedOn,
    Question,
    Remind,
    Seen,
    Share,
    Upload,
    is_failure,
    is_kept,
    is_right,
    seen,
    text_of,
)
from tests.tools.chaos.script import (
    BEFORE,
    Act,
    Action,
    Again,
    Ask,
    FillDisk,
    Give,
    Kill,
    PassOn,
    ShareList,
)
from tests.tools.chaos.script import Command as UseCommand
from tests.tools.chaos.script import Remind as WantReminder
from tests.tools.chaos.subjects import (
    FACTS,
    LATER,
    NETWORKS,
    SOON,
    lamps,
    lamps_answered,
    persons_answer,
    question_about,
    unknown_question,
)

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
# Seconds after which a person presses a button again that did not work.
_AGAIN = 3.0
FULL_DISK = "a full disk"
_DAMAGED = b"PK\x03\x04 and nothing that a Word file has"
_SHARE, _ASK_PEOPLE = "Share to channel", "Ask the secretariat"
# Longer than anybody has to wait in a storm: what waits is cancelled when it is settled, or patience is over.
_FOREVER = 3_600.0


class Storm:
    """The people of a workspace; `done` has what they did so far, `log` hears of everything.

    `zone` is the time zone of those who want to be reminded.
    """

    def __init__(
        self,
        slack: FakeSlack,
        bots: Sequence[Bot],
        log: TextIO,
        *,
        zone: str,
        disk: Disk,
        expert_questions: ExpertQuestionStore,
    ) -> None:
        self.done = Done()
        self._slack = slack
        self._bots = bots
        self._log = log
        self._zone = zone
        self._disk = disk
        self._expert_questions = expert_questions
        self._began = self._reachable = time.monotonic()
        self._calm = False
        self._asked: list[Message] = []
        # What names the deliveries of each act: the id of an event, or a trigger.
        self._names: dict[type[Act], list[str]] = {
            kind: [] for kind in (Ask, Give, UseCommand, ShareList, WantReminder, PassOn)
        }
        self._people = count(100)
        self._numbers = count(1)
        # At most one at a time: a kill until the bot is back, or a full disk.
        self._blow = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listed: Message = {}
        self._entries: dict[bool, Message] = {}

    async def prepare(self) -> None:
        """Have the first files taken in, and show people the lists that they act on, in peace."""
        for give in BEFORE:
            self._give(give)
        await self._slack.until(
            lambda: is_settled(self.done.questions, self.done.uploads, self.saw()), PATIENCE
        )
        self._listed = await self._slack.response(await self._slack.command("documents", channel="C90"))
        dates = await self._slack.response(await self._slack.command("deadlines", channel="C90"))
        for soon in (True, False):
            chosen = await choose(self._slack, dates, SOON if soon else LATER, channel="C90")
            self._entries[soon] = await self._slack.response(chosen)

    async def run(self, actions: Sequence[Action]) -> None:
        """Do it all, each at its time, or later on a slow machine."""
        self._began = time.monotonic()
        people = [action for action in actions if not isinstance(action, Kill | FillDisk)]
        kills = [action for action in actions if isinstance(action, Kill)]
        full = [action for action in actions if isinstance(action, FillDisk)]
        await asyncio.gather(self._act(people), self._kill(kills), self._fill(full))
        # As Slack does for some minutes; of all others a person is told, and does it again.
        await self._slack.delivery.send_again()

    async def settled(self) -> None:
        """Wait until everything is done and replied to."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._slack.until(
            lambda: is_settled(self.done.questions, self.done.uploads, self.saw()), _FOREVER
        )

    async def close(self) -> None:
        """End what people still wait for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def saw(self) -> Seen:
        """Return what is seen in Slack now."""
        slack = self._slack
        acknowledged = {
            str(one.payload["trigger_id"]): one.sent_at + one.seconds
            for one in slack.envelopes.values()
            if one.seconds is not None and "trigger_id" in one.payload
        }
        return seen(
            slack.messages,
            slack.bot_user,
            slack.channels.streaming,
            slack.calls,
            responses=slack.responses,
            acknowledged=acknowledged,
        )

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
            self.done.outages.append(Outage(what, began, time.monotonic()))
            self.note(f"{what}: the store is back")

    async def _act(self, actions: Sequence[Act | Again]) -> None:
        for action in actions:
            await asyncio.sleep(self._began + action.at - time.monotonic())
            match action:
                case Ask():
                    await self._slack.until(lambda: len(self._waiting()) < _MOST_WAITING, _FOREVER)
                    self._ask(action)
                case Give():
                    self._give(action)
                case UseCommand():
                    self._use_command(action)
                case ShareList():
                    self._share_list()
                case WantReminder():
                    self._want_reminder(action)
                case PassOn():
                    self._pass_on(action)
                case Again():
                    self._again(action)
        self._calm = True

    async def _kill(self, kills: Sequence[Kill]) -> None:
        for kill in kills:
            bots = [self._bots[place] for place in kill.bots]
            await asyncio.sleep(max(self._began + kill.at, self._reachable + _ALIVE) - time.monotonic())
            await self._slack.until(lambda: len(self._waiting(_LONG)) < _MOST_WAITING_LONG, _FOREVER)
            async with self._blow:
                if self._calm and self.done.kills_of_all:
                    return
                names = " and ".join(bot.name for bot in bots)
                self.note(f"bot {names} is killed and started anew")
                self.done.kills.append(time.monotonic())
                connections = self._slack.connections() + len(bots)
                await asyncio.gather(*(bot.kill() for bot in bots))
                if len(bots) == len(self._bots):
                    self.done.kills_of_all += 1
                    await asyncio.sleep(_NOBODY)
                for bot in bots:
                    await bot.start()
                await self._slack.until(
                    lambda count=connections: self._slack.connections() >= count,  # type: ignore[misc]
                    PATIENCE,
                )
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
                async with self.outage(FULL_DISK):
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
        saw, until = self.saw(), time.monotonic() - seconds
        return [one for one in self.done.questions if one.at <= until and not saw.replies(one)]

    # What people do

    def _ask(self, ask: Ask) -> None:
        thread = ""
        if ask.after is not None:
            before = self._asked[ask.after]
            thread = before.get("thread_ts") or before["ts"]
        message, event = self._write(ask.channel, question_about(ask.about), thread)
        self._asked.append(message)
        name = self._name(Ask, "Ev")

        def deliver() -> None:
            self._slack.send(event, name)
            if ask.both:
                self._slack.send({**event, "type": "message", "channel_type": "channel"})

        if ask.late:
            self._later(ask.late, deliver)
        else:
            deliver()
        self._take_down(ask.channel, message, ask.about)

    def _give(self, give: Give) -> None:
        said = lamps(give.network, give.version) if give.version else 0
        source = f"{give.network.lower()}.{'txt' if said else 'docx'}"
        data = lamp_document(said, give.network).encode() if said else _DAMAGED
        file = self._slack.hosted.add(source, data)
        text = f"For everybody. {question_about(give.network) if give.asks else 'The new numbers.'}"
        message = self._slack.say("D1", text, **shared((file,)))
        self._slack.send({**message, "channel": "D1", "channel_type": "im"}, self._name(Give, "Ev"))
        upload = Upload(
            f"message/{self._slack.team}/D1/{message['ts']}", time.monotonic(), source, give.network, said
        )
        self.done.uploads.append(upload)
        self.note(f"{source} is given with {said} lamps: {upload.key}")
        if give.asks:
            self._take_down("D1", message, give.network)

    def _use_command(self, action: UseCommand) -> None:
        user, channel = self._person()
        trigger = self._name(UseCommand, "command")
        now, least = time.monotonic(), self._least(action.about)
        command = Command(trigger, user, channel, now, action.about, least)
        self.done.commands.append(command)
        self.note(
            f"{user} types a command in {channel}: {action.about or 'deadlines'}, at least {least} lamps"
        )
        text = question_about(action.about) if action.about else "deadlines"
        slack = self._slack

        async def follow() -> None:
            await self._acknowledged(slack.command(text, channel=channel, trigger=trigger, user=user))
            if not command.about:
                return
            await slack.until(lambda: bool(self.saw().told(user, trigger)), _FOREVER)
            possible = [upload.lamps for upload in self.done.uploads]
            for reply in self.saw().told(user, trigger):
                right = is_right(command.about, least, possible, reply)
                if action.shares and right and _SHARE in labels({"blocks": [], **reply}):
                    said = lamps_answered(str(reply["blocks"]), command.about)
                    phrase = f"has {said[0]} lamps" if said else FACTS.get(command.about, "")
                    await self._press_share(reply, user, channel, f"share-{trigger}", phrase)
                    return

        self._start(follow())

    def _share_list(self) -> None:
        user, channel = self._person()
        trigger, phrase = self._name(ShareList, "share"), f"The {NETWORKS[0]} Network"
        self._start(self._press_share(self._listed, user, channel, trigger, phrase))

    async def _press_share(
        self, message: Message, user: str, channel: str, trigger: str, phrase: str
    ) -> None:
        self.done.shares.append(Share(trigger, user, channel, time.monotonic(), phrase))
        self.note(f"{user} shares a reply in {channel}")
        pressed = press(self._slack, message, _SHARE, user=user, channel=channel, trigger=trigger)
        await self._acknowledged(pressed)
        await self._slack.until(
            lambda: bool(self._slack.replies(channel)) or bool(self.saw().told(user, trigger)), _FOREVER
        )

    def _want_reminder(self, action: WantReminder) -> None:
        user, channel = self._person()
        self._slack.directory.people[user] = {"tz": self._zone}
        trigger = self._name(WantReminder, "remind")
        self.done.reminders.append(Remind(trigger, user, time.monotonic(), action.soon))
        self.note(f"{user} wants to be reminded of the {SOON if action.soon else LATER}")
        days = "1 day before" if action.soon else "7 days before"

        async def follow() -> None:
            await self._acknowledged(
                choose(
                    self._slack,
                    self._entries[action.soon],
                    days,
                    user=user,
                    channel=channel,
                    trigger=trigger,
                )
            )

            def is_over() -> bool:
                saw = self.saw()
                refused = any(
                    is_failure(one) or "in the past" in text_of(one) for one in saw.told(user, trigger)
                )
                return refused or bool(saw.reminded(user))

            if action.soon:
                await self._slack.until(is_over, _FOREVER)

        self._start(follow())

    def _pass_on(self, action: PassOn) -> None:
        slack = self._slack
        message, event = self._write("C6", unknown_question(action.number))
        slack.send(event, self._name(PassOn, "Ev"))
        self._take_down("C6", message, "")
        key, thread = self.done.questions[-1].key, message["ts"]
        passed = PassedOn(key, EXPERTS, time.monotonic(), persons_answer(action.number))

        def posted() -> list[Message]:
            return [one for one in slack.replies(EXPERTS) if unknown_question(action.number) in str(one)]

        async def follow() -> None:
            await slack.until(lambda: bool(slack.replies("C6", thread)), _FOREVER)
            refused = await self._whole(key)
            if _ASK_PEOPLE not in labels({"blocks": [], **refused}):
                self.note(f"{key} cannot be passed on: {text_of(refused)[:80]}")
                return
            self.done.passed_on.append(passed)
            while not posted():
                pressed = press(slack, refused, _ASK_PEOPLE, channel="C6")
                envelope = await self._acknowledged(pressed)
                told = slack.responses[envelope.payload["trigger_id"]]
                await slack.until(lambda told=told: bool(told) or bool(posted()), _FOREVER)  # type: ignore[misc]
                if not posted() and any(map(is_failure, told)):
                    await asyncio.sleep(_AGAIN)
                else:
                    await slack.until(lambda: bool(posted()), _FOREVER)
            self.note(f"{key} is passed on")
            [post, *_] = posted()
            await self._stored(MessageRef(EXPERTS, post["ts"]))
            self._answer_as_person(post["ts"], passed.answer)
            await slack.until(lambda: bool(self.saw().named.get(f"{key}/expert")), _FOREVER)

        self._start(follow())

    def _answer_as_person(self, thread: str, text: str) -> None:
        slack = self._slack
        answer = slack.say(EXPERTS, text, user="U9", thread=thread)
        slack.send({**answer, "channel": EXPERTS, "channel_type": "channel"})

    def _again(self, again: Again) -> None:
        """Deliver once more, in new envelopes, all that was delivered under the name of an act."""
        name = self._names[again.kind][again.place]
        known = [
            one
            for one in self._slack.envelopes.values()
            if name in (one.payload.get("event_id"), one.payload.get("trigger_id"))
        ]
        for envelope in known[:1]:
            self.done.redeliveries += 1
            self._slack.delivery.start(
                Envelope(envelope.payload, f"again-{next(self._numbers)}", envelope.kind)
            )

    # The machinery

    def _name(self, kind: type[Act], prefix: str) -> str:
        name = f"{prefix}.{kind.__name__}.{len(self._names[kind])}"
        self._names[kind].append(name)
        return name

    def _person(self) -> tuple[str, str]:
        """Return somebody new, and a channel in which nothing else happens."""
        number = next(self._people)
        return f"U{number}", f"C{number}"

    def _write(self, channel: str, text: str, thread: str = "") -> tuple[Message, dict[str, Any]]:
        """Have somebody ask the bot something; return the message, and the event that tells of it."""
        is_direct = channel[0] == "D"
        mention = "" if is_direct else f"<@{self._slack.bot_user}> "
        user = channel.replace("D", "U") if is_direct else "U1"
        message = self._slack.say(channel, mention + text, user=user, thread=thread)
        event = {**message, "channel": channel}
        return message, event | ({"channel_type": "im"} if is_direct else {"type": "app_mention"})

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            work()

        self._start(wait())

    async def _acknowledged(self, act: Coroutine[Any, Any, Envelope]) -> Envelope:
        """Do something, and wait for the acknowledgement for as long as the storm lasts."""
        try:
            return await act
        except TimeoutError:
            self.note("something that somebody did is not acknowledged after two minutes")
            raise

    async def _stored(self, post: MessageRef) -> None:
        """Wait until the bots know a message as a question for people, which they do some moments after they post it.

        A bot that is killed meanwhile leaves that to another one, which comes to it sooner than a person to an answer.
        """
        while True:
            # A server may be away.
            with suppress(StoreError):
                if await asyncio.to_thread(self._expert_questions.posted_as, post):
                    return
            await asyncio.sleep(0.5)  # The database signals nothing.

    async def _whole(self, key: str) -> Message:
        """Wait for the whole reply to a question."""
        await self._slack.until(lambda: bool(self.saw().named.get(key)), _FOREVER)
        return self.saw().named[key][0]

    def _least(self, about: str) -> int:
        """Return the number of a network that is certainly published, 0 for none."""
        saw = self.saw()
        return max(
            (
                upload.lamps
                for upload in self.done.uploads
                if upload.network == about and any(map(is_kept, saw.last_words(upload)))
            ),
            default=0,
        )

    def _take_down(self, channel: str, message: Message, about: str) -> None:
        key, least = f"{self._slack.team}/{channel}/{message['ts']}", self._least(about)
        self.done.questions.append(Question(key, time.monotonic(), about, least))
        self.note(f"{key} asks about {about or 'what nobody knows'}, at least {least} lamps")
