"""What came out wrong in a storm. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bot.slack.chaos.records import (
    Published,
    Question,
    Seen,
    Upload,
    is_kept,
    is_lost,
    is_notice,
    is_overtaken,
    lamps_said,
    words,
)

# What ended so many processes is not tried again.
_MOST_CRASHES = 2


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, how many things it was checked for, and a line for each that broke it."""

    name: str
    count: int
    violations: Sequence[str]


def check(
    questions: Sequence[Question],
    uploads: Sequence[Upload],
    kills: Sequence[float],
    published: Sequence[Published],
    saw: Seen,
) -> list[Check]:
    """Hold everything that was done against what was seen; `kills` are times as in Question."""
    return [
        Check("each question has one reply", len(questions), _not_once(questions, saw)),
        Check("every message is whole", sum(map(len, saw.named.values())), saw.unfinished),
        Check("no answer is older than what was published", *_stale(questions, saw)),
        Check("each file has one last word", len(uploads), _untold(uploads, saw)),
        Check("each file is published once, or not, as was said", *_misplaced(uploads, published, saw)),
        Check("no older file replaces a newer one", *_out_of_order(uploads, published, saw)),
        Check("nothing is given up before two kills", *_given_up(questions, uploads, kills, saw)),
        Check("the digest is posted once", 1, _digests(saw)),
    ]


def is_settled(questions: Sequence[Question], uploads: Sequence[Upload], saw: Seen) -> bool:
    """Say whether everything has been replied to."""
    return all(saw.replies(question) for question in questions) and all(
        saw.last_words(upload) for upload in uploads
    )


def _not_once(questions: Sequence[Question], saw: Seen) -> list[str]:
    found = []
    for question in questions:
        replies = saw.replies(question)
        if len(replies) != 1:
            said = "; ".join(f"ts {reply['ts']}: {str(reply.get('text'))[:60]!r}" for reply in replies)
            found.append(f"{question.key} has {len(replies)} replies. {said}".strip())
    return found


def _stale(questions: Sequence[Question], saw: Seen) -> tuple[int, list[str]]:
    found, count = [], 0
    for question in questions:
        for reply in saw.replies(question) if question.least else ():
            if is_notice(reply):
                continue
            count += 1
            said = lamps_said(words(reply), question.network)
            if not said or min(said) < question.least:
                found.append(
                    f"{question.key} was asked when {question.least} lamps were published for {question.network}, "
                    f"and is answered with {said or str(reply.get('text'))[:80]!r}"
                )
    return count, found


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


def _given_up(
    questions: Sequence[Question], uploads: Sequence[Upload], kills: Sequence[float], saw: Seen
) -> tuple[int, list[str]]:
    replies = [(one.key, one.at, message) for one in questions for message in saw.replies(one)]
    replies += [(_name(one), one.at, message) for one in uploads for message in saw.statuses(one)]
    lost = [(name, at, saw.said_at(message)) for name, at, message in replies if is_lost(message)]
    found = []
    for name, at, given_up in lost:
        count = sum(at <= kill <= given_up for kill in kills)
        if count < _MOST_CRASHES:
            found.append(f"{name} was given up after {given_up - at:.1f} seconds and {count} kills")
    return len(lost), found


def _digests(saw: Seen) -> list[str]:
    if len(saw.digests) == 1:
        return []
    return [f"there are {len(saw.digests)} digests: {[digest['ts'] for digest in saw.digests]}"]


def _name(upload: Upload) -> str:
    return f"{upload.source} with {upload.lamps} lamps ({upload.key})"
