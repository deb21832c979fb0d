"""Elements of blocks: buttons, menus, inputs, pictures."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from tests.fake_slack.rules.base import OMITTED, Rule, exactly_one
from tests.fake_slack.rules.rich_text import RichText
from tests.fake_slack.rules.text import Plain30, Plain75, Plain100, Plain150, Text75, Text300

ActionId = Annotated[str, Field(min_length=1, max_length=255)]
Value = Annotated[str, Field(min_length=1, max_length=2_000)]
Url = Annotated[str, Field(min_length=1, max_length=3_000, pattern=r"^https?://")]
Label = Annotated[str, Field(min_length=1, max_length=75)]


def _matching(pattern: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} does not match {pattern}")
        return text

    return AfterValidator(check)


Day = Annotated[str, _matching(r"\d{4}-\d\d-\d\d")]
Hour = Annotated[str, _matching(r"([01]\d|2[0-3]):[0-5]\d")]


class Confirm(Rule):
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""

    title: Plain100
    text: Text300
    confirm: Plain30
    deny: Plain30
    style: Literal["primary", "danger"] = OMITTED


class Option(Rule):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""

    text: Plain75
    value: str = Field(min_length=1, max_length=150)
    description: Plain75 = OMITTED


class Choice(Option):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object

    Checkboxes and radio buttons may format their options.
    """

    text: Text75
    description: Text75 = OMITTED


class OverflowOption(Option):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""

    url: Url = OMITTED


class OptionGroup(Rule):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object"""

    label: Plain75
    options: list[Option] = Field(min_length=1, max_length=100)


class Interactive(Rule):
    """https://docs.slack.dev/reference/block-kit/block-elements"""

    action_id: ActionId


class Button(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

    type: Literal["button"]
    text: Plain75
    value: Value = OMITTED
    url: Url = OMITTED
    style: Literal["primary", "danger"] = OMITTED
    confirm: Confirm = OMITTED
    accessibility_label: Label = OMITTED


class Image(Rule):
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element"""

    type: Literal["image"]
    alt_text: str = Field(min_length=1, max_length=2_000)
    image_url: Url = OMITTED
    slack_file: dict[Literal["id", "url"], str] = Field(default=None, min_length=1, max_length=1)

    _one_source = exactly_one("image_url", "slack_file")


class Overflow(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element"""

    type: Literal["overflow"]
    options: list[OverflowOption] = Field(min_length=1, max_length=5)
    confirm: Confirm = OMITTED


class _Input(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements"""

    focus_on_load: bool = OMITTED


class Checkboxes(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element"""

    type: Literal["checkboxes"]
    options: list[Choice] = Field(min_length=1, max_length=10)
    initial_options: list[Choice] = Field(default=None, min_length=1)
    confirm: Confirm = OMITTED

    @model_validator(mode="after")
    def _known(self) -> Checkboxes:
        return _initially_known(self, self.initial_options or [])


class RadioButtons(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/radio-button-group-element"""

    type: Literal["radio_buttons"]
    options: list[Choice] = Field(min_length=1, max_length=10)
    initial_option: Choice = OMITTED
    confirm: Confirm = OMITTED

    @model_validator(mode="after")
    def _known(self) -> RadioButtons:
        return _initially_known(self, [self.initial_option] if self.initial_option else [])


class _Menu(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""

    placeholder: Plain150 = OMITTED
    confirm: Confirm = OMITTED


class StaticSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select"""

    type: Literal["static_select"]
    options: list[Option] = Field(default=None, min_length=1, max_length=100)
    option_groups: list[OptionGroup] = Field(default=None, min_length=1, max_length=100)
    initial_option: Option = OMITTED

    @model_validator(mode="after")
    def _known(self) -> StaticSelect:
        return _initially_known(self, [self.initial_option] if self.initial_option else [])


class MultiStaticSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element#static_multi_select"""

    type: Literal["multi_static_select"]
    options: list[Option] = Field(default=None, min_length=1, max_length=100)
    option_groups: list[OptionGroup] = Field(default=None, min_length=1, max_length=100)
    initial_options: list[Option] = Field(default=None, min_length=1)
    max_selected_items: int = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _known(self) -> MultiStaticSelect:
        return _initially_known(self, self.initial_options or [])


class UsersSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#users_select"""

    type: Literal["users_select"]
    initial_user: str = OMITTED


class ConversationsSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#conversations_select"""

    type: Literal["conversations_select"]
    initial_conversation: str = OMITTED
    default_to_current_conversation: bool = OMITTED
    response_url_enabled: bool = OMITTED
    filter: dict[Literal["include", "exclude_external_shared_channels", "exclude_bot_users"], Any] = OMITTED


class ChannelsSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#channels_select"""

    type: Literal["channels_select"]
    initial_channel: str = OMITTED
    response_url_enabled: bool = OMITTED


class DatePicker(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/date-picker-element"""

    type: Literal["datepicker"]
    initial_date: Day = OMITTED


class TimePicker(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/time-picker-element"""

    type: Literal["timepicker"]
    initial_time: Hour = OMITTED
    timezone: str = OMITTED


class DateTimePicker(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element"""

    type: Literal["datetimepicker"]
    initial_date_time: int = Field(default=None, ge=1_000_000_000, le=9_999_999_999)
    confirm: Confirm = OMITTED


class PlainTextInput(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element"""

    type: Literal["plain_text_input"]
    placeholder: Plain150 = OMITTED
    initial_value: str = Field(default=None, min_length=1, max_length=3_000)
    multiline: bool = OMITTED
    min_length: int = Field(default=None, ge=0, le=3_000)
    max_length: int = Field(default=None, ge=1, le=3_000)
    dispatch_action_config: dict[
        Literal["trigger_actions_on"], list[Literal["on_enter_pressed", "on_character_entered"]]
    ] = OMITTED

    @model_validator(mode="after")
    def _fits(self) -> PlainTextInput:
        if len(self.initial_value or "") > (self.max_length or 3_000):
            raise ValueError("an initial value that does not fit")
        return self


class NumberInput(_Input):
    """https://docs.slack.dev/reference/block-kit/block-elements/number-input-element"""

    type: Literal["number_input"]
    is_decimal_allowed: bool
    placeholder: Plain150 = OMITTED
    initial_value: str = OMITTED
    min_value: str = OMITTED
    max_value: str = OMITTED


class FileInput(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""

    type: Literal["file_input"]
    filetypes: list[str] = OMITTED
    max_files: int = Field(default=None, ge=1, le=10)


class FeedbackButton(Rule):
    """https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element#button-object-fields"""

    text: Plain75
    value: Value
    accessibility_label: Label = OMITTED


class FeedbackButtons(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element"""

    type: Literal["feedback_buttons"]
    positive_button: FeedbackButton
    negative_button: FeedbackButton


class IconButton(Interactive):
    """https://docs.slack.dev/reference/block-kit/block-elements/icon-button-element"""

    type: Literal["icon_button"]
    icon: Literal["trash"]
    text: Plain75
    value: Value = OMITTED
    confirm: Confirm = OMITTED
    accessibility_label: Label = OMITTED
    visible_to_user_ids: list[str] = OMITTED


class UrlSource(Rule):
    """https://docs.slack.dev/reference/block-kit/block-elements/url-source-element"""

    type: Literal["url"]
    url: Url
    text: str = Field(min_length=1)


class RawText(Rule):
    """https://docs.slack.dev/reference/block-kit/blocks/table-block"""

    type: Literal["raw_text"]
    text: str = Field(min_length=1)


class RawNumber(Rule):
    """https://docs.slack.dev/reference/block-kit/blocks/table-block"""

    type: Literal["raw_number"]
    value: int | float
    text: str = Field(min_length=1)


Cell = Annotated[RawText | RawNumber | RichText, Field(discriminator="type")]
_MENUS = StaticSelect | UsersSelect | ConversationsSelect | ChannelsSelect | MultiStaticSelect
_PICKERS = Checkboxes | RadioButtons | DatePicker | TimePicker
# Which elements which block takes: @slack/types, block-kit/blocks.d.ts.
Accessory = Annotated[Button | Image | Overflow | _MENUS | _PICKERS, Field(discriminator="type")]
Action = Annotated[Button | Overflow | _MENUS | _PICKERS | DateTimePicker, Field(discriminator="type")]
Input = Annotated[
    PlainTextInput | NumberInput | FileInput | _MENUS | _PICKERS | DateTimePicker, Field(discriminator="type")
]
ContextAction = Annotated[FeedbackButtons | IconButton, Field(discriminator="type")]


def _initially_known(element: Any, initial: list[Option]) -> Any:
    """Options have values of their own, and what is chosen at first is one of them."""
    options = list(element.options or [])
    if getattr(element, "option_groups", None):
        if options:
            raise ValueError("options and option_groups")
        options = [option for group in element.option_groups for option in group.options]
    if not options:
        raise ValueError("neither options nor option_groups")
    if len({option.value for option in options}) != len(options):
        raise ValueError("an option twice")
    if any(option not in options for option in initial):
        raise ValueError("an initial option that is none of them")
    return element
