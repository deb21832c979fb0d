"""All that the bot shows keeps Slack's limits and escapes what documents and people say, however long it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import Answer, Basis
from bot.briefs.brief import Brief, BriefLine, BriefPart
from bot.changes import Changes, Version, compare
from bot.changes.comparison import DateChange
from bot.locales import LANGUAGES, in_language
from bot.register import LastCorrection, RegisterEntry
from bot.register.digest import build_digest
from bot.register.following import MovedDate
from bot.safe_text import visible
from bot.slack.core.payloads import Press
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message, actions, button, section
from bot.slack.features import experts, home
from bot.slack.features.briefs import brief_message
from bot.slack.features.documents import documents_view
from bot.slack.features.feedback import feedback_form
from bot.slack.features.follow import reminders, subscriptions
from bot.slack.features.library.library import FileResult, progress_message, result_message
from bot.slack.features.privacy import about_view
from bot.slack.features.questions import messages as answers
from bot.slack.features.register import (
    deadlines_message,
    entry_details_message,
    entry_form,
    undated_message,
)
from bot.slack.features.sources import SourcePlace, source_view
from bot.sources import SourcePage
from store.jobs import AnswerRecord, KnownDates, MessageRef, Reminder, SlackMessage, Subscription
from store.records import Document, Section
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.features.questions.test_messages import answer, citation
from tests.bot.slack.features.test_privacy import TABLES
from tests.fake_slack.limits import problems, problems_of_form, problems_of_home

WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=200)
TROUBLE = st.lists(st.sampled_from(["<!here>", "@channel", "&lt;", "<@U1>", "*a*", "_b_", "`", "\n", "> x"]))
TEXT = st.builds(
    lambda words, trouble, times: (words + " ".join(trouble)) * times, WORDS, TROUBLE, st.integers(1, 60)
).filter(lambda text: visible(text).strip())
LONG = "<!here> & a *late* meeting of the committee " * 20
MOMENT = datetime(2024, 5, 3, 8, tzinfo=UTC)
KEY = "T0123456789/C0123456789/1714550400.123456"
Shown = Message | dict[str, Any] | None


def entries(words: str, count: int) -> list[RegisterEntry]:
    """Return entries of every group of the list, so many of each."""
    states: list[dict[str, Any]] = [
        {"start": "2024-05-03"},
        {"start": "2024-05-08", "corrected": LastCorrection(words, MOMENT)},
        {"start": "2024-04-25", "end": "2024-05-09", "kind": "deadline"},
        {"start": "2024-05-01", "end": "2024-05-31", "precision": "month", "kind": "publication"},
        {"start": "2025-01-01", "end": "2025-12-31", "precision": "year", "kind": "milestone"},
        {"start": "2024-06-03", "status": "postponed"},
        {"start": "2024-06-03", "status": "cancelled"},
        {"start": "2024-04-30", "status": "past"},
        {"precision": "none", "status": "unknown", "recurrence": "P1Y"},
    ]
    said = {"source": words, "location": words, "document": words, "quote": words}
    return [
        entry(f"{number} {words}", id=f"e{group}-{number}", chain_id=f"c{group}-{number}", **said | state)
        for group, state in enumerate(states)
        for number in range(count)
    ]


def changed(words: str, count: int) -> Changes:
    """Return the changes of a document of which every paragraph and date has changed."""
    report = Document("d", "report.txt", words)
    old, new = (
        [Section("d", f"1.{n}", 0, n, words, text.format(n), "") for n in range(count)]
        for text in (words.replace("{", "").replace("}", "") + " eighty {}", "ninety {}")
    )
    moved = entry(words, "2024-06-03", precision="season", section=words)
    stated = replace(moved, mentions=(replace(moved.mentions[0], text=f"{words} 2024"),))
    compared = compare(Version(report, old, []), Version(replace(report, version=2), new, []))
    return replace(compared, dates=(DateChange("moved", stated, stated),) * count)


def page(words: str) -> SourcePage:
    """Return a page of a source with its neighbours."""
    document = Document("d", "report.txt", words, version=2, content_hash="h")
    own, other = (Section("d", str(n), 0, n, words, words, words) for n in (1, 2))
    return SourcePage(document, document, own, other, other, still_there=True)


def everything(words: str, count: int) -> dict[str, Shown]:
    """Return all that the bot shows where documents and people say these words, and lists have so many lines."""
    register, several = entries(words, count), range(1, count + 1)
    made, documents = register[1], [Document("d", "d", words, date=date(2024, 4, 29))]
    facts = {"quote": words, "heading": words, "document": words, "section_id": "s"}
    cited = tuple(citation(n, section=f"2.{n}", **facts) for n in several)
    reply: Answer = answer(
        words, citations=cited, unanswered=(words,), note=words, basis=Basis(1, words, None)
    )
    refusal = replace(reply, answered=False, citations=(), nearest=cited, reason="no evidence")
    asked = SlackMessage("T1", "C1", "1.0", "1.0", "U1", words)
    # What opens with a bracket is read as JSON.
    dates = words.lstrip("[") or "x"
    known = Reminder("r1", "T1", "U1", "D1", "c-forum", 7, words, date(2024, 5, 20), dates)
    one, at = Subscription("s1", "T1", "C1", "U1", "weekly", words, "Europe/Paris", 0.0, 0, {}), time(8)
    digest = build_digest(register, AS_OF, documents=documents)
    kinds = ("about", "who", "decided", "dates", "figures", "changed", "missing")
    lines = tuple(BriefLine(words, tuple(several)[:11]) for _ in several)
    brief = Brief(words, AS_OF, "en", 40, tuple(BriefPart(each, lines) for each in kinds), cited, note=words)
    choices = [actions(*[button("x" * 70, f"a{n}", "v") for n in range(12)]), *[section("x")] * count]
    press = Press("t-1", "U1", "T1/C1", "", response_url="https://hooks.slack.com/actions/" + "x" * 100)
    files = [FileResult(words, words, documents[0], tuple(register), (words,) * 9) for _ in several]
    record = AnswerRecord(answered=True, citations=cited, details=words)
    posts = [experts.experts_post(asked), experts.experts_post(asked, "U9")]
    posts += [*experts.experts_replies("U9", "U1", words), *experts.returned_answer("U1", words)]
    return {f"post {number}": post for number, post in enumerate(posts)} | {
        "answer": complete_answer(reply, KEY),
        "refusal": complete_answer(refusal, KEY, experts=True),
        "how to ask": answers.how_to_ask(),
        "lost": answers.answer_lost(),
        "apology": answers.apology_message("R-1"),
        "dates": deadlines_message(register, AS_OF, None, documents),
        "undated": undated_message(register, AS_OF),
        "entry": entry_details_message(made, [made], AS_OF, may_correct=True),
        "correction": entry_form(made, press),
        "digest": subscriptions.digest_message(digest),
        "own digest": subscriptions.subscribed_digest_message(digest, one, at),
        "subscribed": subscriptions.subscription_begun_message(one, at, "Europe/Paris", 2),
        "told": subscriptions.channel_subscribed_message(one, at, "Europe/Paris"),
        "subscriptions": subscriptions.subscription_list_message([one] * count, at),
        "alert": subscriptions.alert_message(
            [MovedDate(made, dates, words)] * count, [KnownDates(words, dates, None)], [one] * count, at
        ),
        "reminder made": reminders.reminder_made_message(known, made, MOMENT),
        "not reminded": reminders.not_reminded_message(made, 7),
        "reminder": reminders.reminder_message(made, AS_OF),
        "moved": reminders.date_change_message(known, made, [MOMENT, MOMENT], [known]),
        "gone": reminders.date_change_message(known, None, [], []),
        "question to people": experts.experts_form(asked, MessageRef("C9", "2.0")),
        "source": source_view(SourcePlace("T1/C1/1.0", 1, "C1"), record, page(words)),
        "no source": source_view(SourcePlace("T1/C1/1.0", 1), AnswerRecord(False, citations=cited), None),
        "brief": brief_message(brief),
        "documents": documents_view(documents * 2 * count, "C1"),
        "changes": changes_message(changed(words, count)),
        "home": home.home_view(register, AS_OF, [words] * 4, choices, choices[1:4]),
        "choices": home.choices_view(choices, press, choices[1:4]),
        "library": home.library_view([words] * count, 9),
        "kept": about_view(dict.fromkeys(TABLES, 1_000_000)),
        "vote": feedback_form("T1/C1/1.0"),
        "files": result_message(files, AS_OF, "/un"),
        "progress": progress_message([words] * count, words),
    }


def faults(shown: Shown) -> list[str]:
    """Return what Slack would refuse or fold up."""
    if isinstance(shown, Message):
        folded = [block for block in shown.blocks if block["type"] == "section" and not block.get("expand")]
        return problems(shown) + ["a section that Slack folds up"] * bool(folded)
    assert shown is not None
    return (problems_of_home if shown["type"] == "home" else problems_of_form)(shown)


@given(words=TEXT, count=st.integers(1, 3))
def test_any_words_keep_slacks_limits(words: str, count: int) -> None:
    found = {name: faults(shown) for name, shown in everything(words, count).items()}
    assert {name: why for name, why in found.items() if why} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 12, 90])
def test_long_lists_keep_slacks_limits_in_each_language(language: str, count: int) -> None:
    with in_language(language):
        found = {name: faults(shown) for name, shown in everything(LONG, count).items()}
    assert {name: why for name, why in found.items() if why} == {}


# How many are left out where there are ninety of everything, and ninety dates of each group.
LEFT_OUT = {
    "answer": "80 more",
    "dates": "258 more",
    "digest": "348 more",
    "own digest": "348 more",
    "subscriptions": "70 more",
    "alert": "87 more",
    "brief": "72 more",
    "documents": "90 more",
    "changes": "78 more",
    "home": "350 more",
    "library": "83 more",
    "files": "808 more",
    "progress": "50 more",
}


def test_what_has_no_room_is_counted() -> None:
    shown = {name: str(each) for name, each in everything("Forum of the committee", 90).items()}
    assert {name: words for name, words in LEFT_OUT.items() if f"… and {words}" not in shown[name]} == {}
