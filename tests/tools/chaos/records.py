"""What was done in a storm, and what was seen of it in Slack and in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.core.sending.posting import EVENT_TYPE as REPLY
from bot.slack.core.sending.posting import PARTIAL
from bot.slack.features.questions.messages import answer_lost
from tests.fake_slack.channels import Message
from tests.tools.chaos.subjects import NETWORKS, is_answer, is_stated, lamps_answered

Call = tuple[str, dict[str, Any], float]


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its name in Slack, asked `at` a time of time.monotonic().

    `about` is a network or a question on the report; "" for one that no document answers. `least` is the number of the
    network that was published then, 0 for none.
    """

    key: str
    at: float
    about: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command of a person who does nothing else in `channel`; `trigger` names it.

    It is a question as in Question, or where `about` is "" asks for the list of deadlines.
    """

    trigger: str
    user: str
    channel: str
    at: float
    about: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A reply that is shared with a channel, to which nothing else is sent; there it says `phrase`."""

    trigger: str
    user: str
    channel: str
    at: float
    phrase: str


@dataclass(frozen=True, slots=True)
class Remind:
    """A reminder that a person wants, who wants no other one. `soon`: it is due in the storm."""

    trigger: str
    user: str
    at: float
    soon: bool


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A question that no document answers, by its key, which is passed on to `channel`; a person answers `answer`."""

    key: str
    channel: str
    at: float
    answer: str


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
class Outage:
    """A time in which the store could not be written or read: a full disk, or a server that restarts."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a document in the catalog, with the number that it says."""

    source: str
    version: int
    lamps: int
    live: bool


@dataclass(slots=True)
class Done:
    """What was done so far. `kills` are the times at which one or more bots were killed."""

    questions: list[Question] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    reminders: list[Remind] = field(default_factory=list)
    passed_on: list[PassedOn] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    kills_of_all: int = 0
    outages: list[Outage] = field(default_factory=list)
    redeliveries: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """The bot's messages in Slack by the name that they bear, and the descriptions of those that are not whole.

    `channels` has them by channel, `responses` what one person alone sees by the trigger of what they did, and
    `acknowledged` the time of each acknowledgement, by trigger. `calls` are the methods called, with arguments and
    time.
    """

    named: Mapping[str, Sequence[Message]]
    digests: Sequence[Message]
    unfinished: Sequence[str]
    calls: Sequence[Call] = ()
    channels: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    responses: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    acknowledged: Mapping[str, float] = field(default_factory=dict)

    def replies(self, question: Question) -> Sequence[Message]:
        return self.named.get(question.key, ())

    def told(self, user: str, trigger: str) -> list[Message]:
        """Return what a person alone was told about what they did, but for their place in a queue."""
        whispers = [arguments for method, arguments, _ in self.calls if method == "chat.postEphemeral"]
        heard = [
            *self.responses.get(trigger, ()),
            *(arguments for arguments in whispers if arguments["user"] == user),
            *(one for one in self.channels.get(direct(user), ()) if not is_reminder(one)),
        ]
        return [one for one in heard if "number" not in text_of(one) or "in the queue" not in text_of(one)]

    def posted(self, channel: str, suffix: str) -> list[Message]:
        """Return the messages in a channel whose name ends so."""
        return [one for one in self.channels.get(channel, ()) if name_of(one).endswith(suffix)]

    def reminded(self, user: str) -> list[Message]:
        return [one for one in self.channels.get(direct(user), ()) if is_reminder(one)]

    def statuses(self, upload: Upload) -> Sequence[Message]:
        """Return what tells of a file; `/end` is said where the first message could not be changed."""
        return [*self.named.get(upload.status, ()), *self.named.get(f"{upload.status}/end", ())]

    def said_at(self, message: Message) -> float:
        """Return when a message came to say what it says."""
        ts, metadata = message.get("ts"), message.get("metadata")
        return max(
            (
                at
                for method, arguments, at in self.calls
                if arguments is message
                or (method.startswith("chat.") and ts and arguments.get("ts") == ts)
                or (metadata and arguments.get("metadata") == metadata)
            ),
            default=float("inf"),
        )

    def last_words(self, upload: Upload) -> list[str]:
        """Return what was said in the end of a file."""
        return [text_of(message) for message in self.ends(upload)]

    def ends(self, upload: Upload) -> list[Message]:
        """Return the messages that say the end of a file."""
        return [message for message in self.statuses(upload) if ":hourglass" not in words(message)]


def seen(
    channels: Mapping[str, Iterable[Message]],
    bot_user: str,
    streaming: set[str],
    calls: Sequence[Call] = (),
    **more: Any,
) -> Seen:
    """Return what the bot's messages are; `more` is as in Seen."""
    named: dict[str, list[Message]] = defaultdict(list)
    by_channel: dict[str, list[Message]] = {}
    digests, unfinished = [], []
    for channel, messages in channels.items():
        own = by_channel[channel] = [message for message in messages if message["user"] == bot_user]
        for message in own:
            is_named = (message.get("metadata") or {}).get("event_type") == REPLY
            name = name_of(message)
            if is_named and "/digest/" in name:
                digests.append(message)
            elif is_named and not name.endswith(PARTIAL):
                named[name].append(message)
            elif not is_direct_word(channel, message):
                where = f"{channel}, thread {message.get('thread_ts') or 'none'}, ts {message['ts']}"
                unfinished.append(f"{where}: {words(message)[:80]!r}")
            if message["ts"] in streaming:
                unfinished.append(f"{channel}, ts {message['ts']}: the stream was not stopped")
    return Seen(named, digests, unfinished, calls, by_channel, **more)


def direct(user: str) -> str:
    """Return the channel of the direct messages with a person."""
    return user.replace("U", "D", 1)


def is_direct_word(channel: str, message: Message) -> bool:
    """Whether a message is a private reply that went to direct messages: it bears no name."""
    return channel.startswith("D") and "metadata" not in message and "thread_ts" not in message


def name_of(message: Message) -> str:
    """Return the name that a message bears, "" for none."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("question") or "")


def is_reminder(message: Message) -> bool:
    return "/reminder/" in name_of(message)


def text_of(message: Message) -> str:
    return str(message.get("text") or "")


def words(message: Message) -> str:
    """Return what a message says."""
    return str(message.get("blocks") or message.get("text") or "")


def short(messages: Iterable[Message]) -> str:
    """Return messages for the line of a violation."""
    return (
        "; ".join(f"ts {one.get('ts', 'none')}: {text_of(one)[:100]!r}" for one in messages)
        or "nothing was said"
    )


def is_right(about: str, least: int, possible: Iterable[int], message: Message) -> bool:
    """Whether a reply answers the question `about` something from its document.

    Of a network, the first number that it says has to be one of `possible`, and not below `least`.
    """
    if about not in NETWORKS:
        return is_stated(about, words(message))
    said = lamps_answered(words(message), about)
    return bool(said) and min(said) >= least and set(said) <= set(possible)


def is_wrong(about: str, least: int, possible: Iterable[int], message: Message) -> bool:
    """Whether a reply is an answer, with its sources, and not the right one."""
    return is_answer(words(message)) and not is_right(about, least, possible, message)


def is_lost(message: Message) -> bool:
    """Say whether a message tells that an answer, or a file, was given up after crashes."""
    return answer_lost().text in text_of(message) or "made me crash twice" in text_of(message)


def is_failure(message: Message) -> bool:
    """Say whether a private reply tells that something was not done."""
    return any(
        said in text_of(message)
        for said in ("That did not work", "something went wrong", "went wrong inside me", "I am restarting")
    )


def is_kept(last_word: str) -> bool:
    """Say whether the last word on a file is that it is in the library."""
    return last_word.startswith("In the library")


def is_overtaken(last_word: str) -> bool:
    """Say whether the last word on a file is that a later one is there: it may have been published before."""
    return "that was sent later" in last_word
