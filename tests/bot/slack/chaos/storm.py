"""Does in the tests' Slack what a script says, and keeps what was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TextIO

from tests.bot.slack.chaos.bots import Bot
from tests.bot.slack.chaos.checks import is_settled
from tests.bot.slack.chaos.records import Question, Seen, Upload, is_kept, seen
from tests.bot.slack.chaos.script import BEFORE, Action, Again, Ask, Give, Kill, lamps
from tests.bot.slack.fakes.channels import Message
from tests.bot.slack.fakes.hosted_files import shared
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.processes.bot_process import PATIENCE
from tests.bot.slack.processes.lamp_documents import lamp_document, lamp_question

# Seconds that a bot was reachable before the other one is killed.
_ALIVE = 10.0
_OF_THE_REPORT = "When is the Summit of the Future?"
_DAMAGED = b"PK\x03\x04 and nothing that a Word file has"


class Storm:
    """The people of a workspace; `questions` and `uploads` are what they did so far, `log` hears of everything."""

    def __init__(self, slack: FakeSlack, bots: Sequence[Bot], log: TextIO) -> None:
        self.questions: list[Question] = []
        self.uploads: list[Upload] = []
        self.kills: list[float] = []
        self._slack = slack
        self._bots = bots
        self._log = log
        self._began = self._reachable = time.monotonic()
        self._calm = False
        self._asked: list[Message] = []
        # What Slack delivers for each question and each file: the event and its id.
        self._events: dict[type[Ask] | type[Give], list[tuple[dict[str, Any], str]]] = {Ask: [], Give: []}

    async def prepare(self) -> None:
        """Have the first files taken in, in peace."""
        for give in BEFORE:
            self._give(give)
        await self._slack.until(lambda: is_settled(self.questions, self.uploads, self.saw()), PATIENCE)

    async def run(self, actions: Sequence[Action]) -> None:
        """Do it all, each at its time; a kill waits until the bots were reachable for a while, on a slow machine."""
        self._began = time.monotonic()
        people = [action for action in actions if not isinstance(action, Kill)]
        kills = [action for action in actions if isinstance(action, Kill)]
        await asyncio.gather(self._act(people), self._kill(kills))

    async def _act(self, actions: Sequence[Ask | Give | Again]) -> None:
        for action in actions:
            await asyncio.sleep(self._began + action.at - time.monotonic())
            match action:
                case Ask():
                    self._ask(action)
                case Give():
                    self._give(action)
                case Again():
                    self._slack.send(*self._events[action.kind][action.place])
        self._calm = True

    async def _kill(self, kills: Sequence[Kill]) -> None:
        for kill in kills:
            bot = self._bots[kill.bot]
            await asyncio.sleep(max(self._began + kill.at, self._reachable + _ALIVE) - time.monotonic())
            if self._calm:
                return
            self.note(f"bot {bot.name} is killed and started anew")
            self.kills.append(time.monotonic())
            await bot.kill()
            connections = self._slack.connections()
            await bot.start()
            await self._slack.until(lambda count=connections: self._slack.connections() > count, PATIENCE)  # type: ignore[misc]
            self._reachable = time.monotonic()
            self.note(f"bot {bot.name} is connected")

    def saw(self) -> Seen:
        """Return what is seen in Slack now."""
        slack = self._slack
        return seen(slack.messages, slack.bot_user, slack.channels.streaming, slack.calls)

    def note(self, what: str) -> None:
        self._log.write(f"{time.strftime('%H:%M:%S')} {time.monotonic() - self._began:6.1f} s  {what}\n")
        self._log.flush()

    def _ask(self, ask: Ask) -> None:
        thread = ""
        if ask.after is not None:
            before = self._asked[ask.after]
            thread = before.get("thread_ts") or before["ts"]
        text = lamp_question(ask.network) if ask.network else _OF_THE_REPORT
        direct = ask.channel[0] == "D"
        mention = "" if direct else f"<@{self._slack.bot_user}> "
        message = self._slack.say(ask.channel, mention + text, thread=thread)
        self._asked.append(message)
        event = {**message, "channel": ask.channel}
        event |= {"channel_type": "im"} if direct else {"type": "app_mention"}
        self._deliver(Ask, event)
        if ask.both:
            self._slack.send({**event, "type": "message", "channel_type": "channel"})
        self._take_down(ask.channel, message, ask.network)

    def _give(self, give: Give) -> None:
        said = lamps(give.network, give.version) if give.version else 0
        source = f"{give.network.lower()}.{'txt' if said else 'docx'}"
        data = lamp_document(said, give.network).encode() if said else _DAMAGED
        file = self._slack.hosted.add(source, data)
        text = f"For everybody. {lamp_question(give.network) if give.asks else 'The new numbers.'}"
        message = self._slack.say("D1", text, **shared((file,)))
        self._deliver(Give, {**message, "channel": "D1", "channel_type": "im"})
        upload = Upload(
            f"message/{self._slack.team}/D1/{message['ts']}", time.monotonic(), source, give.network, said
        )
        self.uploads.append(upload)
        self.note(f"{source} is given with {said} lamps: {upload.key}")
        if give.asks:
            self._take_down("D1", message, give.network)

    def _deliver(self, kind: type[Ask] | type[Give], event: dict[str, Any]) -> None:
        event_id = f"Ev{kind.__name__}{len(self._events[kind])}"
        self._events[kind].append((event, event_id))
        self._slack.send(event, event_id)

    def _take_down(self, channel: str, message: Message, network: str) -> None:
        saw = self.saw()
        published = [
            upload.lamps
            for upload in self.uploads
            if upload.network == network and any(map(is_kept, saw.last_words(upload)))
        ]
        key, least = f"{self._slack.team}/{channel}/{message['ts']}", max(published, default=0)
        asked = Question(key, time.monotonic(), network, least)
        self.questions.append(asked)
        self.note(f"{network or 'the report'} is asked for: {asked.key}, at least {asked.least} lamps")
