"""Reminders, subscriptions and alerts as messages: Slack takes them whatever the documents and topics hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hypothesis import given

from bot.register.digest import build_digest
from bot.register.following import MovedDate
from bot.slack.core.ui.elements import Message
from bot.slack.features import reminders
from bot.slack.features.subscriptions import digests, subscriptions
from store.jobs import KnownDates, Reminder, Subscription
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.features.questions.test_messages import TEXT
from tests.fake_slack.limits import problems

AT, MOMENT = time(8), datetime(2024, 5, 13, 8, tzinfo=UTC)


def reminder(title: str = "Forum", dates: str = "20 May 2024", id: str = "r1") -> Reminder:
    return Reminder(id, "T1", "U1", "D1", "c-forum", 7, title, date(2024, 5, 20), dates)


def subscription(topic: str = "WSIS", id: str = "s1", channel: str = "C1") -> Subscription:
    return Subscription(id, "T1", channel, "U1", "weekly", topic, "Europe/Paris", 0.0, 0, {})


@given(title=TEXT, words=TEXT, quote=TEXT)
def test_any_text_of_reminders_keeps_slacks_limits(title: str, words: str, quote: str) -> None:
    made = entry(title or "x", "2024-05-20", id="e-1", location=words, document=words or "x", quote=quote)
    # What opens with a bracket is read as JSON.
    known = reminder(title or "x", words.lstrip("[") or "x")
    messages = [
        reminders.reminder_made_message(known, made, MOMENT, new=True),
        reminders.reminder_too_late_message(made, 7, [1]),
        reminders.no_day_message(made),
        reminders.reminder_message(made, AS_OF),
        reminders.reminder_cancelled_message(known),
        *(
            reminders.date_change_message(kind, known, made, [MOMENT, MOMENT], known)
            for kind in ("moved", "stated", "postponed", "cancelled")
        ),
        reminders.date_change_message("gone", known, None, [], None),
    ]
    assert [problem for message in messages for problem in problems(message)] == []


@given(topic=TEXT, title=TEXT, words=TEXT)
def test_any_text_of_subscriptions_keeps_slacks_limits(topic: str, title: str, words: str) -> None:
    one = subscription(topic)
    made = entry(title or "x", "2024-05-02", id="e-1", quote=words)
    digest = build_digest([made], AS_OF)
    known_dates = KnownDates(title or "x", words.lstrip("[") or "x", None)
    shown = digests.subscribed_digest_message(digest, one)
    assert shown is not None
    messages = [
        shown,
        subscriptions.subscription_begun_message(one, AT, "Europe/Paris", 2, words or None),
        subscriptions.channel_subscribed_message(one, AT, "Europe/Paris"),
        subscriptions.subscription_ended_message(one),
        digests.undelivered_digest_message(one, "not_in_channel"),
        digests.undelivered_digest_message(one, title or "x"),
        subscriptions.channel_unsubscribed_message(one, "U1"),
        subscriptions.no_subscription_message(),
        subscriptions.alert_message([MovedDate(made, words or "x", title or "x")], [known_dates], [one]),
    ]
    assert [problem for message in messages for problem in problems(message)] == []


def long_lists() -> list[Message]:
    long = "Meeting of the & committee " * 20
    changes = [
        MovedDate(
            entry(f"{n} {long}", "2024-05-02", id=f"e-{n}", quote=long, source=f"{n} {long}"), long, long
        )
        for n in range(40)
    ]
    return [
        reminders.reminder_list_message([reminder(long, long, id=f"r{n}") for n in range(60)]),
        subscriptions.subscription_list_message(
            [subscription(long, id=f"s{n}") for n in range(60)], AT, "/itu"
        ),
        subscriptions.alert_message(
            changes, [KnownDates(long, long, None)], [subscription(long, id=f"s{n}") for n in range(20)]
        ),
    ]


def test_long_lists_keep_slacks_limits() -> None:
    assert [problem for message in long_lists() for problem in problems(message)] == []


def test_what_does_not_fit_is_counted() -> None:
    counted = [str(message.blocks).split("… and ")[1].split("'")[0] for message in long_lists()]
    assert counted == ["40 more", "20 more", "26 more"]
