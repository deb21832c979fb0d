"""What was done in a storm, what was seen of it in Slack and in the store, and what came out wrong. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.core.sending.posting import EVENT_TYPE as REPLY
from bot.slack.features.questions.messages import answer_lost
from tests.fake_slack.channels import Message
from tests.tools.chaos.subjects import FACTS, is_answer, is_right

# Of the questions that the documents answer, so many get the right answer.
LEAST_SHARE = 0.95
# What ended so many processes is not tried again.
_MOST_CRASHES = 2
# A store that was away is not there at once.
_AFTERMATH = 10.0

Call = tuple[str, dict[str, Any], float]


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its name in Slack, asked `at` a time of time.monotonic().

    `about` is a network or a question on the report. `least` is the number of the network that was published then, 0
    for none.
    """

    key: str
    at: float
    about: str
    least: int


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

    def __str__(self) -> str:
        return f"{self.source} with {self.lamps} lamps ({self.key})"


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a document in the catalog, with the number that it says."""

    source: str
    version: int
    lamps: int
    live: bool


@dataclass(slots=True)
class Done:
    """What was done so far.

    `kills` are the times at which one or more bots were killed, `outages` those in which the store could not be
    written or read: a full disk, or a server that restarts.
    """

    questions: list[Question] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    kills_of_all: int = 0
    outages: list[tuple[float, float]] = field(default_factory=list)
    full_disks: int = 0
    redeliveries: int = 0

    def was_away(self, began: float, ended: float) -> bool:
        return any(began <= back + _AFTERMATH and away <= ended for away, back in self.outages)


@dataclass(frozen=True, slots=True)
class Seen:
    """The bot's messages in Slack by the name that they bear, and the descriptions of those that are not whole."""

    named: Mapping[str, Sequence[Message]]
    digests: Sequence[Message]
    unfinished: Sequence[str]
    calls: Sequence[Call]

    def replies(self, question: Question) -> Sequence[Message]:
        return self.named.get(question.key, ())

    def statuses(self, upload: Upload) -> Sequence[Message]:
        """Return what tells of a file; `/end` is said where the first message could not be changed."""
        return [*self.named.get(upload.status, ()), *self.named.get(f"{upload.status}/end", ())]

    def ends(self, upload: Upload) -> list[Message]:
        """Return the messages that say the end of a file."""
        return [message for message in self.statuses(upload) if "Adding to the library" not in words(message)]

    def is_kept(self, upload: Upload) -> bool:
        """Whether the last word on a file is that it is in the library."""
        return any(text_of(end).startswith("In the library") for end in self.ends(upload))

    def is_overtaken(self, upload: Upload) -> bool:
        """Whether the last word is that a later one is there: it may have been published before."""
        return any("that was sent later" in text_of(end) for end in self.ends(upload))

    def said_at(self, message: Message) -> float:
        """Return when a message came to say what it says."""
        ts, metadata = message["ts"], message.get("metadata")
        return max(
            (
                at
                for method, arguments, at in self.calls
                if (method.startswith("chat.") and arguments.get("ts") == ts)
                or (metadata and arguments.get("metadata") == metadata)
            ),
            default=float("inf"),
        )

    def is_settled(self, done: Done) -> bool:
        """Whether everything has been replied to."""
        return all(map(self.replies, done.questions)) and all(map(self.ends, done.uploads))


def seen(
    channels: Mapping[str, Iterable[Message]], bot_user: str, streaming: set[str], calls: Sequence[Call]
) -> Seen:
    """Return what the bot's messages are."""
    named: dict[str, list[Message]] = defaultdict(list)
    digests, unfinished = [], []
    for channel, messages in channels.items():
        for message in (one for one in messages if one["user"] == bot_user):
            metadata = message.get("metadata") or {}
            name = str(metadata.get("event_payload", {}).get("question") or "")
            if metadata.get("event_type") != REPLY:
                unfinished.append(f"{channel}, ts {message['ts']}: {words(message)[:80]!r}")
            elif "/digest/" in name:
                digests.append(message)
            else:
                named[name].append(message)
            if message["ts"] in streaming:
                unfinished.append(f"{channel}, ts {message['ts']}: the stream was not stopped")
    return Seen(named, digests, unfinished, calls)


def text_of(message: Message) -> str:
    return str(message.get("text") or "")


def words(message: Message) -> str:
    """Return what a message says."""
    return str(message.get("blocks") or message.get("text") or "")


def _short(messages: Iterable[Message]) -> str:
    said = [f"ts {one['ts']}: {text_of(one)[:100]!r}" for one in messages]
    return "; ".join(said) or "nothing was said"


def _is_lost(message: Message) -> bool:
    """Whether a message tells that an answer, or a file, was given up after crashes."""
    return answer_lost().text in text_of(message) or "I crashed twice" in text_of(message)


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, how many things it was checked for, and a line for each that broke it."""

    name: str
    count: int
    violations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Result:
    """How a question ended: the replies, and whether they are right or wrong; an apology is neither."""

    question: Question
    replies: Sequence[Message]
    right: bool
    wrong: bool

    def __str__(self) -> str:
        asked = self.question
        return f"{asked.key} asks about {asked.about}, at least {asked.least} lamps. {_short(self.replies)}"


def check(done: Done, published: Sequence[Published], saw: Seen) -> list[Check]:
    """Hold everything that was done against what was seen, and against what the store has in the end."""
    results = list(answers(done, saw))
    missed = [str(one) for one in results if not one.right or one.wrong]
    is_enough = len(results) - len(missed) >= LEAST_SHARE * len(results)
    twice = [
        f"{one.key} has {len(saw.replies(one))} replies. {_short(saw.replies(one))}"
        for one in done.questions
        if len(saw.replies(one)) != 1
    ]
    digests = [f"there are {len(saw.digests)} digests"] if len(saw.digests) != 1 else []
    files = len(done.uploads)
    return [
        Check("each question has one reply", len(done.questions), twice),
        Check("95 of 100 questions get the right answer", len(results), [] if is_enough else missed),
        Check(
            "no answer is from another document or an older version",
            len(results),
            [str(one) for one in results if one.wrong],
        ),
        Check("every message is whole", sum(map(len, saw.named.values())), saw.unfinished),
        Check("each file has one last word", files, list(_untold(done.uploads, saw))),
        Check("each file that can be read is taken in", files, list(_refused(done, saw))),
        Check(
            "each file is published once, or not, as was said",
            files,
            list(_misplaced(done.uploads, published, saw)),
        ),
        Check("no older file replaces a newer one", files, list(_out_of_order(done.uploads, published, saw))),
        Check("nothing is given up before two kills", len(done.kills), list(_given_up(done, saw))),
        Check("the digest is posted once", 1, digests),
    ]


def answers(done: Done, saw: Seen) -> Iterator[Result]:
    """Yield the results of the questions that the documents answered when they were asked.

    Right is what was live at any moment between question and reply: no version older than that which was announced
    before the question, and none that was given after the reply, or was not taken in.
    """
    for question in done.questions:
        if not question.least and question.about not in FACTS:
            continue
        right = wrong = False
        for reply in saw.replies(question):
            possible = {
                upload.lamps
                for upload in done.uploads
                if upload.network == question.about
                and upload.at <= saw.said_at(reply)
                and (saw.is_kept(upload) or saw.is_overtaken(upload))
            }
            fits = is_right(question.about, question.least, possible, words(reply))
            right |= fits
            wrong |= is_answer(words(reply)) and not fits
        yield Result(question, saw.replies(question), right, wrong)


def _untold(uploads: Sequence[Upload], saw: Seen) -> Iterator[str]:
    for upload in uploads:
        count, ends = len(saw.statuses(upload)), len(saw.ends(upload))
        if (count, ends) != (1, 1):
            yield f"{upload} has {count} messages about it, of which {ends} say the end"
        # The message that tells what changed is there once for each file at the most.
        for name, messages in saw.named.items():
            if name.startswith(f"{upload.status}/") and len(messages) > 1:
                yield f"{upload}: the message {name} is there {len(messages)} times"


def _refused(done: Done, saw: Seen) -> Iterator[str]:
    for upload in (one for one in done.uploads if one.lamps):
        for end in saw.ends(upload):
            until = saw.said_at(end)
            # Whether it was given up too early is another promise.
            is_excused = saw.is_kept(upload) or saw.is_overtaken(upload) or _is_lost(end)
            if not is_excused and not done.was_away(upload.at, until):
                yield f"{upload} was refused after {until - upload.at:.1f} seconds: {text_of(end)!r}"


def _misplaced(uploads: Sequence[Upload], published: Sequence[Published], saw: Seen) -> Iterator[str]:
    times = Counter((one.source, one.lamps) for one in published)
    live = Counter(one.source for one in published if one.live)
    yield from (f"{source} is live {count} times" for source, count in live.items() if count > 1)

    # Of a document the catalog has the last two versions; a bot that was killed may have published what another one
    # then found to be overtaken.
    kept: defaultdict[str, list[int]] = defaultdict(list)
    for upload in uploads:
        was_there = saw.is_overtaken(upload) and times[upload.source, upload.lamps]
        if saw.is_kept(upload) or was_there:
            kept[upload.source].append(upload.lamps)
    newest = {source: sorted(lamps)[-2:] for source, lamps in kept.items()}

    for upload in uploads:
        count = times[upload.source, upload.lamps]
        is_forgotten = saw.is_kept(upload) and upload.lamps not in newest[upload.source]
        wrong = count != saw.is_kept(upload) and not saw.is_overtaken(upload) and not is_forgotten
        if saw.ends(upload) and (count > 1 or wrong):
            yield f"{upload} is in the catalog {count} times, and was told: {_short(saw.ends(upload))}"


def _out_of_order(uploads: Sequence[Upload], published: Sequence[Published], saw: Seen) -> Iterator[str]:
    for source in sorted({upload.source for upload in uploads if upload.lamps}):
        kept = [one.lamps for one in uploads if one.source == source and saw.is_kept(one)]
        versions = sorted((one for one in published if one.source == source), key=lambda one: one.version)
        order = [one.lamps for one in versions]
        if order != sorted(order):
            yield f"{source} was published in the order {order}"
        current = [one.lamps for one in versions if one.live]
        if kept and current != [max(kept)]:
            yield f"{source} says {current}, and the newest file that was kept says {max(kept)}"


def _given_up(done: Done, saw: Seen) -> Iterator[str]:
    replies = [(one.key, one.at, message) for one in done.questions for message in saw.replies(one)]
    replies += [(str(one), one.at, message) for one in done.uploads for message in saw.statuses(one)]
    for name, at, message in replies:
        given_up = saw.said_at(message)
        kills = sum(at <= kill <= given_up for kill in done.kills)
        if _is_lost(message) and kills < _MOST_CRASHES:
            yield f"{name} was given up after {given_up - at:.1f} seconds and {kills} kills"
