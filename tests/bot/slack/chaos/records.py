"""What was done in a storm, and what was seen of it in Slack and in the store."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.blocks.messages import ANSWER_LOST
from bot.slack.sending.posting import EVENT_TYPE as REPLY
from bot.slack.sending.posting import PARTIAL
from tests.bot.slack.fakes.channels import Message

Call = tuple[str, dict[str, Any], float]

_LAMPS = re.compile(r"The (\w+) Network has (\d+) lamps")


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its name in Slack, asked `at` a time of time.monotonic().

    An answer has to say `least` or a later number of the network; 0: any.
    """

    key: str
    at: float
    network: str = ""
    least: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file by the name of its submission. `lamps` is the number that it says, 0 where it cannot be read."""

    key: str
    at: float
    source: str
    network: str
    lamps: int

    @property
    def status(self) -> str:
        """The name that the message about it bears."""
        return f"{self.key.removeprefix('message/')}/{self.key}"


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a document in the catalog, with the number that it says."""

    source: str
    version: int
    lamps: int
    live: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The bot's messages in Slack by the name that they bear, and the descriptions of those that are not whole.

    `calls` are the methods called, with arguments and time.
    """

    named: Mapping[str, Sequence[Message]]
    digests: Sequence[Message]
    unfinished: Sequence[str]
    calls: Sequence[Call]

    def replies(self, question: Question) -> Sequence[Message]:
        return self.named.get(question.key, ())

    def statuses(self, upload: Upload) -> Sequence[Message]:
        """Return what tells of a file; `/end` is said where the first message could not be changed."""
        return [*self.named.get(upload.status, ()), *self.named.get(f"{upload.status}/end", ())]

    def said_at(self, message: Message) -> float:
        """Return when a message came to say what it says."""
        return max(
            at
            for _, arguments, at in self.calls
            if arguments.get("text") == message["text"]
            and (arguments.get("ts") == message["ts"] or arguments.get("metadata") == message["metadata"])
        )

    def last_words(self, upload: Upload) -> list[str]:
        """Return what was said in the end of a file."""
        ends = (message for message in self.statuses(upload) if ":hourglass" not in words(message))
        return [str(message["text"]) for message in ends]


def seen(
    channels: Mapping[str, Iterable[Message]], bot_user: str, streaming: set[str], calls: Sequence[Call] = ()
) -> Seen:
    """Return what the bot's messages are."""
    named: dict[str, list[Message]] = defaultdict(list)
    digests, unfinished = [], []
    for channel, messages in channels.items():
        for message in messages:
            if message["user"] != bot_user:
                continue
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            name = str(payload.get("question") or "")
            if metadata.get("event_type") == REPLY and "/digest/" in name:
                digests.append(message)
            elif metadata.get("event_type") == REPLY and not name.endswith(PARTIAL):
                named[name].append(message)
            else:
                where = f"{channel}, thread {message.get('thread_ts') or 'none'}, ts {message['ts']}"
                unfinished.append(f"{where}: {words(message)[:80]!r}")
            if message["ts"] in streaming:
                unfinished.append(f"{channel}, ts {message['ts']}: the stream was not stopped")
    return Seen(named, digests, unfinished, calls)


def words(message: Message) -> str:
    """Return what a message says."""
    return str(message.get("blocks") or message.get("text") or "")


def lamps_said(text: str, network: str) -> list[int]:
    """Return the numbers of lamps that a text says a network has."""
    return [int(number) for name, number in _LAMPS.findall(text) if name == network]


def is_lost(message: Message) -> bool:
    """Say whether a message tells that an answer, or a file, was given up after crashes."""
    text = str(message.get("text") or "")
    return text == ANSWER_LOST.text or "made me crash twice" in text


def is_notice(message: Message) -> bool:
    """Say whether a reply tells that the answer is lost, or is an apology."""
    return is_lost(message) or str(message.get("text") or "").startswith("Sorry, something went wrong")


def is_kept(last_word: str) -> bool:
    """Say whether the last word on a file is that it is in the library."""
    return last_word.startswith("In the library")


def is_overtaken(last_word: str) -> bool:
    """Say whether the last word on a file is that a later one is there: it may have been published before."""
    return "that was sent later" in last_word
