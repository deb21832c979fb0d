"""The blocks that the bot uses, with their texts and elements, and which a message, a modal and the Home tab take."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Union

from pydantic import Field

from tests.fake_slack.rules.base import at_least_one, check, may, rule, size

_KIT = "reference/block-kit/"
_TABLE_CHARACTERS = 10_000
_MARKDOWN_CHARACTERS = 12_000

# What `<...>` may stand for: a person, a channel, a user group, a date, an address; a broadcast is never ours to make.
# https://docs.slack.dev/messaging/formatting-message-text
_ENTITY = re.compile(
    r"<(?:[@#][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^<>|]+|https?://[^<>\s|]+)(?:\|[^<>]+)?>"
)
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_MARKDOWN = re.compile(r"[*`~]|\](?=[(:])|\bhttps?://\w|^\s*(?:#|[-+]\s|\d+[.)]\s)")
_BROADCAST = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)


def _is_escaped(text: str) -> bool:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    bare = _ESCAPED.sub("", _ENTITY.sub("", text))
    return not re.search(r"[&<>]", bare) and not _BROADCAST.search(bare)


ESCAPED = check(_is_escaped, "unescaped sign, or broadcast")
# Ours: in a stream of a document's own words, every sign of Markdown has to be escaped.
NO_MARKUP = check(lambda text: not _MARKDOWN.search(re.sub(r"\\[^\w\s]", "", text)), "markup")


def _words(most: int | None = None) -> Any:
    return Annotated[str, Field(min_length=1, max_length=most)]


def at_most(kind: Any, limit: int) -> Any:
    """Return the kind of a text object whose text is no longer."""
    return Annotated[
        kind, check(lambda text: len(text.text) <= limit, f"must be less than {limit + 1} characters")
    ]


def one_of(*kinds: Any) -> Any:
    """Return the kind of an object that is one of these by its `type`."""
    return Annotated[Union[kinds], Field(discriminator="type")]  # noqa: UP007  of a tuple


_TEXT = f"{_KIT}composition-objects/text-object"
Plain = rule(_TEXT, type=Literal["plain_text"], text=_words(3_000), emoji=may(bool))
Mrkdwn = rule(_TEXT, type=Literal["mrkdwn"], text=Annotated[_words(3_000), ESCAPED], verbatim=may(bool))
Text = one_of(Plain, Mrkdwn)

Confirm = rule(
    f"{_KIT}composition-objects/confirmation-dialog-object",
    title=at_most(Plain, 100), text=at_most(Text, 300), confirm=at_most(Plain, 30), deny=at_most(Plain, 30),
    style=may(Literal["primary", "danger"]),
)  # fmt: skip
_OPTION = f"{_KIT}composition-objects/option-object"
Option = rule(_OPTION, text=at_most(Plain, 75), value=_words(150), description=may(at_most(Plain, 75)))
# Checkboxes and radio buttons may format their options.
Choice = rule(_OPTION, text=at_most(Text, 75), value=_words(150), description=may(at_most(Text, 75)))


def _initially_known(element: Any) -> bool:
    """Options have values of their own, and what is chosen at first is one of them."""
    one = getattr(element, "initial_option", None)
    initial = getattr(element, "initial_options", None) or ([one] if one else [])
    values = {option.value for option in element.options}
    return len(values) == len(element.options) and all(option in element.options for option in initial)


_KNOWN = check(_initially_known, "an option twice, or an initial option that is none of them")
_ELEMENTS = f"{_KIT}block-elements/"
_ACTION = {"action_id": _words(255)}
_INPUT = {**_ACTION, "focus_on_load": may(bool)}
_VALUE = _words(2_000)
_URL = Annotated[str, Field(max_length=3_000, pattern=r"^https?://")]
_LABEL = may(_words(75))
Button = rule(
    f"{_ELEMENTS}button-element",
    **_ACTION, type=Literal["button"], text=at_most(Plain, 75), value=may(_VALUE), url=may(_URL), confirm=may(Confirm),
    style=may(Literal["primary", "danger"]), accessibility_label=_LABEL,
)  # fmt: skip
Checkboxes = rule(
    f"{_ELEMENTS}checkboxes-element",
    **_INPUT, type=Literal["checkboxes"], options=at_least_one(Choice, 10), initial_options=may(at_least_one(Choice)),
)  # fmt: skip
RadioButtons = rule(
    f"{_ELEMENTS}radio-button-group-element",
    **_INPUT, type=Literal["radio_buttons"], options=at_least_one(Choice, 10), initial_option=may(Choice),
)  # fmt: skip
_MENU = {**_INPUT, "placeholder": may(at_most(Plain, 150)), "confirm": may(Confirm)}
StaticSelect = rule(
    f"{_ELEMENTS}select-menu-element#static_select",
    **_MENU, type=Literal["static_select"], options=at_least_one(Option, 100), initial_option=may(Option),
)  # fmt: skip
DatePicker = rule(
    f"{_ELEMENTS}date-picker-element",
    **_MENU, type=Literal["datepicker"], initial_date=may(Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]),
)  # fmt: skip
PlainTextInput = rule(
    f"{_ELEMENTS}plain-text-input-element",
    **_INPUT, type=Literal["plain_text_input"], placeholder=may(at_most(Plain, 150)), initial_value=may(_words(3_000)),
    multiline=may(bool), min_length=may(Annotated[int, Field(ge=0, le=3_000)]),
    max_length=may(Annotated[int, Field(ge=1, le=3_000)]),
)  # fmt: skip
_FITS = check(
    lambda one: len(one.initial_value or "") <= (one.max_length or 3_000),
    "an initial value that does not fit",
)
FeedbackButton = rule(
    f"{_ELEMENTS}feedback-buttons-element#button-object-fields",
    text=at_most(Plain, 75), value=_VALUE, accessibility_label=_LABEL,
)  # fmt: skip
FeedbackButtons = rule(
    f"{_ELEMENTS}feedback-buttons-element",
    **_ACTION, type=Literal["feedback_buttons"], positive_button=FeedbackButton, negative_button=FeedbackButton,
)  # fmt: skip
UrlSource = rule(f"{_ELEMENTS}url-source-element", type=Literal["url"], url=_URL, text=_words())
# Which elements which block takes: @slack/types, block-kit/blocks.d.ts.
_LISTS = [Annotated[kind, _KNOWN] for kind in (Checkboxes, RadioButtons, StaticSelect)]
_ACTIVE = one_of(Button, DatePicker, *_LISTS)
_FILLED = one_of(DatePicker, Annotated[PlainTextInput, _FITS], *_LISTS)

_RICH_TEXT = f"{_KIT}blocks/rich-text-block"
_STYLE = rule(_RICH_TEXT, **dict.fromkeys(("bold", "italic", "strike", "code", "underline"), may(bool)))
_PART = {"style": may(_STYLE)}
_RICH_WORDS = rule(_RICH_TEXT, **_PART, type=Literal["text"], text=_words())
_RICH_LINK = rule(_RICH_TEXT, **_PART, type=Literal["link"], url=_words(), text=may(str))
_RICH_SECTION = rule(
    _RICH_TEXT, type=Literal["rich_text_section"], elements=list[one_of(_RICH_WORDS, _RICH_LINK)]
)

_BLOCK = {"block_id": may(_words(255))}
RichText = rule(_RICH_TEXT, **_BLOCK, type=Literal["rich_text"], elements=list[_RICH_SECTION])
Section = rule(
    f"{_KIT}blocks/section-block",
    **_BLOCK, type=Literal["section"], text=may(Text), fields=may(at_least_one(at_most(Text, 2_000), 10)),
    accessory=may(_ACTIVE), expand=may(bool),
)  # fmt: skip
Header = rule(f"{_KIT}blocks/header-block", **_BLOCK, type=Literal["header"], text=at_most(Plain, 150))
Divider = rule(f"{_KIT}blocks/divider-block", **_BLOCK, type=Literal["divider"])
Context = rule(
    f"{_KIT}blocks/context-block", **_BLOCK, type=Literal["context"], elements=at_least_one(Text, 10)
)
_OWN_IDS = check(lambda own: len({one.action_id for one in own}) == len(own), "an action_id twice")
Actions = rule(
    f"{_KIT}blocks/actions-block",
    **_BLOCK, type=Literal["actions"], elements=Annotated[at_least_one(_ACTIVE, 25), _OWN_IDS],
)  # fmt: skip
ContextActions = rule(
    f"{_KIT}blocks/context-actions-block",
    **_BLOCK, type=Literal["context_actions"], elements=Annotated[at_least_one(FeedbackButtons, 5), _OWN_IDS],
)  # fmt: skip
Input = rule(
    f"{_KIT}blocks/input-block",
    **_BLOCK, type=Literal["input"], label=at_most(Plain, 2_000), element=_FILLED, hint=may(at_most(Plain, 2_000)),
    optional=may(bool), dispatch_action=may(bool),
)  # fmt: skip
Markdown = rule(f"{_KIT}blocks/markdown-block", **_BLOCK, type=Literal["markdown"], text=_words())
_TABLE = f"{_KIT}blocks/table-block"
_RAW_TEXT = rule(_TABLE, type=Literal["raw_text"], text=_words())
_ROW = at_least_one(one_of(_RAW_TEXT, RichText), 20)
_COLUMN = rule(_TABLE, align=may(Literal["left", "center", "right"]), is_wrapped=may(bool))
Table = rule(
    _TABLE,
    **_BLOCK, type=Literal["table"], rows=at_least_one(_ROW, 100),
    column_settings=may(at_least_one(_COLUMN | None, 20)),
)  # fmt: skip
DataTable = rule(
    f"{_KIT}blocks/data-table-block",
    **_BLOCK, type=Literal["data_table"], caption=_words(),
    rows=Annotated[list[_ROW], Field(min_length=2, max_length=101)],
    page_size=may(Annotated[int, Field(ge=1, le=100)]), row_header_column_index=(Annotated[int, Field(ge=0)], 0),
)  # fmt: skip
TaskCard = rule(
    f"{_KIT}blocks/task-card-block",
    **_BLOCK, type=Literal["task_card"], task_id=_words(), title=_words(),
    status=Literal["pending", "in_progress", "complete", "error"], details=may(RichText), output=may(RichText),
    sources=may(list[UrlSource]),
)  # fmt: skip


def _is_even(table: Any) -> bool:
    """Rows have the same length; the first one, of heads, has no rich text; the column of row heads exists."""
    columns = {len(row) for row in table.rows}
    has_heads = all(cell.type == "raw_text" for cell in table.rows[0])
    return len(columns) == 1 and has_heads and table.row_header_column_index in range(*columns)


def _characters(blocks: list[Any]) -> int:
    tables = [block for block in blocks if block.type in ("table", "data_table")]
    cells = [cell for table in tables for row in table.rows for cell in row]
    return sum(size(cell.model_dump()) if cell.type == "rich_text" else len(cell.text) for cell in cells)


def _own_block_ids(blocks: list[Any]) -> bool:
    names = [block.block_id for block in blocks if block.block_id]
    return len(names) == len(set(names))


_UNIQUE = check(_own_block_ids, "a block_id twice")
_EVERYWHERE = (
    Annotated[Section, check(lambda one: bool(one.text or one.fields), "neither text nor fields")],
    *(Header, Divider, Context, Actions, Input, RichText),
)
_EVEN = Annotated[
    DataTable, check(_is_even, "rows of different lengths, rich text in heads, or no such column")
]
MessageBlocks = Annotated[
    list[one_of(*_EVERYWHERE, ContextActions, _EVEN, Markdown, Table, TaskCard)],
    Field(max_length=50),
    _UNIQUE,
    # One table a message; data tables may be several. All have 10,000 characters together.
    # https://docs.slack.dev/reference/block-kit/blocks/table-block, data-table-block
    check(lambda blocks: sum(block.type == "table" for block in blocks) < 2, "only_one_table_allowed"),
    check(
        lambda blocks: _characters(blocks) <= _TABLE_CHARACTERS,
        f"tables of more than {_TABLE_CHARACTERS} characters",
    ),
    # https://docs.slack.dev/reference/block-kit/blocks/markdown-block: the limit is for all of a message together.
    check(
        lambda blocks: sum(len(b.text) for b in blocks if b.type == "markdown") <= _MARKDOWN_CHARACTERS,
        f"markdown blocks of more than {_MARKDOWN_CHARACTERS} characters together",
    ),
]
ViewBlocks = Annotated[at_least_one(one_of(*_EVERYWHERE), 100), _UNIQUE]
