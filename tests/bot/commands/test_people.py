"""`itubot feedback`, `gaps` and `forget`: what people said and asked in Slack, and how it is deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from store.jobs import (
    AnswerRecord,
    ExpertAnswer,
    ExpertAnswerStore,
    ExpertQuestion,
    ExpertQuestionStore,
    Holder,
    MessageRef,
    QuestionJob,
    QuestionStore,
    SlackMessage,
)
from store.jobs.people import person_columns
from store.records import Citation
from tests.servers import database_url, server_settings

HOLDER = Holder("one", 60.0)
CITED = Citation(1, "report.txt", "Report", None, "2.2", "Summit", 7, "It is in May.", version=2)
ANSWERED = AnswerRecord(answered=True, model="extractive", citations=(CITED,))
REFUSED = AnswerRecord(answered=False, reason="no evidence")

Run = Callable[..., str]


@pytest.fixture
def state(tmp_path: Path) -> QuestionStore:
    return QuestionStore.open(database_url(tmp_path))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name, value in (server_settings(tmp_path) | {"ITUBOT_DATA_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> str:
        assert main(arguments) == 0
        return capsys.readouterr().out

    return run


def ask(state: QuestionStore, ts: str, text: str, record: AnswerRecord, user: str = "U1") -> SlackMessage:
    asked = SlackMessage("T1", "C1", ts, ts, user, text)
    job = state.claim(QuestionJob(asked), HOLDER)
    assert job is not None
    state.change(job.lease, sending=True, reply="In May. [1]", record=record)
    state.change(job.lease, True, outcome="answer", reply_ts=f"{ts}1")
    return asked


def test_feedback_has_the_vote_the_question_the_answer_and_its_sources(
    state: QuestionStore, run: Run
) -> None:
    asked = ask(state, "1.0", "When?", ANSWERED)
    state.save_vote(asked.key, "U2", "bad", "outdated", "It moved.")
    [found] = json.loads(run("feedback", "--json"))
    found.pop("at")
    assert found == {
        "user": "U2",
        "vote": "bad",
        "reason": "outdated",
        "comment": "It moved.",
        "question": "When?",
        "answer": "In May. [1]",
        "answered": True,
        "model": "extractive",
        "sources": [{"source": "report.txt", "version": 2, "section": "2.2", "quote": "It is in May."}],
    }


def test_gaps_are_unanswered_questions_and_bad_votes(state: QuestionStore, run: Run) -> None:
    ask(state, "1.0", "Who pays?", REFUSED)
    ask(state, "2.0", "Hello!", AnswerRecord(answered=False, reason="small talk"))
    answered = ask(state, "3.0", "When?", ANSWERED)
    state.save_vote(answered.key, "U2", "bad")
    state.save_vote(answered.key, "U3", "good")
    found = json.loads(run("gaps", "--json"))
    assert [one["question"] for one in found["unanswered"]] == ["Who pays?"]
    assert [(one["question"], one["user"]) for one in found["bad"]] == [("When?", "U2")]
    assert "1 unanswered question of the last 7 days." in run("gaps")


def test_forgotten_person_leaves_nothing(state: QuestionStore, run: Run, tmp_path: Path) -> None:
    asked, other = ask(state, "1.0", "When?", ANSWERED), ask(state, "2.0", "Why?", REFUSED, "U2")
    state.save_vote(asked.key, "U2", "good")
    state.save_vote(other.key, "U1", "bad")
    state.save_vote(other.key, "U3", "bad")
    database = database_url(tmp_path)
    questions, answers = ExpertQuestionStore.open(database), ExpertAnswerStore.open(database)
    assert questions.claim(ExpertQuestion(asked.key, asked, "C9"), HOLDER)
    assert answers.claim(
        ExpertAnswer(other.key, other, MessageRef("C9", "5.0"), "U1", "The members."), HOLDER
    )
    shown = run("forget", "U1")
    assert shown == (
        "Deleted what was stored about U1: 1 of expert answers, 1 of expert questions, 1 of feedback, "
        "1 of questions.\n"
    )
    with state.engine.connect() as connection:
        left = [
            person for column in person_columns() for person in connection.scalars(select(column)) if person
        ]
    assert set(left) == {"U2", "U3"}
    assert run("forget", "U1") == "Nothing is stored about U1.\n"


def test_name_in_place_of_an_id_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "amina"]) == 2
    assert "not the id of a person" in capsys.readouterr().err
