"""Text into mrkdwn and out of it."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safe_text import visible
from bot.slack.core.ui.mrkdwn import escape, escape_short, split_text, to_plain_text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("R&D <b>", "R&amp;D &lt;b&gt;"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123>", "&lt;@U123&gt;"),
        ("a*b_c~d", "a*b_c~d"),
        ("22-23 September 2024", "22-23 September 2024"),
    ],
)
def test_only_markup_is_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    "text", ["*bold*", "_italic_", "~gone~", "`code`", "(*bold*)", "@here", "@Channel now"]
)
def test_formatting_and_broadcasts_are_escaped(text: str) -> None:
    assert text not in escape(text)


@given(st.text(alphabet=st.characters(exclude_characters="\u2060", exclude_categories=["Cs"])))
def test_escaping_keeps_the_visible_text(text: str) -> None:
    assert html.unescape(escape(text)).replace("\u2060", "") == html.unescape(
        visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("<@U0BOT> When is it?", "When is it?"),
        ("<@U0BOT|itubot> When is it?", "When is it?"),
        ("ask <@U2|anna> about R&amp;D &lt;now&gt;", "ask @anna about R&D <now>"),
        ("see <https://itu.int/x|the page> or <https://un.org>", "see the page or https://un.org"),
        ("in <#C1|general> <!here>", "in #general @here"),
        ("does <@U2> of <!subteam^S3> go to <#C4>?", "does <@U2> of <!subteam^S3> go to <#C4>?"),
        ("does <!subteam^S3|@staff> go?", "does @staff go?"),
        ("<!date^1392734382^{date}|18 February 2014>", "18 February 2014"),
        ("a\x00b\x1b[31mc\nd", "ab[31mc\nd"),
        ("<@U0BOT>", ""),
    ],
)
def test_plain_text_of_a_message(said: str, read: str) -> None:
    assert to_plain_text(said, without="U0BOT") == read


@given(st.text(max_size=400), st.integers(20, 100))
def test_split_text_keeps_the_limit_and_all_words(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(len(escape(part)) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize("unseen", ["\x1b[31m", "\u202e", "\u200b", "\ufeff", "\x07"])
def test_invisible_characters_are_removed(unseen: str) -> None:
    assert escape(f"The {unseen}Summit") == f"The {''.join(c for c in unseen if c.isprintable())}Summit"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("منتدى 2025", "\u2068منتدى 2025\u2069"),
        ("منتدى النطاق العريض", "\u2068منتدى…\u2069"),
        ("Forum 2025", "Forum 2025"),
        ("论坛 2025", "论坛 2025"),
    ],
)
def test_words_from_right_to_left_are_isolated_within_the_limit(text: str, shown: str) -> None:
    assert escape_short(text, 12) == shown
