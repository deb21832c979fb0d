"""What a model writes arrives in Slack's Markdown as words: read back by a parser of Markdown it is what it was."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from bot.slack.core.ui.mrkdwn import escape_markdown as escape

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
    blocks = PARSER.parse(escape(text))
    words = [child for block in blocks for child in block.children or []]
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    assert {word.type for word in words} == {"text"}
    assert "".join(word.content for word in words).replace(JOINER, "") == text


@pytest.mark.parametrize("text", ["@here", "@Channel", "@everyone", "https://a.org", "www.a.org", "a@b.org"])
def test_broadcasts_and_addresses_become_no_links(text: str) -> None:
    assert JOINER in escape(text)


def test_lines_are_joined() -> None:
    assert escape("One\n# two") == "One # two"
