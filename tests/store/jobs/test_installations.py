"""Installations of the app: one for each workspace, whose token one process renews; all that a workspace has can go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from store.engines import open_engine
from store.jobs import (
    DailyDigest,
    DigestStore,
    Holder,
    Installation,
    InstallationStore,
    Notice,
    NoticeStore,
    QuestionJob,
    QuestionStore,
    Reminder,
    ReminderStore,
    SlackMessage,
    Subscription,
    SubscriptionStore,
)
from store.schema import metadata
from tests.store.jobs.clock import Clock

FIRST = Installation("T1", "First", "xoxe.xoxb-1", "xoxe-1", 50_000.0)
SECOND = Installation("T2", "Second", "xoxb-2")
HOLDER = Holder("first", 10.0)


@pytest.fixture
def store(state: QuestionStore, url: str, clock: Clock) -> InstallationStore:
    return InstallationStore(open_engine(url), clock.reading)


def question(team: str) -> SlackMessage:
    return SlackMessage(team, "C1", "1.000001", "1.000001", "U1", "When?")


def fill(state: QuestionStore, team: str) -> None:
    """Store something of each kind that people of a workspace leave behind."""
    job = state.of(team).claim(QuestionJob(question(team)), HOLDER)
    assert job is not None
    state.save_vote(job.work.message.key, "U1", "good")
    NoticeStore.beside(state).put(f"notice/{team}", Notice(team, "C1", "A date changed.", [], "U1"))
    DigestStore.beside(state.of(team)).claim(DailyDigest(f"s-{team}", date(2024, 5, 1), team), HOLDER)
    ReminderStore.beside(state).add(Reminder(f"r-{team}", team, "U1", "D1", "c-1", 7, "Summit", None, ""))
    subscription = Subscription(f"s-{team}", team, "C1", "U1", "daily", "", "", 5.0, 3, {})
    SubscriptionStore.beside(state).add(subscription, None)


def test_token_is_in_no_representation(store: InstallationStore) -> None:
    assert "xox" not in repr(FIRST)


def test_one_process_renews_a_token(store: InstallationStore) -> None:
    store.save(FIRST)
    assert [store.begin_renewal(FIRST, 60.0) for _ in range(2)] == [True, False]


def test_process_that_ends_during_the_renewal_leaves_it_to_another_though_the_clock_is_set_back(
    store: InstallationStore, clock: Clock
) -> None:
    store.save(FIRST)
    store.begin_renewal(FIRST, 60.0)
    clock.now -= 60.0
    assert not store.begin_renewal(FIRST, 60.0)
    clock.now -= 3600.0
    assert store.begin_renewal(FIRST, 60.0)


def test_renewed_token_is_not_renewed_by_who_knows_the_former(store: InstallationStore) -> None:
    store.save(replace(FIRST, token="xoxe.xoxb-2"))  # noqa: S106  no secret
    assert not store.begin_renewal(FIRST, 60.0)


def test_workspace_is_forgotten_in_every_table_and_the_other_one_in_none(
    store: InstallationStore, state: QuestionStore, url: str
) -> None:
    for one in (FIRST, SECOND):
        store.save(one)
        fill(state, one.team)
    store.forget("T1")
    tables = [table for table in metadata.sorted_tables if "team" in table.c]
    with open_engine(url).connect() as connection:
        left = {table.name: set(connection.scalars(select(table.c.team))) for table in tables}
    assert {name for name, teams in left.items() if "T1" in teams} == set()
    assert {name for name, teams in left.items() if "T2" in teams} == {
        "installations",
        "jobs",
        "reminders",
        "subscriptions",
    }


def test_events_of_a_forgotten_workspace_are_new_again(
    store: InstallationStore, state: QuestionStore
) -> None:
    greetings = [f"greeting/{team}/D1/" for team in ("T1", "T2")]
    for greeting in greetings:
        state.claim_event(greeting)
    store.forget("T1")
    assert [state.claim_event(greeting) for greeting in greetings] == [True, False]


def test_installed_workspace_keeps_what_is_deleted_only_without_the_app(
    store: InstallationStore, state: QuestionStore
) -> None:
    fill(state, "T1")
    store.save(FIRST)
    store.forget("T1", unless_installed=True)
    assert [one.id for one in SubscriptionStore.beside(state).all()] == ["s-T1"]
    store.delete(team="T1")
    store.forget("T1", unless_installed=True)
    assert SubscriptionStore.beside(state).all() == []


def test_jobs_of_another_workspace_are_not_adopted(state: QuestionStore, clock: Clock) -> None:
    fill(state, "T1")
    clock.now += 11.0
    assert state.of("T2").adopt(HOLDER) == []
    assert [job.work.message.team for job in state.of("T1").adopt(HOLDER)] == ["T1"]


def test_reminders_subscriptions_and_votes_of_another_workspace_are_not_listed(state: QuestionStore) -> None:
    for team in ("T1", "T2"):
        fill(state, team)
    own = state.of("T1")
    listed = [
        ReminderStore.beside(own).all(),
        SubscriptionStore.beside(own).all(),
    ]
    assert [[one.team for one in rows] for rows in listed] == [["T1"], ["T1"]]
    assert [vote.key for vote in own.votes()] == [question("T1").key]
