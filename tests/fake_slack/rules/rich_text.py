"""The block of rich text, which is also a cell of tables and the details of tasks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tests.fake_slack.rules.base import OMITTED, Rule

_PAGE = "https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"


class _Style(Rule):
    __doc__ = _PAGE

    bold: bool = OMITTED
    italic: bool = OMITTED
    strike: bool = OMITTED
    code: bool = OMITTED
    underline: bool = OMITTED


class _Words(Rule):
    __doc__ = _PAGE

    type: Literal["text"]
    text: str = Field(min_length=1)
    style: _Style = OMITTED


class _Link(Rule):
    __doc__ = _PAGE

    type: Literal["link"]
    url: str = Field(min_length=1)
    text: str = OMITTED
    style: _Style = OMITTED


class _User(Rule):
    __doc__ = _PAGE

    type: Literal["user"]
    user_id: str
    style: _Style = OMITTED


class _Channel(Rule):
    __doc__ = _PAGE

    type: Literal["channel"]
    channel_id: str
    style: _Style = OMITTED


class _Emoji(Rule):
    __doc__ = _PAGE

    type: Literal["emoji"]
    name: str


class _Date(Rule):
    __doc__ = _PAGE

    type: Literal["date"]
    timestamp: int
    format: str
    url: str = OMITTED
    fallback: str = OMITTED


_Part = Annotated[_Words | _Link | _User | _Channel | _Emoji | _Date, Field(discriminator="type")]


class _Section(Rule):
    __doc__ = _PAGE

    type: Literal["rich_text_section"]
    elements: list[_Part]


class _List(Rule):
    __doc__ = _PAGE

    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: list[_Section]
    indent: int = Field(default=None, ge=0, le=8)
    offset: int = Field(default=None, ge=0)
    border: Literal[0, 1] = OMITTED


class _Quote(Rule):
    __doc__ = _PAGE

    type: Literal["rich_text_quote"]
    elements: list[_Part]


class _Preformatted(Rule):
    __doc__ = _PAGE

    type: Literal["rich_text_preformatted"]
    elements: list[_Words | _Link]
    border: Literal[0, 1] = OMITTED


class RichText(Rule):
    __doc__ = _PAGE

    type: Literal["rich_text"]
    block_id: str = Field(default=None, max_length=255)
    elements: list[Annotated[_Section | _List | _Quote | _Preformatted, Field(discriminator="type")]]
