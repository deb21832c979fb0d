"""Reminders, and the notices about them: each is settled once, with its notice or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import OperationalError

from store.engines import open_engine
from store.jobs import Notice, NoticeStore, Reminder, ReminderStore
from tests.store.jobs.clock import Clock
from tests.store.jobs.interruptions import before, only_on_servers

SUMMIT = Reminder("r1", "T1", "U1", "D1", "c-1", 7, "Summit", date(2024, 9, 22), "22–23 September 2024")
NOTICE = Notice("T1", "D1", "The summit is near.", [{"type": "divider"}], "U1")


@pytest.fixture
def store(url: str, clock: Clock) -> ReminderStore:
    return ReminderStore.open(url, clock.reading)


def test_second_reminder_of_the_same_event_and_days_is_the_first(store: ReminderStore) -> None:
    assert store.add(SUMMIT) == SUMMIT
    assert store.add(replace(SUMMIT, id="r2")) == SUMMIT
    assert store.all() == [SUMMIT]


@only_on_servers
def test_reminder_that_replaces_one_which_is_cancelled_meanwhile_is_added(
    store: ReminderStore, url: str
) -> None:
    store.add(SUMMIT)
    engine = open_engine(url)
    before(engine, "SELECT", lambda: store.cancel("r1", "U1"))
    again = replace(SUMMIT, id="r2")
    assert ReminderStore(engine).add(again) == again
    assert store.all() == [again]


def test_reminders_are_listed_by_day_and_for_their_user_alone(store: ReminderStore) -> None:
    waiting = replace(SUMMIT, id="r2", chain="c-2", day=None)
    for one in (waiting, SUMMIT, replace(SUMMIT, id="r3", user="U2")):
        store.add(one)
    assert store.all(team="T1", user="U1") == [SUMMIT, waiting]


def test_only_its_user_cancels_a_reminder(store: ReminderStore) -> None:
    store.add(SUMMIT)
    assert store.cancel("r1", "U2") is None
    assert store.cancel("r1", "U1") == SUMMIT
    assert store.cancel("r1", "U1") is None


def test_failure_to_store_the_notice_leaves_the_reminder(
    store: ReminderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(SUMMIT)

    def fails(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(NoticeStore, "put_within", fails)
        with pytest.raises(Exception, match="disk full"):
            store.settle([(SUMMIT, None)], NOTICE)
    assert store.all() == [SUMMIT]
