"""Files that were given: taken once, and left to nobody when their owner dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.state import Asked
from store.submissions import Given, Standing, Submission, Submissions
from tests.store.test_state import Clock

ASKED = Asked("T1", "D1", "100.1", "", "U1", "When?")
SUBMISSION = Submission("message/1", ASKED, (Given("F1", "r.txt"), Given("F2", "")), "https://answer")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(tmp_path: Path, clock: Clock) -> Submissions:
    return Submissions.open(f"sqlite:///{tmp_path / 'new folder' / 'state.db'}", clock)


def test_a_submission_is_taken_once(table: Submissions) -> None:
    assert [table.claim(SUBMISSION, owner) for owner in ("one", "two", "one")] == [True, False, False]


def test_what_a_silent_owner_held_is_adopted_whole(table: Submissions, clock: Clock) -> None:
    table.claim(SUBMISSION, "one")
    table.told(SUBMISSION.key, Standing("D1", "100.2"))
    clock.now += 20
    [left] = table.adopt("two", silent_for=15)
    assert (left.submission, left.attempts, left.status) == (SUBMISSION, 1, Standing("D1", "100.2"))


def test_what_an_owner_works_on_is_not_adopted(table: Submissions, clock: Clock) -> None:
    table.claim(SUBMISSION, "one")
    clock.now += 20
    table.keep_alive("one")
    assert table.adopt("two", silent_for=15) == []


def test_only_deaths_are_counted(table: Submissions, clock: Clock) -> None:
    table.claim(SUBMISSION, "one")
    table.let_go("one")
    [left] = table.adopt("two", silent_for=15)
    assert left.attempts == 0
    clock.now += 20
    [left] = table.adopt("three", silent_for=15)
    assert left.attempts == 1


def test_what_is_finished_is_nobodys_and_forgotten_in_time(table: Submissions, clock: Clock) -> None:
    table.claim(SUBMISSION, "one")
    table.finish(SUBMISSION.key)
    assert table.adopt("two", silent_for=-1) == []
    table.forget(older_than=10)
    assert not table.claim(SUBMISSION, "one")
    clock.now += 20
    table.forget(older_than=10)
    assert table.claim(SUBMISSION, "one")


def test_what_is_open_is_not_forgotten(table: Submissions, clock: Clock) -> None:
    table.claim(SUBMISSION, "one")
    clock.now += 20
    table.forget(older_than=10)
    assert len(table.adopt("two", silent_for=10)) == 1
