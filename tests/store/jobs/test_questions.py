"""Questions in the database: taken once, finished by their holder alone, and the conversations they make."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from store.jobs import (
    AnswerRecord,
    ConversationMessage,
    Delivery,
    Holder,
    Job,
    QuestionJob,
    QuestionStore,
    SlackMessage,
)
from store.records import Citation
from tests.store.jobs.clock import Clock

ONE, TWO, THREE = (Holder(name, 20.0) for name in ("one", "two", "three"))


def asked(
    ts: str = "100.000001", *, thread: str = "", channel: str = "C1", text: str = "When?"
) -> SlackMessage:
    return SlackMessage(team="T1", channel=channel, ts=ts, thread=thread, user="U1", text=text)


def taken(
    state: QuestionStore, question: SlackMessage | None = None, holder: Holder = ONE
) -> Job[QuestionJob]:
    job = state.claim(QuestionJob(question or asked()), holder)
    assert job is not None
    return job


def test_event_is_claimed_once(state: QuestionStore) -> None:
    assert [state.claim_event(name) for name in ("Ev1", "Ev1", "Ev2")] == [True, False, True]


def test_question_of_one_event_is_claimed_once(state: QuestionStore) -> None:
    claimed = [
        state.claim(QuestionJob(asked(ts), delivery=Delivery()), ONE, "Ev1") is not None
        for ts in ("100.1", "100.2")
    ]
    assert claimed == [True, False]


def test_delivery_is_kept_for_the_process_that_adopts_the_question(state: QuestionStore) -> None:
    delivery = Delivery(response_url="https://hooks.slack.com/commands/1")
    job = state.claim(QuestionJob(asked(), delivery=delivery), ONE)
    assert job is not None
    state.release(job.lease)
    [adopted] = state.adopt(TWO)
    assert adopted.work.delivery == delivery


def test_one_of_many_threads_claims_the_question(state: QuestionStore) -> None:
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: state.claim(QuestionJob(asked()), Holder(f"{n}", 20.0)), range(64)))
    assert len([job for job in got if job is not None]) == 1


def test_replies_are_those_to_other_questions_of_the_thread_finished_or_not(state: QuestionStore) -> None:
    first, second, third = (asked(f"10{n}.000001", thread="100.000001") for n in range(3))
    _exchange(state, first, "On Monday.", "110.000001")
    for question, reply_ts in ((second, "111.000001"), (third, "112.000001")):
        state.change(taken(state, question).lease, reply_ts=reply_ts)
    assert state.replies(third) == {"110.000001", "111.000001"}


def _exchange(state: QuestionStore, question: SlackMessage, reply: str, reply_ts: str) -> None:
    job = taken(state, question)
    state.change(job.lease, sending=True, reply=reply, record=None)
    state.change(job.lease, True, outcome="answer", reply_ts=reply_ts)


def test_conversation_has_the_earlier_messages_of_the_thread(state: QuestionStore) -> None:
    _exchange(state, asked("1.0", thread="1.0", text="When is it?"), "In May.", "1.5")
    _exchange(state, asked("2.0", thread="2.0", text="Elsewhere"), "Yes.", "2.5")
    _exchange(state, asked("3.0", thread="1.0", text="Who comes?"), "All.", "3.5")
    said = state.conversation(asked("4.0", thread="1.0"))
    assert said == [
        ConversationMessage("1.0", "user", "When is it?"),
        ConversationMessage("1.5", "assistant", "In May."),
        ConversationMessage("3.0", "user", "Who comes?"),
        ConversationMessage("3.5", "assistant", "All."),
    ]


def test_conversation_has_no_apologies(state: QuestionStore) -> None:
    job = taken(state, asked("1.0", text="When is it?"))
    state.change(job.lease, sending=True, reply="Sorry", record=None)
    state.change(job.lease, True, outcome="apology", reply_ts="1.5", reference="R-1")
    assert [turn.text for turn in state.conversation(asked("2.0", thread="1.0"))] == ["When is it?"]


def test_conversation_of_a_channel_has_what_was_asked_within_so_many_seconds(state: QuestionStore) -> None:
    for ts in ("100.5", "101.5", "102.5"):
        _exchange(state, asked(ts, thread=ts, text=f"Q{ts}"), f"A{ts}", f"{ts}1")
    said = state.conversation(asked("103.0", thread="103.0"), seconds=2.0)
    assert [turn.text for turn in said] == ["Q101.5", "A101.5", "Q102.5", "A102.5"]


def test_conversation_keeps_the_latest_exchanges(state: QuestionStore) -> None:
    for n in range(1, 6):
        _exchange(state, asked(f"{n}.0", thread="1.0", text=f"Q{n}"), f"A{n}", f"{n}.5")
    assert [turn.text for turn in state.conversation(asked("9.0", thread="1.0"), limit=2)] == [
        "Q4",
        "A4",
        "Q5",
        "A5",
    ]


RECORD = AnswerRecord(
    True,
    model="extractive",
    citations=(
        Citation(
            1,
            "report.txt",
            "Report",
            "C24/1",
            "2.2",
            "Summit",
            7,
            "It is in May.",
            section_id="s",
            document_id="C24/1",
            version=2,
            digest="d",
        ),
    ),
)


def test_answered_question_has_its_reply_and_what_the_answer_cites(state: QuestionStore) -> None:
    job = taken(state)
    state.change(job.lease, sending=True, reply="In May. [1]", record=RECORD)
    state.change(job.lease, True, outcome="answer", reply_ts="101.0")
    found = state.answered(asked().key)
    assert found is not None
    assert (found.message, found.reply, found.record) == (asked(), "In May. [1]", RECORD)
    [cited] = found.record.citations if found and found.record else ()
    assert (cited.section_id, cited.document_id, cited.version, cited.digest) == ("s", "C24/1", 2, "d")


def test_stop_concerns_the_open_questions_of_a_thread(state: QuestionStore) -> None:
    answered, first, second = (asked(ts, thread="1.0") for ts in ("1.0", "2.0", "3.0"))
    other = asked("4.0", thread="4.0")
    _exchange(state, answered, "In May.", "1.5")
    for question in (first, second, other):
        taken(state, question)
    assert state.stop("T1", first.channel, "1.0") == {first.key, second.key}
    assert state.stopped([answered.key, first.key, other.key]) == {first.key}


def test_adopted_question_knows_that_it_was_stopped(state: QuestionStore) -> None:
    job = taken(state, asked("1.0", thread="1.0"))
    state.stop("T1", asked().channel, "1.0")
    state.release(job.lease)
    [adopted] = state.adopt(TWO)
    assert adopted.work.stopped


def test_what_is_done_once_ever_is_not_forgotten(state: QuestionStore, clock: Clock) -> None:
    assert state.claim_once("greeting/T1/D1/")
    clock.now += 40 * 24 * 3600
    state.forget(older_than=30 * 24 * 3600)
    assert not state.claim_once("greeting/T1/D1/")
