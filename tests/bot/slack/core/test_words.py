"""What somebody typed behind the slash command, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.core.words import ParsedCommand, parse_command
from bot.slack.features.subscriptions.subscriptions import ParsedSubscription, parse_subscription
from tests.bot.slack.words import WORDS


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("", ParsedCommand("help")),
        ("help", ParsedCommand("help")),
        ("  Deadlines ", ParsedCommand("deadlines")),
        ("deadlines 30d", ParsedCommand("deadlines", 30)),
        ("deadlines 30", ParsedCommand("deadlines", 30)),
        ("deadlines 2 weeks", ParsedCommand("deadlines", 14)),
        ("deadlines in the next 10 days", ParsedCommand("deadlines", 10)),
        ("calendar 1y", ParsedCommand("calendar", 365)),
        ("digest 7d", ParsedCommand("digest", 7)),
        ("calendar 3m", ParsedCommand("calendar", 91)),
        ("deadlines 9999y", ParsedCommand("deadlines", 3_650)),
    ],
)
def test_command_with_a_span(typed: str, request_: ParsedCommand) -> None:
    assert parse_command(typed, WORDS) == request_


@pytest.mark.parametrize(
    "typed",
    [
        "When is the Summit of the Future?",
        "why?",
        "LLDC conference",
        "WSIS",
        "headquarters",
        "deadlines for WSIS",
        "deadlines soon",
        "deadlines 2025",
        "deadlines 2025 for inputs",
        "deadlines for written inputs to the compact",
        "deadlnes",
        "deadlines 30 dyas",
        "--share deadlines",
        "timeline",
        "changes",
        "reminders",
        "unsubscribe",
        "documents on AI",
        "help developing countries",
        "digest of the report",
    ],
)
def test_other_text_is_a_question(typed: str) -> None:
    assert parse_command(typed, WORDS) == ParsedCommand("question", text=typed)


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("subscribe", ParsedSubscription("daily", "", "")),
        ("subscribe weekly", ParsedSubscription("weekly", "", "")),
        ("subscribe Daily WSIS Forum", ParsedSubscription("daily", "WSIS Forum", "")),
        ("subscribe weekly to “WSIS” in Europe/Paris", ParsedSubscription("weekly", "WSIS", "Europe/Paris")),
        ("subscribe weekly UTC", ParsedSubscription("weekly", "", "UTC")),
        ("subscribe A/RES/76/307", ParsedSubscription("daily", "A/RES/76/307", "")),
        ("subscribe everything", ParsedSubscription("daily", "", "")),
        ("subscribe report 2024.txt", ParsedSubscription("daily", "report 2024.txt", "")),
    ],
)
def test_subscription_has_a_rhythm_a_topic_and_a_zone(typed: str, parsed: ParsedSubscription) -> None:
    command = parse_command(typed, WORDS)
    assert command.name == typed.partition(" ")[0]
    assert parse_subscription(command.text) == parsed


@given(st.text(max_size=80))
def test_any_subscription_is_parsed(typed: str) -> None:
    assert len(parse_subscription(typed).topic) <= 100


@pytest.mark.parametrize("typed", ["ask When?", "Ask  When?"])
def test_ask_is_left_out_of_the_question(typed: str) -> None:
    assert parse_command(typed, WORDS) == ParsedCommand("question", text="When?")


@pytest.mark.parametrize("typed", ["help deadlines", "ask", "?"[:0]])
def test_help_is_given_for_a_command_and_for_nothing(typed: str) -> None:
    assert parse_command(typed, WORDS) == ParsedCommand("help")


@pytest.mark.parametrize("typed", ["documents", "remind"])
def test_command_without_a_span(typed: str) -> None:
    assert parse_command(typed, WORDS) == ParsedCommand(typed)


@given(st.text(max_size=80))
def test_any_text_is_parsed(typed: str) -> None:
    assert parse_command(typed, WORDS).days is None or 0 <= parse_command(typed, WORDS).days <= 3_650  # type: ignore[operator]
