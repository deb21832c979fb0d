"""What came out wrong in a storm. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from store.jobs import Reminder
from tests.fake_slack.channels import Message
from tests.tools.chaos.records import (
    Command,
    Done,
    PassedOn,
    Published,
    Question,
    Remind,
    Seen,
    Share,
    Upload,
    is_failure,
    is_kept,
    is_lost,
    is_overtaken,
    is_right,
    is_wrong,
    short,
    text_of,
    words,
)
from tests.tools.chaos.subjects import LATER, NETWORKS, SOON

# Of the questions that the documents answer, so many get the right answer.
LEAST_SHARE = 0.95
# What ended so many processes is not tried again.
_MOST_CRASHES = 2
# A command that is no question is not begun again after a kill within so many seconds after its acknowledgement.
_UNDER_WAY = 5.0
# A store that was away is not there at once.
_AFTERMATH = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, how many things it was checked for, and a line for each that broke it."""

    name: str
    count: int
    violations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Result:
    """How a question ended: what was said, all of it, and whether that is right or wrong; an apology is neither."""

    name: str
    asked: str
    replies: Sequence[Message]
    right: bool
    wrong: bool


def check(
    done: Done, published: Sequence[Published], reminders: Sequence[Reminder], saw: Seen
) -> list[Check]:
    """Hold everything that was done against what was seen, and against what the store has in the end."""
    results = list(answers(done, saw))
    return [
        Check("each question has one reply", len(done.questions), _not_once(done.questions, saw)),
        Check("95 of 100 questions get the right answer", len(results), _unanswered(results)),
        Check("no answer is from another document or an older version", len(results), _wrong(results)),
        Check("every message is whole", sum(map(len, saw.named.values())), saw.unfinished),
        Check("each file has one last word", len(done.uploads), _untold(done.uploads, saw)),
        Check("each file that can be read is taken in", *_refused(done, saw)),
        Check("each file is published once, or not, as was said", *_misplaced(done.uploads, published, saw)),
        Check("no older file replaces a newer one", *_out_of_order(done.uploads, published, saw)),
        Check("nothing is given up before two kills", *_given_up(done, saw)),
        Check("the digest is posted once", 1, _digests(saw)),
        Check(
            "each command has one reply",
            len(done.commands),
            [line for one in done.commands for line in _command(one, done, saw)],
        ),
        Check(
            "each reply is shared once",
            len(done.shares),
            [line for one in done.shares for line in _share(one, done, saw)],
        ),
        Check(
            "each reminder is kept, and sent once when it is due",
            len(done.reminders),
            [line for one in done.reminders for line in _reminder(one, done, reminders, saw)],
        ),
        Check(
            "each question passed on gets a person's answer once",
            len(done.passed_on),
            [line for one in done.passed_on for line in _passed_on(one, saw)],
        ),
    ]


def is_settled(questions: Sequence[Question], uploads: Sequence[Upload], saw: Seen) -> bool:
    """Say whether everything has been replied to."""
    return all(saw.replies(question) for question in questions) and all(
        saw.last_words(upload) for upload in uploads
    )


def answers(done: Done, saw: Seen) -> Iterator[Result]:
    """Yield the results of the questions that the documents answered when they were asked, those of commands too."""
    for question in done.questions:
        if question.about and (question.least or question.about not in NETWORKS):
            yield _result(question.key, question, saw.replies(question), done, saw)
    for command in done.commands:
        if command.about and (command.least or command.about not in NETWORKS):
            replies = saw.told(command.user, command.trigger)
            yield _result(f"the command of {command.user}", command, replies, done, saw)


def _result(
    name: str, asked: Question | Command, replies: Sequence[Message], done: Done, saw: Seen
) -> Result:
    """Judge the replies to a question.

    Right is what was live at any moment between question and reply: no version older than that which was announced
    before the question, and none that was given after the reply, or was not taken in.
    """
    right = wrong = False
    for reply in replies:
        until = saw.said_at(reply)
        possible = [
            upload.lamps
            for upload in done.uploads
            if upload.network == asked.about
            and upload.at <= until
            and any(is_kept(said) or is_overtaken(said) for said in saw.last_words(upload))
        ]
        right |= is_right(asked.about, asked.least, possible, reply)
        wrong |= is_wrong(asked.about, asked.least, possible, reply)
    version = f", of which {asked.least} lamps were published" if asked.least else ""
    return Result(name, f"{asked.about}{version}", replies, right, wrong)


def _not_once(questions: Sequence[Question], saw: Seen) -> list[str]:
    return [
        f"{question.key} has {len(replies)} replies. {short(replies)}"
        for question in questions
        if len(replies := saw.replies(question)) != 1
    ]


def _unanswered(results: Sequence[Result]) -> list[str]:
    found = [
        f"{one.name} asks about {one.asked}. {short(one.replies)}"
        for one in results
        if not one.right or one.wrong
    ]
    return [] if len(results) - len(found) >= LEAST_SHARE * len(results) else found


def _wrong(results: Sequence[Result]) -> list[str]:
    return [
        f"{one.name} asks about {one.asked}, and is answered: {short(one.replies)}"
        for one in results
        if one.wrong
    ]


def _untold(uploads: Sequence[Upload], saw: Seen) -> list[str]:
    found = []
    for upload in uploads:
        count, results = len(saw.statuses(upload)), len(saw.last_words(upload))
        if (count, results) != (1, 1):
            found.append(f"{_name(upload)} has {count} messages about it, of which {results} say the end")
    # The message that tells what changed is there once for each file at the most.
    parts = {upload.status: _name(upload) for upload in uploads}
    for name, messages in saw.named.items():
        owner = next((owner for status, owner in parts.items() if name.startswith(f"{status}/")), None)
        if owner is not None and len(messages) > 1:
            found.append(f"{owner}: the message {name} is there {len(messages)} times")
    return found


def _refused(done: Done, saw: Seen) -> tuple[int, list[str]]:
    readable = [upload for upload in done.uploads if upload.lamps]
    found = []
    for upload in readable:
        for end in saw.ends(upload):
            said, until = text_of(end), saw.said_at(end)
            # Whether it was given up too early is another promise.
            excused = is_kept(said) or is_overtaken(said) or is_lost(end)
            if not excused and not _is_away(done, upload.at, until):
                found.append(f"{_name(upload)} was refused after {until - upload.at:.1f} seconds: {said!r}")
    return len(readable), found


def _misplaced(uploads: Sequence[Upload], published: Sequence[Published], saw: Seen) -> tuple[int, list[str]]:
    times = Counter((one.source, one.lamps) for one in published)
    live = Counter(one.source for one in published if one.live)
    found = [f"{source} is live {count} times" for source, count in live.items() if count > 1]
    newest = _newest(uploads, times, saw)
    for upload in uploads:
        count = times[upload.source, upload.lamps]
        for last_word in saw.last_words(upload):
            # Of a document the catalog has the last two versions.
            forgotten = is_kept(last_word) and upload.lamps not in newest[upload.source]
            wrong = count != is_kept(last_word) and not is_overtaken(last_word) and not forgotten
            if count > 1 or wrong:
                found.append(
                    f"{_name(upload)} is in the catalog {count} times, and what was said is: {last_word}"
                )
    return len(uploads), found


def _newest(uploads: Sequence[Upload], times: Counter[tuple[str, int]], saw: Seen) -> dict[str, list[int]]:
    """Return source -> the numbers that the last two files say of those that were published."""
    kept: dict[str, list[int]] = {upload.source: [] for upload in uploads}
    for upload in uploads:
        last_words = saw.last_words(upload)
        # A bot that was killed may have published what another one then found to be overtaken.
        published = any(map(is_overtaken, last_words)) and times[upload.source, upload.lamps] > 0
        if published or any(map(is_kept, last_words)):
            kept[upload.source].append(upload.lamps)
    return {source: sorted(lamps)[-2:] for source, lamps in kept.items()}


def _out_of_order(
    uploads: Sequence[Upload], published: Sequence[Published], saw: Seen
) -> tuple[int, list[str]]:
    found = []
    sources = sorted({upload.source for upload in uploads if upload.lamps})
    for source in sources:
        kept = [
            upload.lamps
            for upload in uploads
            if upload.source == source and any(map(is_kept, saw.last_words(upload)))
        ]
        versions = sorted((one for one in published if one.source == source), key=lambda one: one.version)
        order = [one.lamps for one in versions]
        if order != sorted(order):
            found.append(f"{source} was published in the order {order}")
        current = [one.lamps for one in versions if one.live]
        if kept and current != [max(kept)]:
            found.append(f"{source} says {current}, and the newest file that was kept says {max(kept)}")
    return len(sources), found


def _given_up(done: Done, saw: Seen) -> tuple[int, list[str]]:
    replies = [(one.key, one.at, message) for one in done.questions for message in saw.replies(one)]
    replies += [(_name(one), one.at, message) for one in done.uploads for message in saw.statuses(one)]
    replies += [
        (one.user, one.at, message) for one in done.commands for message in saw.told(one.user, one.trigger)
    ]
    lost = [(name, at, saw.said_at(message)) for name, at, message in replies if is_lost(message)]
    found = []
    for name, at, given_up in lost:
        kills = sum(at <= kill <= given_up for kill in done.kills)
        if kills < _MOST_CRASHES:
            found.append(f"{name} was given up after {given_up - at:.1f} seconds and {kills} kills")
    return len(lost), found


def _digests(saw: Seen) -> list[str]:
    if len(saw.digests) == 1:
        return []
    return [f"there are {len(saw.digests)} digests: {[digest['ts'] for digest in saw.digests]}"]


def _command(command: Command, done: Done, saw: Seen) -> Iterator[str]:
    what = f"the command of {command.user}, {command.about or 'deadlines'!r},"
    acknowledged = saw.acknowledged.get(command.trigger)
    if acknowledged is None:
        yield f"{what} was not acknowledged"
        return
    told = saw.told(command.user, command.trigger)
    last = max((saw.said_at(one) for one in told), default=acknowledged)
    if command.about:
        # Nobody can look up what one person alone sees: who adopts the question of a dead bot says it again.
        most = 1 + sum(command.at <= kill <= last for kill in done.kills)
        if not 1 <= len(told) <= most:
            yield f"{what} has {len(told)} replies. {short(told)}"
        return
    if not told:
        # No other bot takes it over: the person types it again.
        until = acknowledged + _UNDER_WAY
        if not any(command.at <= kill <= until for kill in done.kills):
            yield f"{what} has no reply"
    elif all(map(is_failure, told)) and _is_away(done, command.at, last):
        # A store that cannot be written knows no command that was delivered before: it fails each time.
        return
    elif len(told) > 1:
        yield f"{what} has {len(told)} replies. {short(told)}"
    elif SOON not in words(told[0]):
        yield f"{what} is answered without the dates: {short(told)}"


def _share(share: Share, done: Done, saw: Seen) -> Iterator[str]:
    what = f"what {share.user} shares in {share.channel}"
    if share.trigger not in saw.acknowledged:
        yield f"{what} was not acknowledged"
        return
    posts = saw.posted(share.channel, "/shared")
    told = saw.told(share.user, share.trigger)
    last = max((saw.said_at(one) for one in told), default=share.at)
    if len(posts) != 1 and not (not posts and _is_excused(told, done, share.at, last)):
        yield f"{what} is there {len(posts)} times. Its author was told: {short(told)}"
    if any(share.phrase not in words(post) for post in posts):
        yield f"{what} does not say {share.phrase!r}: {short(posts)}"


def _reminder(wanted: Remind, done: Done, stored: Sequence[Reminder], saw: Seen) -> Iterator[str]:
    event = SOON if wanted.soon else LATER
    what = f"the reminder of the {event} for {wanted.user}"
    if wanted.trigger not in saw.acknowledged:
        yield f"{what} was not acknowledged"
        return
    sent, told = saw.reminded(wanted.user), saw.told(wanted.user, wanted.trigger)
    kept = sum(one.user == wanted.user for one in stored)
    last = max((saw.said_at(one) for one in told), default=wanted.at)
    too_late = any("would be in the past" in text_of(one) for one in told)
    refused = too_late or _is_excused(told, done, wanted.at, last)
    expected = (1, 0) if wanted.soon else (0, 1)
    if (len(sent), kept) != expected and not (refused and not sent and not kept):
        yield f"{what} was sent {len(sent)} times, and is stored {kept} times. They were told: {short(told)}"
    if any(event not in words(one) for one in sent):
        yield f"{what} is about something else: {short(sent)}"


def _passed_on(question: PassedOn, saw: Seen) -> Iterator[str]:
    posts = saw.posted(question.channel, f"/experts/{question.key}")
    if len(posts) != 1:
        yield f"{question.key} is passed on {len(posts)} times"
    replies = saw.named.get(f"{question.key}/expert", ())
    if len(replies) != 1:
        yield f"the answer of a person to {question.key} is there {len(replies)} times"
    if any(question.answer not in words(reply) for reply in replies):
        yield f"{question.key} is not answered with {question.answer!r}: {short(replies)}"


def _is_excused(told: Sequence[Message], done: Done, began: float, ended: float) -> bool:
    """Whether a person was told that something failed while the store was away."""
    return any(map(is_failure, told)) and _is_away(done, began, ended)


def _is_away(done: Done, began: float, ended: float) -> bool:
    return any(began <= one.ended + _AFTERMATH and one.began <= ended for one in done.outages)


def _name(upload: Upload) -> str:
    return f"{upload.source} with {upload.lamps} lamps ({upload.key})"
