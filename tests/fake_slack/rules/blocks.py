"""Blocks, and which of them a message, a modal and the Home tab take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from tests.fake_slack.rules import elements as el
from tests.fake_slack.rules.base import OMITTED, Rule, size
from tests.fake_slack.rules.rich_text import RichText
from tests.fake_slack.rules.text import (
    Mrkdwn,
    Mrkdwn150,
    Mrkdwn200,
    Plain150,
    Plain2000,
    PlainText,
    Text,
    Text200,
    Text2000,
)

_TABLE_CHARACTERS = 10_000
_MARKDOWN_CHARACTERS = 12_000


class Block(Rule):
    """https://docs.slack.dev/reference/block-kit/blocks"""

    block_id: str = Field(default=None, min_length=1, max_length=255)


class Section(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/section-block"""

    type: Literal["section"]
    text: Text = OMITTED
    fields: list[Text2000] = Field(default=None, min_length=1, max_length=10)
    accessory: el.Accessory = OMITTED
    expand: bool = OMITTED

    @model_validator(mode="after")
    def _has_text(self) -> Section:
        if not self.text and not self.fields:
            raise ValueError("neither text nor fields")
        return self


class Header(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""

    type: Literal["header"]
    text: Plain150


class Divider(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block"""

    type: Literal["divider"]


class Context(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""

    type: Literal["context"]
    elements: list[Annotated[PlainText | Mrkdwn | el.Image, Field(discriminator="type")]] = Field(
        min_length=1, max_length=10
    )


def _own_ids(elements: list[Any]) -> list[Any]:
    if len({element.action_id for element in elements}) != len(elements):
        raise ValueError("an action_id twice")
    return elements


class Actions(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block"""

    type: Literal["actions"]
    elements: Annotated[list[el.Action], Field(min_length=1, max_length=25), AfterValidator(_own_ids)]


class ContextActions(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/context-actions-block"""

    type: Literal["context_actions"]
    elements: Annotated[list[el.ContextAction], Field(min_length=1, max_length=5), AfterValidator(_own_ids)]


class Input(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""

    type: Literal["input"]
    label: Plain2000
    element: el.Input
    hint: Plain2000 = OMITTED
    optional: bool = OMITTED
    dispatch_action: bool = OMITTED

    @model_validator(mode="after")
    def _can_dispatch(self) -> Input:
        if self.dispatch_action and self.element.type == "file_input":
            raise ValueError("dispatch_action of a file_input")
        return self


class ImageBlock(Block, el.Image):
    """https://docs.slack.dev/reference/block-kit/blocks/image-block"""

    title: Plain2000 = OMITTED


class Markdown(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""

    type: Literal["markdown"]
    text: str = Field(min_length=1)


class ColumnSettings(Rule):
    """https://docs.slack.dev/reference/block-kit/blocks/table-block#column-settings"""

    align: Literal["left", "center", "right"] = OMITTED
    is_wrapped: bool = OMITTED


class Table(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/table-block"""

    type: Literal["table"]
    rows: list[Annotated[list[el.Cell], Field(min_length=1, max_length=20)]] = Field(
        min_length=1, max_length=100
    )
    column_settings: list[ColumnSettings | None] = Field(default=None, max_length=20)


class DataTable(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/data-table-block"""

    type: Literal["data_table"]
    caption: str = Field(min_length=1)
    rows: list[Annotated[list[el.Cell], Field(min_length=1, max_length=20)]] = Field(
        min_length=2, max_length=101
    )
    page_size: int = Field(default=5, ge=1, le=100)
    row_header_column_index: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _rows_are_alike(self) -> DataTable:
        if len({len(row) for row in self.rows}) > 1:
            raise ValueError("rows of different lengths")
        if any(cell.type == "rich_text" for cell in self.rows[0]):
            raise ValueError("rich text in a row of heads")
        if self.row_header_column_index >= len(self.rows[0]):
            raise ValueError("no column of this index")
        return self


class TaskCard(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/task-card-block"""

    type: Literal["task_card"]
    task_id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    status: Literal["pending", "in_progress", "complete", "error"]
    details: RichText = OMITTED
    output: RichText = OMITTED
    sources: list[el.UrlSource] = OMITTED


class Plan(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/plan-block"""

    type: Literal["plan"]
    title: str = Field(min_length=1)
    tasks: list[TaskCard] = OMITTED


class Alert(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/alert-block

    Slack's Java SDK has the length of the text, and that modals alone take it.
    """

    type: Literal["alert"]
    text: Text200
    level: Literal["default", "info", "warning", "error", "success"] = OMITTED


class Card(Block):
    """https://docs.slack.dev/reference/block-kit/blocks/card-block"""

    type: Literal["card"]
    title: Mrkdwn150 = OMITTED
    subtitle: Mrkdwn150 = OMITTED
    body: Mrkdwn200 = OMITTED
    icon: el.Image = OMITTED
    hero_image: el.Image = OMITTED
    # The page has no number; those who have tried it say three.
    actions: list[el.Button] = Field(default=None, max_length=3)

    @model_validator(mode="after")
    def _has_content(self) -> Card:
        if not (self.title or self.body or self.hero_image or self.actions):
            raise ValueError("one of title, body, hero_image and actions is required")
        return self


_EVERYWHERE = Section | Header | Divider | Context | Actions | Input | ImageBlock | RichText
InMessage = Annotated[
    _EVERYWHERE | Card | ContextActions | DataTable | Markdown | Table | TaskCard | Plan,
    Field(discriminator="type"),
]
# Ours is stricter with cards: Slack names modals for them too, but people report that none is shown there.
InModal = Annotated[_EVERYWHERE | Alert, Field(discriminator="type")]
InHome = Annotated[_EVERYWHERE | Card, Field(discriminator="type")]
# Elements that not every surface takes: the field available_in_surfaces of their pages.
_NOT_IN_MESSAGES = {"number_input", "file_input"}
_NOT_IN_HOME = _NOT_IN_MESSAGES | {"datetimepicker"}


def _own_block_ids(blocks: list[Any]) -> list[Any]:
    names = [block.block_id for block in blocks if block.block_id]
    if len(names) != len(set(names)):
        raise ValueError("a block_id twice")
    return blocks


def _without(kinds: set[str]) -> AfterValidator:
    def check(blocks: list[Any]) -> list[Any]:
        for block in blocks:
            for element in [getattr(block, "element", None), *getattr(block, "elements", [])]:
                if getattr(element, "type", "") in kinds:
                    raise ValueError(f"a {element.type} where Slack shows none")
        return blocks

    return AfterValidator(check)


def _one_table(blocks: list[Any]) -> list[Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/table-block: one table a message, of 10,000 characters.

    Data tables may be several, of 10,000 characters together
    (https://docs.slack.dev/reference/block-kit/blocks/data-table-block).
    """
    if sum(block.type == "table" for block in blocks) > 1:
        raise ValueError("only_one_table_allowed")
    tables = [block for block in blocks if block.type in ("table", "data_table")]
    if sum(_characters(cell) for table in tables for row in table.rows for cell in row) > _TABLE_CHARACTERS:
        raise ValueError(f"a table of more than {_TABLE_CHARACTERS} characters")
    return blocks


def _markdown_together(blocks: list[Any]) -> list[Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block: the limit is for all of a message together."""
    if sum(len(block.text) for block in blocks if block.type == "markdown") > _MARKDOWN_CHARACTERS:
        raise ValueError(f"markdown blocks of more than {_MARKDOWN_CHARACTERS} characters together")
    return blocks


def _characters(cell: Any) -> int:
    return size(cell.model_dump()) if cell.type == "rich_text" else len(cell.text)


MessageBlocks = Annotated[
    list[InMessage],
    Field(max_length=50),
    AfterValidator(_own_block_ids),
    AfterValidator(_one_table),
    AfterValidator(_markdown_together),
    _without(_NOT_IN_MESSAGES),
]
ModalBlocks = Annotated[list[InModal], Field(min_length=1, max_length=100), AfterValidator(_own_block_ids)]
HomeBlocks = Annotated[
    list[InHome],
    Field(min_length=1, max_length=100),
    AfterValidator(_own_block_ids),
    _without(_NOT_IN_HOME),
]
