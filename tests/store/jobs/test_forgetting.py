"""A person's rows are deleted while bots go on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Engine, event, insert

from store.engines import open_engine
from store.errors import StoreBusy
from store.jobs import AnswerRecord, Holder, QuestionJob, QuestionStore, SlackMessage, people
from store.jobs.people import forget_person, kept_of_person, person_columns
from store.schema import feedback, jobs

HOLDER = Holder("first", 10.0)


@pytest.mark.files
def test_a_person_is_forgotten_while_another_process_writes(state: QuestionStore, url: str) -> None:
    for user in ("U1", "U2"):
        state.claim(QuestionJob(SlackMessage("T1", "C1", f"{user}.0", "1.0", user, "When?")), HOLDER)
    engine = open_engine(url)

    @event.listens_for(engine, "after_cursor_execute")
    def write(*_: object) -> None:
        """Let the other process write after each statement, if it can."""
        other = sqlite3.connect(url.removeprefix("sqlite+pysqlite:///"), timeout=0)
        with closing(other), suppress(sqlite3.OperationalError), other:
            other.execute("UPDATE jobs SET failures = failures + 1")

    assert forget_person(engine, "U1") == {"questions": 1}
    assert forget_person(engine, "U1") == {}


KINDS = ("question", "upload", "check", "brief", "share", "expert question", "expert answer", "notice")


def fill(engine: Engine, user: str) -> None:
    """Store rows of every table with people: a job of each kind, and one for each column that has a person's id."""
    with engine.begin() as connection:
        for kind in KINDS:
            job = {each.name: _made_up(each, f"{kind}/{user}") for each in jobs.c}
            # Of the answer of an expert, who is not the asker; what somebody else passed on has the question's key.
            others = (
                {"user": "U9", "expert": user} if kind == "expert answer" else {"user": user, "expert": "U9"}
            )
            others |= {"key": f"question/{user}", "user": "U9"} if kind == "expert question" else {}
            connection.execute(insert(jobs).values(job | {"kind": kind} | others))
        for column in person_columns():
            table, key = column.table, f"{column.table.name}/{column.name}/{user}"
            if table is jobs:
                continue
            values = {each.name: _made_up(each, key) for each in table.c if not each.server_default}
            values[column.name] = user
            if table is feedback:
                values["key"] = f"question/{user}"
            connection.execute(insert(table).values(**values))


def _made_up(column: Column[Any], key: str) -> Any:
    """Return a value of a column's type; a text is the key, so that no two rows have the same."""
    kinds: dict[type, Any] = {str: key, int: 1, float: 1.0, bool: True}
    return None if column.nullable else kinds.get(column.type.python_type, [])


def test_what_is_kept_of_a_person_is_what_forgetting_deletes_for_every_table(
    state: QuestionStore, url: str
) -> None:
    engine = open_engine(url)
    for user in ("U1", "U2"):
        fill(engine, user)
    expected = {f"{kind.replace(' ', '_')}s": 1 for kind in KINDS}
    expected |= {column.table.name: 1 for column in person_columns() if column.table is not jobs}
    assert kept_of_person(engine, "U1") == expected
    assert forget_person(engine, "U1") == expected
    assert kept_of_person(engine, "U1") == {}
    assert kept_of_person(engine, "U2") == expected


WORDS = "Whose secret plan for the harbour is this?"
# Of its two snapshots, one is always open.
READS_ALL_THE_TIME = """
import sqlite3, sys

def begin(connection):
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM jobs").fetchone()

one, other = (sqlite3.connect(sys.argv[1], isolation_level=None) for _ in range(2))
begin(one)
print("reads", flush=True)
while True:
    begin(other)
    one.execute("COMMIT")
    one, other = other, one
"""


@pytest.fixture
def reader(state: QuestionStore, url: str) -> Iterator[None]:
    """Another process reads the database all the time, and so keeps its files open."""
    command = [sys.executable, "-c", READS_ALL_THE_TIME, path_of(url)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reads\n"
        yield
        process.kill()


def path_of(url: str) -> str:
    return url.removeprefix("sqlite+pysqlite:///")


def asked(state: QuestionStore, count: int = 30) -> None:
    """Let two people ask long questions in turn; of each, several states are written."""
    for number in range(count):
        user, words = ("U1", WORDS) if number % 2 else ("U2", "How deep is the sea?")
        text = f"{words} {number} " * (1 + 40 * (number % 7))
        job = state.claim(QuestionJob(SlackMessage("T1", "C1", f"{number}.0", "1.0", user, text)), HOLDER)
        assert job is not None
        state.change(job.lease, sending=True)
        state.change(
            job.lease,
            sending=True,
            reply=f"It is yours: {text}",
            record=AnswerRecord(answered=False, reason="no evidence"),
        )
        state.change(job.lease, True, outcome="answer", reply_ts=f"{number}.1")
        state.save_vote(job.lease.key, user, "bad", comment=text)


def files_with(words: str, folder: Path) -> list[str]:
    """Return the names of the files that have these words somewhere in their bytes."""
    every = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in every if words.encode() in path.read_bytes())


@pytest.mark.files
@pytest.mark.usefixtures("reader")
def test_no_file_has_the_words_of_a_forgotten_person_while_another_process_reads(
    state: QuestionStore, url: str
) -> None:
    asked(state)
    folder = Path(path_of(url)).parent
    assert files_with(WORDS, folder)

    forget_person(open_engine(url), "U1")

    assert files_with(WORDS, folder) == []
    assert files_with("How deep is the sea?", folder)


@pytest.mark.files
def test_words_that_a_long_reader_keeps_are_named_and_gone_after_the_next_call(
    state: QuestionStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(state)
    monkeypatch.setattr(people, "READER_SECONDS", 0.01)
    engine, folder = open_engine(url), Path(path_of(url)).parent
    with closing(sqlite3.connect(path_of(url), isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM jobs").fetchone()
        with pytest.raises(StoreBusy, match=r"still reads .* run `itubot forget` again"):
            forget_person(engine, "U1")

    assert files_with(WORDS, folder)
    assert forget_person(engine, "U1") == {}
    assert files_with(WORDS, folder) == []
