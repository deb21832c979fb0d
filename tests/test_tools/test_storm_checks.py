"""What a storm is held against: each promise that is broken is named, and none that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.slack.core.sending.posting import EVENT_TYPE, PARTIAL
from bot.slack.core.ui.messages import apology_message, no_documents
from bot.slack.features.questions.messages import answer_lost, queue_full
from store.jobs import Reminder
from tests.fake_slack.channels import Message
from tests.tools.chaos.__main__ import left_out
from tests.tools.chaos.checks import check, is_settled
from tests.tools.chaos.records import (
    Command,
    Done,
    Outage,
    PassedOn,
    Published,
    Question,
    Remind,
    Share,
    Upload,
    seen,
)
from tests.tools.chaos.script import Ask, FillDisk, Give, Kill, PassOn, ShareList, script
from tests.tools.chaos.script import Command as UseCommand
from tests.tools.chaos.script import Remind as WantReminder
from tests.tools.chaos.subjects import FACTS, LATER, SOON, lamps

FACT, PHRASE = next(iter(FACTS.items()))
QUESTION = Question("T/C1/2.0", 10.0, "Harbour", 2010)
REPORT_QUESTION = Question("T/C1/2.5", 10.0, FACT)
UPLOAD = Upload("message/T/D1/1.0", 5.0, "harbour.txt", "Harbour", 2010)
LATER_UPLOAD = Upload("message/T/D1/3.0", 20.0, "harbour.txt", "Harbour", 2020)
ASKING = Command("asking", "U100", "C100", 10.0, "Harbour", 2010)
LISTING = Command("listing", "U101", "C101", 10.0, "")
SHARE = Share("share", "U102", "C102", 10.0, "2010 lamps")
DUE, KEPT = Remind("due", "U103", 10.0, soon=True), Remind("kept", "U104", 10.0, soon=False)
PASSED_ON = PassedOn("T/C6/4.0", "C9", 10.0, "The city pays.")
RIGHT = "The Harbour Network has 2010 lamps in working order. [1]"
CITED = f"It was {PHRASE}. [1]\n[1] § 9.2: “It was {PHRASE}.”"
STORED = Reminder("r", "T", "U104", "D104", "chain", 7, LATER, None, "")
# Everything that people do is acknowledged then, and said then.
ACKNOWLEDGED, SAID = 11.0, 50.0


def named(name: str, text: str, ts: str) -> Message:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"question": name}}
    return {"user": "U0BOT", "ts": ts, "text": text, "metadata": metadata}


def result(upload: Upload, text: str, ts: str) -> Message:
    return named(upload.status, text, ts)


# By the place in which something is said: channels, and the triggers of those who alone see it.
Said = dict[str, list[Message]]


def good() -> Said:
    """Return what is said where every promise is kept."""
    return {
        "C1": [
            named(QUESTION.key, RIGHT, "5.0"),
            named(REPORT_QUESTION.key, CITED, "5.5"),
            named("T/C2/1.0/digest/C2/2024-05-02", "Due today", "9.0"),
        ],
        "D1": [result(UPLOAD, "In the library", "4.0"), result(LATER_UPLOAD, "In the library", "4.5")],
        "C102": [named("T/C102/6.0/shared", f"shared: {RIGHT}", "7.0")],
        "D103": [named("T/D103/7.0/reminder/r/0", f"{SOON}: tomorrow", "8.0")],
        "C9": [named("T/C9/4.0/experts/T/C6/4.0", "U1 asks", "6.0")],
        "C6": [named("T/C6/4.0/expert", "U9 answers: The city pays.", "6.5")],
        "asking": [{"text": f"You asked …\n{RIGHT}"}],
        "listing": [{"text": f"{SOON}, tomorrow"}],
    }


PUBLISHED = (Published("harbour.txt", 1, 2010, False), Published("harbour.txt", 2, 2020, True))
CHANNELS = ("C1", "D1", "C102", "D103", "C9", "C6")
DONE = Done(
    [QUESTION, REPORT_QUESTION], [ASKING, LISTING], [SHARE], [DUE, KEPT], [PASSED_ON], [UPLOAD, LATER_UPLOAD]
)


def broken(
    said: Said,
    *,
    done: Done = DONE,
    published: tuple[Published, ...] = PUBLISHED,
    stored: tuple[Reminder, ...] = (STORED,),
    streaming: frozenset[str] = frozenset(),
    unacknowledged: str = "",
) -> list[str]:
    """Return the names of the promises that are broken."""
    triggers = ("asking", "listing", "share", "due", "kept")
    saw = seen(
        {place: messages for place, messages in said.items() if place not in triggers},
        "U0BOT",
        set(streaming),
        [("chat.postMessage", message, SAID) for messages in said.values() for message in messages],
        responses={place: messages for place, messages in said.items() if place in triggers},
        acknowledged={trigger: ACKNOWLEDGED for trigger in triggers if trigger != unacknowledged},
    )
    return [one.name for one in check(done, published, stored, saw) if one.violations]


ONE_REPLY = "each question has one reply"
ANSWERED = "95 of 100 questions get the right answer"
WRONG = "no answer is from another document or an older version"
WHOLE = "every message is whole"
LAST_WORD = "each file has one last word"
TAKEN_IN = "each file that can be read is taken in"
MISPLACED = "each file is published once, or not, as was said"
ORDER = "no older file replaces a newer one"
GIVEN_UP = "nothing is given up before two kills"
DIGEST = "the digest is posted once"
COMMAND = "each command has one reply"
SHARED = "each reply is shared once"
REMINDER = "each reminder is kept, and sent once when it is due"
PASSING_ON = "each question passed on gets a person's answer once"


def test_good_records_have_no_violation() -> None:
    assert broken(good()) == []


def instead(place: str, number: int, text: str) -> Callable[[Said], None]:
    """Return what says something else in place of one of the messages."""

    def change(said: Said) -> None:
        said[place][number] = said[place][number] | {"text": text}

    return change


def without(place: str, number: int = 0) -> Callable[[Said], None]:
    """Return what leaves one of the messages out."""
    return lambda said: said[place].pop(number) and None


def twice(place: str, number: int = 0) -> Callable[[Said], None]:
    """Return what says one of the messages twice."""
    return lambda said: said[place].append(said[place][number] | {"ts": "99.0"})


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (without("C1"), [ONE_REPLY, ANSWERED]),
        (twice("C1"), [ONE_REPLY]),
        (instead("C1", 0, apology_message("1").text), [ANSWERED]),
        (instead("C1", 0, queue_full().text), [ANSWERED]),
        (instead("C1", 0, no_documents().text), [ANSWERED]),
        (
            instead(
                "C1", 0, "I found nothing. § 1.2: “The Harbour Network has 2010 lamps in working order.”"
            ),
            [ANSWERED],
        ),
        (instead("C1", 0, "The Harbour Network was founded. [1]"), [ANSWERED, WRONG]),
        (instead("C1", 0, RIGHT.replace("Harbour", "Lantern")), [ANSWERED, WRONG]),
        # Before it, and given after the reply or never.
        (instead("C1", 0, RIGHT.replace("2010", "2000")), [ANSWERED, WRONG]),
        (instead("C1", 0, RIGHT.replace("2010", "2030")), [ANSWERED, WRONG]),
        (instead("C1", 1, "It was in Rome in May 2023. [1]"), [ANSWERED, WRONG]),
        (instead("asking", 0, apology_message("1").text), [ANSWERED]),
        (instead("asking", 0, RIGHT.replace("2010", "2000")), [ANSWERED, WRONG]),
        (lambda said: said["C1"].append(named(QUESTION.key + PARTIAL, "The Harb", "7.0")), [WHOLE]),
        (lambda said: said["C1"].append({"user": "U0BOT", "ts": "7.0", "text": "The Harb"}), [WHOLE]),
        (twice("D1"), [LAST_WORD]),
        (instead("D1", 0, ":hourglass_flowing_sand: waits"), [ANSWERED, WRONG, LAST_WORD]),
        (instead("D1", 1, "Not added to the library: cannot be written"), [TAKEN_IN, MISPLACED, ORDER]),
        (instead("C1", 0, answer_lost().text), [ANSWERED, GIVEN_UP]),
        (instead("asking", 0, answer_lost().text), [ANSWERED, GIVEN_UP]),
        (without("C1", 2), [DIGEST]),
        (twice("C1", 2), [DIGEST]),
        (without("asking"), [ANSWERED, COMMAND]),
        (twice("asking"), [COMMAND]),
        (without("listing"), [COMMAND]),
        (twice("listing"), [COMMAND]),
        (instead("listing", 0, "I have no dates."), [COMMAND]),
        (instead("listing", 0, "That did not work: the store is full."), [COMMAND]),
        (without("C102"), [SHARED]),
        (twice("C102"), [SHARED]),
        (instead("C102", 0, "shared: 2000 lamps"), [SHARED]),
        (without("D103"), [REMINDER]),
        (twice("D103"), [REMINDER]),
        (instead("D103", 0, f"{LATER}: tomorrow"), [REMINDER]),
        (without("C9"), [PASSING_ON]),
        (twice("C9"), [PASSING_ON]),
        (without("C6"), [PASSING_ON]),
        (twice("C6"), [PASSING_ON]),
        (instead("C6", 0, "U9 answers: Nobody pays."), [PASSING_ON]),
    ],
)
def test_each_broken_promise_is_named(change: Callable[[Said], None], names: list[str]) -> None:
    said = good()
    change(said)
    assert broken(said) == names


@pytest.mark.parametrize(
    ("trigger", "name"),
    [("asking", COMMAND), ("listing", COMMAND), ("share", SHARED), ("due", REMINDER), ("kept", REMINDER)],
)
def test_what_is_never_acknowledged_is_a_violation(trigger: str, name: str) -> None:
    assert broken(good(), unacknowledged=trigger) == [name]


def test_open_stream_is_a_violation() -> None:
    assert broken(good(), streaming=frozenset({"5.0"})) == [WHOLE]


def test_reminder_that_is_not_stored_or_not_gone_is_a_violation() -> None:
    assert broken(good(), stored=()) == [REMINDER]
    assert broken(good(), stored=(STORED, replace(STORED, user="U103"))) == [REMINDER]


def test_any_version_between_question_and_reply_is_right() -> None:
    said = good()
    instead("C1", 0, RIGHT.replace("2010", "2020"))(said)
    assert broken(said) == []


def test_few_questions_may_end_with_an_apology() -> None:
    others = [Question(f"T/C3/{number}.0", 10.0, FACT) for number in range(30)]
    said = good() | {"C3": [named(one.key, CITED, one.key[5:]) for one in others]}
    done = replace(DONE, questions=[*DONE.questions, *others])
    for count, names in ((1, []), (2, [ANSWERED])):
        instead("C3", count, apology_message("1").text)(said)
        assert broken(said, done=done) == names


def test_question_before_its_document_may_be_refused() -> None:
    said = good()
    instead("C1", 0, "I found no passage.")(said)
    early = replace(DONE, questions=[replace(QUESTION, least=0), REPORT_QUESTION])
    assert broken(said, done=early) == []


def test_what_fails_while_the_store_is_away_is_no_violation() -> None:
    said = good()
    failed = "That did not work: the store is full; tell whoever runs me."
    said |= {"listing": [{"text": failed}, {"text": failed}], "share": [{"text": failed}], "C102": []}
    said |= {"due": [{"text": failed}], "D103": []}
    instead("D1", 1, "Not added to the library: I cannot keep it here: No space left on device")(said)
    published = (Published("harbour.txt", 1, 2010, True),)
    full = replace(DONE, outages=[Outage("a full disk", 8.0, 30.0)])
    assert broken(said, done=full, published=published) == []
    long_ago = replace(DONE, outages=[Outage("a full disk", -40.0, -30.0)])
    assert broken(said, done=long_ago, published=published) == [TAKEN_IN, COMMAND, SHARED, REMINDER]


def test_command_that_a_kill_ends_may_be_lost_or_answered_twice() -> None:
    said = good()
    without("listing")(said)
    twice("asking")(said)
    assert broken(said, done=replace(DONE, kills=[ACKNOWLEDGED + 1.0])) == []
    assert broken(said, done=replace(DONE, kills=[SAID + 1.0])) == [COMMAND]


def test_reminder_may_come_too_late() -> None:
    said = good() | {"due": [{"text": "A reminder 1 day before would be in the past."}], "D103": []}
    assert broken(said) == []


def test_older_file_as_current_version_is_a_violation() -> None:
    order = (Published("harbour.txt", 1, 2020, False), Published("harbour.txt", 2, 2010, True))
    assert broken(good(), published=order) == [ORDER]


def test_superseded_file_may_have_been_published() -> None:
    said = good()
    overtaken = "Not added to the library: a file of this name that was sent later is in the library"
    instead("D1", 0, overtaken)(said)
    later = (Published("harbour.txt", 1, 2020, True),)
    assert broken(said) == broken(said, published=later) == []


def test_double_or_unreported_publication_is_a_violation() -> None:
    said = good()
    many = (*PUBLISHED, Published("harbour.txt", 3, 2020, False))
    assert broken(said, published=many) == [MISPLACED]
    instead("D1", 0, "Not added to the library")(said)
    assert broken(said) == [ANSWERED, WRONG, TAKEN_IN, MISPLACED]


def test_only_two_versions_of_a_file_are_expected() -> None:
    last = Upload("message/T/D1/9.0", 30.0, "harbour.txt", "Harbour", 2030)
    done = replace(DONE, uploads=[UPLOAD, LATER_UPLOAD, last])
    said = good()
    said["D1"].append(result(last, "In the library", "9.5"))
    kept = (Published("harbour.txt", 2, 2020, False), Published("harbour.txt", 3, 2030, True))
    assert broken(said, done=done, published=kept) == []
    assert broken(said, done=done, published=kept[1:]) == [MISPLACED]


@pytest.mark.parametrize(
    ("kills", "names"), [([5.0, 20.0, 60.0], [ANSWERED, GIVEN_UP]), ([20.0, 40.0], [ANSWERED])]
)
def test_question_may_be_given_up_after_two_kills(kills: list[float], names: list[str]) -> None:
    said = good()
    instead("C1", 0, answer_lost().text)(said)
    assert broken(said, done=replace(DONE, kills=kills)) == names


def test_question_may_not_be_given_up_after_a_kill_and_a_full_disk() -> None:
    said = good()
    instead("C1", 0, answer_lost().text)(said)
    full = [Outage("a full disk", 20.0, 30.0)]
    assert broken(said, done=replace(DONE, kills=[40.0], outages=full)) == [ANSWERED, GIVEN_UP]


def test_storm_is_settled_after_the_last_result() -> None:
    early = good()
    without("D1", 1)(early)
    saw = [seen({"D1": said["D1"], "C1": said["C1"]}, "U0BOT", set()) for said in (early, good())]
    assert [is_settled(DONE.questions, DONE.uploads, each) for each in saw] == [False, True]


def test_kind_of_which_nothing_happened_is_named() -> None:
    kinds = ("questions", "files", "commands", "shares", "reminders", "experts' answers", "redeliveries")
    counts: dict[str, int | str] = dict.fromkeys(
        (*kinds, "reminders sent", "kills", "all bots dead at once"), 1
    )
    actions = script(7, 120.0)
    assert left_out(actions, counts | {"full disks": "mount: permission denied"}) == []
    assert left_out(actions, counts | {"full disks": 0, "shares": 0}) == [
        "there were no full disks",
        "there were no shares",
    ]


@pytest.mark.parametrize(("seconds", "bots"), [(120.0, 2), (60.0, 3)])
def test_seed_gives_one_script_with_every_kind_of_action(seconds: float, bots: int) -> None:
    actions = script(7, seconds, bots)
    assert actions == script(7, seconds, bots)
    kinds = {type(action) for action in actions}
    assert {Ask, Give, UseCommand, ShareList, WantReminder, PassOn, Kill, FillDisk} < kinds
    kills = [action.bots for action in actions if isinstance(action, Kill)]
    assert kills[1] == tuple(range(bots))
    given = [
        lamps(action.network, action.version)
        for action in actions
        if isinstance(action, Give)
        if action.version
    ]
    assert len(given) == len(set(given)) > 3


def test_three_bots_get_five_hundred_questions_in_three_minutes() -> None:
    assert sum(isinstance(action, Ask) for action in script(7, 180.0, bots=3)) == 500
