"""The state database: claims, their owners, conversations, across threads and processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from store.errors import StoreError
from store.state import Asked, Said, State


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'state.db'}"


@pytest.fixture
def state(url: str, clock: Clock) -> State:
    return State.open(url, clock)


def asked(ts: str = "100.000001", *, thread: str = "", channel: str = "C1", text: str = "When?") -> Asked:
    return Asked(team="T1", channel=channel, ts=ts, thread=thread, user="U1", text=text)


def test_question_is_taken_once(state: State) -> None:
    assert [state.claim(asked(), owner) for owner in ("one", "two", "one")] == [True, False, False]


def test_same_time_in_another_channel_is_another_question(state: State) -> None:
    state.claim(asked(channel="C1"), "one")
    assert state.claim(asked(channel="C2"), "one")


def test_event_is_taken_once(state: State) -> None:
    assert [state.claim_event("Ev1"), state.claim_event("Ev1"), state.claim_event("Ev2")] == [
        True,
        False,
        True,
    ]


def test_claim_outlives_the_process(url: str) -> None:
    first = State.open(url)
    first.claim(asked(), "one")
    first.close()
    assert not State.open(url).claim(asked(), "two")


def test_one_of_many_threads_gets_the_question(state: State) -> None:
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: state.claim(asked(), f"owner {n}"), range(64)))
    assert got.count(True) == 1


def _claim_many(url: str, owner: str) -> int:
    state = State.open(url)
    return sum(state.claim(asked(f"{n}.000001"), owner) for n in range(100))


def test_processes_share_the_questions_without_doubling_any(url: str) -> None:
    # The file does not exist yet: creating it at the same moment is part of what is tested.
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        got = pool.starmap(_claim_many, [(url, f"owner {n}") for n in range(3)])
    assert sum(got) == 100


def test_reply_starts_only_for_the_owner(state: State) -> None:
    state.claim(asked(), "one")
    assert not state.start_reply(asked(), "two")
    assert state.start_reply(asked(), "one")


def test_reply_does_not_start_after_another_took_over(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    clock.now += 60
    state.adopt("two", silent_for=20)
    assert not state.start_reply(asked(), "one")


def test_answered_question_is_not_started_again(state: State) -> None:
    state.claim(asked(), "one")
    state.finish(asked(), outcome="answer", reply="In May.", reply_ts="101.0")
    assert not state.start_reply(asked(), "one")


def test_only_what_fell_silent_is_adopted(state: State, clock: Clock) -> None:
    state.claim(asked("1.0"), "dead")
    clock.now += 15
    state.claim(asked("2.0"), "alive")
    clock.now += 10
    assert [orphan.asked.ts for orphan in state.adopt("me", silent_for=20)] == ["1.0"]


def test_sign_of_life_keeps_a_question(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    clock.now += 15
    state.keep_alive("one")
    clock.now += 15
    assert state.adopt("two", silent_for=20) == []


def test_question_is_not_taken_over_from_oneself(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    clock.now += 1_000
    assert state.adopt("one", silent_for=20) == []


def test_released_question_is_adopted_at_once(state: State) -> None:
    state.claim(asked(), "one")
    state.let_go("one")
    assert [orphan.state for orphan in state.adopt("two", silent_for=20)] == ["received"]


def test_orphan_tells_how_far_it_came_and_how_often_it_was_tried(state: State) -> None:
    state.claim(asked(), "one")
    state.let_go("one")
    state.adopt("two", silent_for=20)
    state.start_reply(asked(), "two")
    state.let_go("two", asked())
    [orphan] = state.adopt("three", silent_for=20)
    assert (orphan.state, orphan.attempts) == ("answering", 2)


def test_orphan_names_the_reply_that_was_begun(state: State) -> None:
    state.claim(asked(), "one")
    state.start_reply(asked(), "one")
    state.begin_reply(asked(), "one", "101.000001")
    state.let_go("one")
    [orphan] = state.adopt("two", silent_for=0)
    assert (orphan.state, orphan.begun) == ("answering", "101.000001")


def test_who_lost_the_question_names_no_reply(state: State) -> None:
    state.claim(asked(), "one")
    state.start_reply(asked(), "one")
    state.let_go("one")
    state.adopt("two", silent_for=0)
    state.begin_reply(asked(), "one", "101.000001")
    state.let_go("two")
    [orphan] = state.adopt("three", silent_for=0)
    assert orphan.begun is None


def test_replies_of_a_place_are_those_to_other_questions_begun_or_whole(state: State) -> None:
    first, second, third = (asked(f"10{n}.000001", thread="100.000001") for n in range(3))
    _exchange(state, first, "On Monday.", "110.000001")
    for question, reply_ts in ((second, "111.000001"), (third, "112.000001")):
        state.claim(question, "one")
        state.start_reply(question, "one")
        state.begin_reply(question, "one", reply_ts)
    assert state.replies(third) == {"110.000001", "111.000001"}


def test_answered_question_is_never_adopted(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    state.finish(asked(), outcome="answer", reply="In May.", reply_ts="101.0")
    clock.now += 1_000
    assert state.adopt("two", silent_for=20) == []


def test_orphan_goes_to_one_adopter(state: State) -> None:
    for n in range(20):
        state.claim(asked(f"{n}.0"), "dead")
    state.let_go("dead")
    with ThreadPoolExecutor(8) as pool:
        shares = list(pool.map(lambda n: state.adopt(f"owner {n}", silent_for=20), range(8)))
    assert sorted(o.asked.ts for share in shares for o in share) == sorted(f"{n}.0" for n in range(20))


def _exchange(state: State, question: Asked, reply: str, reply_ts: str) -> None:
    state.claim(question, "one")
    state.finish(question, outcome="answer", reply=reply, reply_ts=reply_ts)


def test_conversation_is_what_was_said_before_in_the_thread(state: State) -> None:
    _exchange(state, asked("1.0", thread="1.0", text="When is it?"), "In May.", "1.5")
    _exchange(state, asked("2.0", thread="2.0", text="Elsewhere"), "Yes.", "2.5")
    _exchange(state, asked("3.0", thread="1.0", text="Who comes?"), "All.", "3.5")
    said = state.conversation(asked("4.0", thread="1.0"))
    assert said == [
        Said("1.0", "user", "When is it?"),
        Said("1.5", "assistant", "In May."),
        Said("3.0", "user", "Who comes?"),
        Said("3.5", "assistant", "All."),
    ]


@pytest.mark.parametrize("root", ["1.0", "1.5"])
def test_thread_on_a_direct_message_begins_with_the_exchange_it_hangs_on(state: State, root: str) -> None:
    _exchange(state, asked("1.0", text="When is it?"), "In May.", "1.5")
    said = state.conversation(asked("2.0", thread=root))
    assert [turn.text for turn in said] == ["When is it?", "In May."]


def test_apology_is_no_part_of_the_conversation(state: State) -> None:
    state.claim(asked("1.0", text="When is it?"), "one")
    state.finish(asked("1.0"), outcome="apology", reply="Sorry", reply_ts="1.5", reference="R-1")
    assert [turn.text for turn in state.conversation(asked("2.0"))] == ["When is it?"]


def test_conversation_keeps_the_latest_exchanges(state: State) -> None:
    for n in range(1, 6):
        _exchange(state, asked(f"{n}.0", text=f"Q{n}"), f"A{n}", f"{n}.5")
    assert [turn.text for turn in state.conversation(asked("9.0"), limit=2)] == ["Q4", "A4", "Q5", "A5"]


def test_reference_number_leads_back_to_the_question(state: State) -> None:
    state.claim(asked(text="Why?"), "one")
    state.finish(asked(), outcome="apology", reference="R-7")
    assert state.by_reference("R-7") == asked(text="Why?")


def test_outcome_is_known_once_finished(state: State) -> None:
    state.claim(asked(), "one")
    before = state.outcome(asked())
    state.finish(asked(), outcome="notice")
    assert (before, state.outcome(asked())) == (None, "notice")


def test_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StoreError, match="state database"):
        State.open(f"sqlite:///{tmp_path / 'state.db'}")


MONTH = 30 * 24 * 3600.0


def test_old_questions_and_events_are_forgotten(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    state.claim_event("Ev1")
    clock.now += MONTH + 1
    state.forget(older_than=MONTH)
    assert state.claim(asked(), "two")
    assert state.claim_event("Ev1")


def test_newer_questions_and_events_are_remembered(state: State, clock: Clock) -> None:
    state.claim(asked(), "one")
    state.claim_event("Ev1")
    clock.now += MONTH - 1
    state.forget(older_than=MONTH)
    assert not state.claim(asked(), "two")
    assert not state.claim_event("Ev1")
