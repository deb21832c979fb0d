"""A state database of the previous version: what was kept stays, and what was open goes on."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from store.jobs import (
    ConversationMessage,
    DailyDigest,
    DigestStore,
    Holder,
    MessageRef,
    QuestionJob,
    QuestionStore,
    SlackFile,
    SlackMessage,
    Submission,
    SubmissionStore,
    Upload,
)
from tests.store.jobs.stored_outcome import stored_outcome

FORMER = """
CREATE TABLE slack_events (event_id VARCHAR NOT NULL PRIMARY KEY, seen_at FLOAT NOT NULL);
CREATE TABLE slack_questions (
    team VARCHAR NOT NULL, channel VARCHAR NOT NULL, ts VARCHAR NOT NULL, thread VARCHAR NOT NULL,
    user VARCHAR NOT NULL, text TEXT NOT NULL, state VARCHAR NOT NULL, owner VARCHAR, alive_at FLOAT NOT NULL,
    received_at FLOAT NOT NULL, attempts INTEGER NOT NULL, outcome VARCHAR, reply TEXT, reply_ts VARCHAR,
    reference VARCHAR, PRIMARY KEY (team, channel, ts)
);
CREATE INDEX slack_questions_state ON slack_questions (state);
CREATE TABLE slack_submissions (
    "key" VARCHAR NOT NULL PRIMARY KEY, team VARCHAR NOT NULL, channel VARCHAR NOT NULL, ts VARCHAR NOT NULL,
    thread VARCHAR NOT NULL, user VARCHAR NOT NULL, text TEXT NOT NULL, files TEXT NOT NULL,
    response_url TEXT NOT NULL, state VARCHAR NOT NULL, owner VARCHAR, alive_at FLOAT NOT NULL,
    received_at FLOAT NOT NULL, attempts INTEGER NOT NULL, status_channel VARCHAR, status_ts VARCHAR
);
CREATE TABLE digest_runs (
    channel VARCHAR NOT NULL, day VARCHAR NOT NULL, state VARCHAR NOT NULL, owner VARCHAR NOT NULL,
    claimed_at FLOAT NOT NULL, ts VARCHAR, knew TEXT, PRIMARY KEY (channel, day)
);
INSERT INTO slack_events VALUES ('Ev1', 5.0);
INSERT INTO slack_questions VALUES
    ('T', 'C', '1.0', '1.0', 'U', 'When?', 'answered', NULL, 1.0, 1.0, 1, 'answer', 'In May.', '1.5', NULL),
    ('T', 'C', '2.0', '1.0', 'U', 'Where?', 'received', 'gone', 2.0, 2.0, 4, NULL, NULL, NULL, NULL),
    ('T', 'C', '3.0', '1.0', 'U', 'Who?', 'answering', 'gone', 3.0, 3.0, 1, NULL, NULL, '3.5', NULL);
INSERT INTO slack_submissions VALUES
    ('message/1', 'T', 'D', '4.0', '', 'U', '', '[["F1", "a.txt"]]', '', 'done', NULL, 4.0, 4.0, 1, NULL, NULL),
    ('message/2', 'T', 'D', '5.0', '', 'U', '', '[["F2", "b.txt"]]', 'url', 'open', 'gone', 5.0, 5.0, 2, 'D', '5.5');
INSERT INTO digest_runs VALUES
    ('C', '2024-05-01', 'posted', 'gone', 6.0, '6.5', '{"as_of": "2024-05-01"}'),
    ('C', '2024-05-02', 'claimed', 'gone', 7.0, NULL, NULL);
"""
ME = Holder("me", 20.0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    file = tmp_path / "state.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(FORMER)
    connection.close()
    return f"sqlite:///{file}"


def test_open_questions_of_the_previous_tables_have_no_holder_and_no_failure(url: str) -> None:
    where, who = (
        SlackMessage("T", "C", ts, "1.0", "U", text) for ts, text in (("2.0", "Where?"), ("3.0", "Who?"))
    )
    adopted = QuestionStore.open(url).adopt(ME)
    assert [job.work for job in adopted] == [
        QuestionJob(where),
        QuestionJob(who, sending=True, reply_ts="3.5"),
    ]
    assert [job.failures for job in adopted] == [0, 0]


def test_questions_and_events_of_the_previous_tables_are_not_claimed_again(url: str) -> None:
    state = QuestionStore.open(url)
    first = SlackMessage("T", "C", "1.0", "1.0", "U", "When?")
    assert (state.claim(first, ME), state.claim_event("Ev1"), stored_outcome(state, first)) == (
        None,
        False,
        "answer",
    )
    said = state.conversation(SlackMessage("T", "C", "2.0", "1.0", "U", "Where?"))
    assert said == [
        ConversationMessage("1.0", "user", "When?"),
        ConversationMessage("1.5", "assistant", "In May."),
    ]


def test_only_open_uploads_of_the_previous_tables_are_adopted(url: str) -> None:
    [job] = SubmissionStore.open(url).adopt(ME)
    asked = SlackMessage("T", "D", "5.0", "", "U", "")
    submission = Submission("message/2", asked, (SlackFile("F2", "b.txt"),), "5.0", "url")
    assert (job.work, job.failures) == (Upload(submission, MessageRef("D", "5.5")), 1)


def test_digests_of_the_previous_tables_are_kept(url: str) -> None:
    runs = DigestStore.open(url)
    assert runs.is_posted("C", date(2024, 5, 1))
    assert runs.last_state("C", date(2024, 5, 2)) == '{"as_of": "2024-05-01"}'
    [job] = runs.adopt(ME)
    assert (job.work, job.created_at) == (DailyDigest("C", date(2024, 5, 2)), 7.0)


def test_processes_that_start_together_move_the_previous_tables_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: QuestionStore.open(url), range(4)))
    adopted = [job.work.message.ts for state in states for job in state.adopt(ME)]
    assert adopted == ["2.0", "3.0"]


def test_a_process_that_starts_waits_for_a_program_that_writes_to_the_previous_tables(url: str) -> None:
    writer = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(QuestionStore.open, url)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.5)
        writer.execute("COMMIT")
        assert [job.work.message.ts for job in opening.result().adopt(ME)] == ["2.0", "3.0"]
    writer.close()
