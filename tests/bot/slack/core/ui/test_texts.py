"""Texts into Slack and out of it: escaped, in words for notifications, and with no step for a terminal."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.changes import Version, compare
from bot.models.chat import not_made
from bot.safe_text import visible
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message, section
from bot.slack.core.ui.messages import store_error_text, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape, escape_markdown, escape_short, linked, to_plain_text
from ingest.errors import fault
from store.errors import FileGone, StoreBusy, StoreDamaged, StoreError, StoreUnavailable
from store.records import Document, Section


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


@pytest.mark.parametrize("symbol", ["<!channel>", "*Note*", "A" * 200])
def test_symbol_without_an_official_page_is_escaped_and_cut(symbol: str) -> None:
    assert symbol not in linked(symbol, 100)


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


# What a model writes, as Markdown: read back by a parser it is what it was

JOINER = "\u2060"
PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])


@pytest.mark.parametrize(
    "text",
    [
        "It is on 22-23 September 2024. [1][2]",
        "A *bold* and **bolder** word, 2*3*4, a_b, _so_, __init__, ~~gone~~ and `code`.",
        "Look [here](https://example.com/x) or ![there](x). [1]",
        "See [1]: https://example.com and www.example.com or a.person@example.com.",
        "<!channel> <@U123> & <https://example.com|label> @here @channel",
        "# A heading it is not.",
        "- No list.",
        "1. No list either.",
        "2) Nor this.",
        "+ Nor that.",
        "--- no rule",
        "> no quotation",
        "A path C:\\*new* and a \\ stroke.",
        "***",
        "2030 Agenda for Sustainable Development. [1]",
    ],
)
def test_escaped_markdown_shows_the_original_text(text: str) -> None:
    blocks = PARSER.parse(escape_markdown(text))
    words = [child for block in blocks for child in block.children or []]
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    assert {word.type for word in words} == {"text"}
    assert "".join(word.content for word in words).replace(JOINER, "") == text


@pytest.mark.parametrize("text", ["@here", "@Channel", "@everyone", "https://a.org", "www.a.org", "a@b.org"])
def test_broadcasts_and_addresses_become_no_links(text: str) -> None:
    assert JOINER in escape_markdown(text)


def test_each_line_is_escaped() -> None:
    assert escape_markdown("One\n# two") == "One\n\\# two"


# What notifications and screen readers get

REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))


def test_changes_say_in_words_what_was_removed_also_of_a_heading() -> None:
    old, new = (
        Section("report.txt", "2.2", 0, 0, heading, text, text)
        for heading, text in (("Summit", "It has eighty partners."), ("Pact", "It has ninety partners."))
    )
    changes = compare(Version(REPORT, [old], []), Version(replace(REPORT, version=2), [new], []))
    message = changes_message(changes)
    assert "It has [removed: eighty] ninety partners." in message.text
    assert "*Heading:* ~Summit~ *Pact*" in str(message.blocks)


def test_long_text_ends_at_a_word_with_an_ellipsis() -> None:
    lines = [f"{n} {'word ' * 30}" for n in range(200)]
    text = Message.of([section(line) for line in lines]).text
    assert len(text) <= 4_000
    assert text.endswith("word …")
    assert "\n".join(lines).startswith(text.removesuffix(" …"))


# Errors: nobody in Slack can run a command of the terminal


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("the file is empty; send another one", "the file is empty; send another one"),
        (
            "a part of the index is missing or damaged; run `itubot reindex` to rebuild it",
            "a part of the index is missing or damaged; tell whoever runs me",
        ),
        (
            "the file storage cannot be written (full); check ITUBOT_STORAGE_URL and its server or disk",
            "the file storage cannot be written (full); tell whoever runs me",
        ),
        (fault(KeyError("x")), "a fault of the program, KeyError; tell whoever runs me"),
        (
            f"The documents' own sentences, because {not_made('openai:gpt', ImportError('langchain_openai'))}.",
            "The documents' own sentences, because openai:gpt needs langchain's package for openai; "
            "tell whoever runs me.",
        ),
        (
            str(not_made("openai:gpt", ValueError("key"))),
            "openai:gpt cannot be set up (ValueError); tell whoever runs me",
        ),
    ],
)
def test_steps_in_a_terminal_are_left_out(error: str, shown: str) -> None:
    assert without_operator_steps(error) == shown


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            StoreBusy("the catalog is locked by another program; close it and try again"),
            "the catalog is locked by another program; try again in a minute",
        ),
        (
            StoreUnavailable("the catalog cannot be reached (server at 10.0.0.7); start the server"),
            "the catalog cannot be reached; try again in a minute, and if it stays so, tell whoever runs me",
        ),
        (
            StoreDamaged("the catalog cannot be written (full); make room on the disk and try again"),
            "the catalog cannot be written; tell whoever runs me",
        ),
        (FileGone("a stored file is gone; send it again"), "a stored file is gone; send it again"),
    ],
)
def test_error_of_the_store_ends_with_what_people_in_slack_can_do(error: StoreError, shown: str) -> None:
    assert store_error_text(error) == shown
