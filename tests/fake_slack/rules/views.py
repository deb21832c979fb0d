"""Modals, the Home tab, and what answers a submitted form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tests.fake_slack.rules.base import MAYBE_JSON, OMITTED, Rule, exactly_one
from tests.fake_slack.rules.blocks import HomeBlocks, ModalBlocks
from tests.fake_slack.rules.messages import Arguments, Id
from tests.fake_slack.rules.text import Plain24

# Bytes of a view as JSON: https://docs.slack.dev/reference/methods/views.open#errors
LARGEST_VIEW = 250_000


class _View(Rule):
    """https://docs.slack.dev/reference/views"""

    blocks: list[Any]
    private_metadata: str = Field(default=None, max_length=3_000)
    callback_id: str = Field(default=None, min_length=1, max_length=255)
    external_id: str = Field(default=None, max_length=255)

    @model_validator(mode="after")
    def _one_focus(self) -> _View:
        inputs = [getattr(block, "element", None) for block in self.blocks]
        if sum(bool(getattr(element, "focus_on_load", False)) for element in inputs) > 1:
            raise ValueError("only one element can have focus_on_load")
        return self


class Modal(_View):
    """https://docs.slack.dev/reference/views/modal-views"""

    type: Literal["modal"]
    blocks: ModalBlocks
    title: Plain24
    close: Plain24 = OMITTED
    submit: Plain24 = OMITTED
    clear_on_close: bool = OMITTED
    notify_on_close: bool = OMITTED

    @model_validator(mode="after")
    def _can_be_sent(self) -> Modal:
        if any(block.type == "input" for block in self.blocks) and not self.submit:
            raise ValueError("submit is required when there is an input block")
        if self.submit and not self.callback_id:
            raise ValueError("a form without a callback_id, by which its submission is recognized")
        return self


class Home(_View):
    """https://docs.slack.dev/reference/views/home-tab-views"""

    type: Literal["home"]
    blocks: HomeBlocks


AnyModal = Annotated[Modal, MAYBE_JSON]


class OpenView(Arguments):
    """https://docs.slack.dev/reference/methods/views.open"""

    trigger_id: Id
    view: AnyModal


class PushView(OpenView):
    """https://docs.slack.dev/reference/methods/views.push"""


class UpdateView(Arguments):
    """https://docs.slack.dev/reference/methods/views.update"""

    view: AnyModal
    view_id: Id = OMITTED
    external_id: Id = OMITTED
    hash: Id = OMITTED

    _either = exactly_one("view_id", "external_id")


class PublishView(Arguments):
    """https://docs.slack.dev/reference/methods/views.publish"""

    user_id: Id
    view: Annotated[Home, MAYBE_JSON]
    hash: Id = OMITTED


class _Errors(Rule):
    """https://docs.slack.dev/surfaces/modals#displaying_errors"""

    response_action: Literal["errors"]
    errors: dict[Id, Id] = Field(min_length=1)


class _NewView(Rule):
    """https://docs.slack.dev/surfaces/modals#updating_response"""

    response_action: Literal["update", "push"]
    view: Modal


class _Clear(Rule):
    """https://docs.slack.dev/surfaces/modals#closing"""

    response_action: Literal["clear"]


Answer: Any = Annotated[_Errors | _NewView | _Clear, Field(discriminator="response_action")]
