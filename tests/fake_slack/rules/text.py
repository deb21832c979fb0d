"""Text objects, and what their text may contain."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from tests.fake_slack.rules.base import OMITTED, Rule

# What `<...>` may stand for: a person, a channel, a user group, a date, an address; a broadcast is never ours to make.
# https://docs.slack.dev/messaging/formatting-message-text
_ENTITY = re.compile(
    r"<(?:[@#][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^<>|]+|https?://[^<>\s|]+)(?:\|[^<>]+)?>"
)
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_MARKDOWN = re.compile(r"[*`~]|\](?=[(:])|\bhttps?://\w|^\s*(?:#|[-+]\s|\d+[.)]\s)")
_BROADCAST = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)


def check_mrkdwn(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    bare = _ESCAPED.sub("", _ENTITY.sub("", text))
    if re.search(r"[&<>]", bare):
        raise ValueError(f"unescaped sign in {text[:80]!r}")
    if _BROADCAST.search(bare):
        raise ValueError(f"broadcast in {text[:80]!r}")
    return text


def check_markdown(text: str) -> str:
    """Ours: in a stream of a document's own words, every sign of Markdown has to be escaped."""
    check_mrkdwn(text)
    if _MARKDOWN.search(re.sub(r"\\[^\w\s]", "", text)):
        raise ValueError(f"markup in {text[:80]!r}")
    return text


class PlainText(Rule):
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""

    type: Literal["plain_text"]
    text: str = Field(min_length=1, max_length=3_000)
    emoji: bool = OMITTED


class Mrkdwn(Rule):
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""

    type: Literal["mrkdwn"]
    text: Annotated[str, Field(min_length=1, max_length=3_000), AfterValidator(check_mrkdwn)]
    verbatim: bool = OMITTED


def _at_most(limit: int) -> AfterValidator:
    def check(text: Any) -> Any:
        if len(text.text) > limit:
            raise ValueError(f"must be less than {limit + 1} characters")
        return text

    return AfterValidator(check)


Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]
Text200 = Annotated[Text, _at_most(200)]
Text300 = Annotated[Text, _at_most(300)]
Text2000 = Annotated[Text, _at_most(2_000)]
Text75 = Annotated[Text, _at_most(75)]
Text150 = Annotated[Text, _at_most(150)]
Plain24 = Annotated[PlainText, _at_most(24)]
Plain30 = Annotated[PlainText, _at_most(30)]
Plain75 = Annotated[PlainText, _at_most(75)]
Plain100 = Annotated[PlainText, _at_most(100)]
Plain150 = Annotated[PlainText, _at_most(150)]
Plain2000 = Annotated[PlainText, _at_most(2_000)]
Mrkdwn150 = Annotated[Mrkdwn, _at_most(150)]
Mrkdwn200 = Annotated[Mrkdwn, _at_most(200)]
