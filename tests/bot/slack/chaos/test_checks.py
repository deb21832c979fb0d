"""What a storm is held against: each promise that is broken is named, and none that is kept."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.blocks.messages import ANSWER_LOST
from bot.slack.sending.posting import EVENT_TYPE, PARTIAL
from tests.bot.slack.chaos.checks import check, is_settled
from tests.bot.slack.chaos.records import Published, Question, Upload, seen
from tests.bot.slack.chaos.script import Ask, Give, Kill, lamps, script
from tests.bot.slack.fakes.channels import Message

QUESTION = Question("T/C1/2.0", 10.0, "Harbour", 2010)
UPLOAD = Upload("message/T/D1/1.0", 10.0, "harbour.txt", "Harbour", 2010)
LATER = Upload("message/T/D1/3.0", 20.0, "harbour.txt", "Harbour", 2020)


def reply(name: str, text: str = "The Harbour Network has 2010 lamps [1].", ts: str = "5.0") -> Message:
    named = {"event_type": EVENT_TYPE, "event_payload": {"question": name}}
    return {"user": "U0BOT", "ts": ts, "text": text, "blocks": [text], "metadata": named}


def digest(ts: str = "9.0") -> Message:
    return reply("T/C2/1.0/digest/C2/2024-05-02", "Due today", ts)


def result(upload: Upload, text: str = "In the library", ts: str = "4.0") -> Message:
    return reply(upload.status, text, ts)


MISPLACED = "each file is published once, or not, as was said"
GIVEN_UP = "nothing is given up before two kills"
GOOD = (reply(QUESTION.key), result(UPLOAD), result(LATER), digest())
PUBLISHED = (Published("harbour.txt", 1, 2010, False), Published("harbour.txt", 2, 2020, True))


def broken(*messages: Message, published: tuple[Published, ...] = PUBLISHED, **more: Any) -> list[str]:
    """Return the names of the promises that are broken."""
    calls = [("chat.postMessage", message, 50.0) for message in messages]
    saw = seen({"C1": messages}, "U0BOT", more.get("streaming", set()), calls)
    checks = check([QUESTION], [UPLOAD, LATER], more.get("kills", []), published, saw)
    return [one.name for one in checks if one.violations]


def test_good_records_have_no_violation() -> None:
    assert broken(*GOOD) == []


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("each question has one reply", GOOD[1:]),
        ("each question has one reply", (*GOOD, reply(QUESTION.key, ts="6.0"))),
        ("every message is whole", (*GOOD, reply(QUESTION.key + PARTIAL))),
        ("every message is whole", (*GOOD, {"user": "U0BOT", "ts": "7.0", "text": "The Harb"})),
        ("each file has one last word", (*GOOD, result(UPLOAD, ts="8.0"))),
        (
            "each file has one last word",
            (GOOD[0], result(UPLOAD, ":hourglass_flowing_sand: waits"), *GOOD[2:]),
        ),
        ("the digest is posted once", GOOD[:-1]),
        ("the digest is posted once", (*GOOD, digest("10.0"))),
    ],
)
def test_missing_doubled_and_unfinished_replies_are_violations(
    name: str, messages: tuple[Message, ...]
) -> None:
    assert broken(*messages) == [name]


def test_open_stream_is_a_violation() -> None:
    assert broken(*GOOD, streaming={"5.0"}) == ["every message is whole"]


@pytest.mark.parametrize("text", ["The Harbour Network has 2000 lamps [1].", "I found no passage."])
def test_stale_answer_is_a_violation(text: str) -> None:
    assert broken(reply(QUESTION.key, text), *GOOD[1:]) == ["no answer is older than what was published"]


def test_older_file_as_current_version_is_a_violation() -> None:
    order = (Published("harbour.txt", 1, 2020, False), Published("harbour.txt", 2, 2010, True))
    assert broken(*GOOD, published=order) == ["no older file replaces a newer one"]


def test_superseded_file_may_have_been_published() -> None:
    overtaken = result(
        UPLOAD, "Not added to the library: a file of this name that was sent later is in the library"
    )
    later = (Published("harbour.txt", 1, 2020, True),)
    assert (
        broken(GOOD[0], overtaken, *GOOD[2:]) == broken(GOOD[0], overtaken, *GOOD[2:], published=later) == []
    )


def test_double_or_unreported_publication_is_a_violation() -> None:
    twice = (*PUBLISHED, Published("harbour.txt", 3, 2020, False))
    refused = result(UPLOAD, "Not added to the library")
    assert broken(*GOOD, published=twice) == [MISPLACED]
    assert broken(GOOD[0], refused, *GOOD[2:]) == [MISPLACED]


def test_only_two_versions_of_a_file_are_expected() -> None:
    last = Upload("message/T/D1/9.0", 30.0, "harbour.txt", "Harbour", 2030)
    uploads = (UPLOAD, LATER, last)
    saw = seen({"D1": [result(one, ts=f"{n}.0") for n, one in enumerate(uploads)]}, "U0BOT", set())
    kept = [Published("harbour.txt", 2, 2020, False), Published("harbour.txt", 3, 2030, True)]
    found = [
        {one.name: one.violations for one in check([], uploads, [], published, saw)}[MISPLACED]
        for published in (kept, kept[1:])
    ]
    assert not found[0]
    assert found[1]


@pytest.mark.parametrize(("kills", "names"), [((5.0, 20.0, 60.0), [GIVEN_UP]), ((20.0, 40.0), [])])
def test_question_may_be_given_up_after_two_kills(kills: tuple[float, ...], names: list[str]) -> None:
    assert broken(reply(QUESTION.key, ANSWER_LOST.text), *GOOD[1:], kills=kills) == names


def test_storm_is_settled_after_the_last_result() -> None:
    saw = [seen({"C1": messages}, "U0BOT", set()) for messages in (GOOD[:2], GOOD)]
    assert [is_settled([QUESTION], [UPLOAD, LATER], each) for each in saw] == [False, True]


def test_seed_gives_one_script_with_every_kind_of_action() -> None:
    actions = script(7, 180.0)
    assert actions == script(7, 180.0)
    assert [action.bot for action in actions if isinstance(action, Kill)][:4] in ([0, 1, 0, 1], [1, 0, 1, 0])
    given = [
        lamps(action.network, action.version)
        for action in actions
        if isinstance(action, Give)
        if action.version
    ]
    assert len(given) == len(set(given)) > 5


def test_three_bots_get_five_hundred_questions_in_three_minutes() -> None:
    assert sum(isinstance(action, Ask) for action in script(7, 180.0, bots=3)) == 500
