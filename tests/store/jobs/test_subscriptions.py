"""Subscriptions, and what they know: compared once by all processes together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.engines import open_engine
from store.jobs import Holder, KnownDates, Notice, NoticeStore, Subscription, SubscriptionStore
from tests.store.jobs.clock import Clock
from tests.store.jobs.interruptions import before, only_on_servers

KNEW = {"c-1": KnownDates("Summit", "May 2024", "2024-05-31")}
SUMMIT = Subscription("s1", "T1", "C1", "U1", "daily", "summit", "", 5.0, 3, KNEW)
NOTICE = Notice("T1", "C1", "A date changed.", [{"type": "divider"}], "")
HOLDER = Holder("first", 10.0)


@pytest.fixture
def store(url: str, clock: Clock) -> SubscriptionStore:
    return SubscriptionStore.open(url, clock.reading)


def test_subscription_is_stored_with_its_notice(store: SubscriptionStore) -> None:
    store.add(SUMMIT, NOTICE)
    assert store.find(id="s1") == SUMMIT
    assert [job.work for job in NoticeStore.beside(store).adopt(HOLDER)] == [NOTICE]


def test_subscription_to_the_same_topic_replaces_the_first(store: SubscriptionStore) -> None:
    other = replace(SUMMIT, id="s2", often="weekly")
    for one in (SUMMIT, other, replace(SUMMIT, id="s3", channel="C2")):
        store.add(one, None)
    assert store.all(team="T1", channel="C1") == [other]


@only_on_servers
def test_of_two_subscriptions_at_the_same_time_the_later_is_kept(store: SubscriptionStore, url: str) -> None:
    engine, other = open_engine(url), replace(SUMMIT, id="s2", often="weekly")
    before(engine, "INSERT", lambda: store.add(SUMMIT, None))
    SubscriptionStore(engine).add(other, None)
    assert store.all() == [other]


def test_subscription_ends_once(store: SubscriptionStore) -> None:
    store.add(SUMMIT, None)
    assert [store.end(SUMMIT, NOTICE) for _ in range(2)] == [True, False]
    assert len(NoticeStore.beside(store).adopt(HOLDER)) == 1


def test_of_two_processes_one_sends_an_alert(store: SubscriptionStore, url: str) -> None:
    store.add(SUMMIT, None)
    after = replace(SUMMIT, seen=4, knew={"c-1": KnownDates("Summit", "June 2024", None)})
    assert SubscriptionStore.open(url).settle([(SUMMIT, after)], NOTICE)
    assert not store.settle([(SUMMIT, after)], NOTICE)
    assert len(NoticeStore.beside(store).adopt(HOLDER)) == 1
    assert store.find(id="s1") == replace(after, revision=1)


def test_subscriptions_of_one_alert_know_it_together_or_not_at_all(store: SubscriptionStore) -> None:
    other = replace(SUMMIT, id="s2", topic="")
    store.add(SUMMIT, None)
    assert not store.settle([(one, replace(one, seen=4)) for one in (SUMMIT, other)], NOTICE)
    assert (store.all(), NoticeStore.beside(store).adopt(HOLDER)) == ([SUMMIT], [])
