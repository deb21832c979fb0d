"""Modals, the Home tab, and what answers a submitted form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tests.fake_slack.rules.base import MAYBE_JSON, check, exactly_one, may, rule
from tests.fake_slack.rules.blocks import Plain, ViewBlocks, at_most
from tests.fake_slack.rules.messages import Id, arguments

# Bytes of a view as JSON: https://docs.slack.dev/reference/methods/views.open#errors
LARGEST_VIEW = 250_000

_VIEW = {
    "blocks": ViewBlocks,
    "private_metadata": may(Annotated[str, Field(max_length=3_000)]),
    "callback_id": may(Annotated[str, Field(min_length=1, max_length=255)]),
    "external_id": may(Annotated[str, Field(max_length=255)]),
}


def _can_be_sent(modal: Any) -> bool:
    """Whether a form has a button to send it, and an id by which its submission is recognized."""
    has_inputs = any(block.type == "input" for block in modal.blocks)
    return bool(modal.submit or not has_inputs) and bool(modal.callback_id or not modal.submit)


def _one_focus(view: Any) -> bool:
    inputs = [block.element for block in view.blocks if block.type == "input"]
    return sum(bool(element.focus_on_load) for element in inputs) < 2


_FOCUS = check(_one_focus, "only one element can have focus_on_load")
_TITLE = at_most(Plain, 24)
_MODAL = rule(
    "reference/views/modal-views",
    **_VIEW, type=Literal["modal"], title=_TITLE, close=may(_TITLE), submit=may(_TITLE), clear_on_close=may(bool),
    notify_on_close=may(bool),
)  # fmt: skip
Modal = Annotated[
    _MODAL, _FOCUS, check(_can_be_sent, "inputs without submit, or a form without a callback_id")
]
Home = Annotated[rule("reference/views/home-tab-views", **_VIEW, type=Literal["home"]), _FOCUS]

_SENT = Annotated[Modal, MAYBE_JSON]
OpenView = arguments("reference/methods/views.open", trigger_id=Id, view=_SENT)
PushView = arguments("reference/methods/views.push", trigger_id=Id, view=_SENT)
UpdateView = Annotated[
    arguments(
        "reference/methods/views.update", view=_SENT, view_id=may(Id), external_id=may(Id), hash=may(Id)
    ),
    exactly_one("view_id", "external_id"),
]
PublishView = arguments(
    "reference/methods/views.publish", user_id=Id, view=Annotated[Home, MAYBE_JSON], hash=may(Id)
)

_ERRORS = rule(
    "surfaces/modals#displaying_errors",
    response_action=Literal["errors"], errors=Annotated[dict[Id, Id], Field(min_length=1)],
)  # fmt: skip
_NEW_VIEW = rule("surfaces/modals#updating_response", response_action=Literal["update", "push"], view=Modal)
_CLEAR = rule("surfaces/modals#closing", response_action=Literal["clear"])
Answer: Any = Annotated[_ERRORS | _NEW_VIEW | _CLEAR, Field(discriminator="response_action")]
