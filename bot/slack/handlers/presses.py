"""A press of a button, in a message or in a modal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody pressed or chose, as Slack reports it.

    `channel` and `thread` are those of the message, "" in a modal. `value` is the button's, or the chosen option's.
    `view` is the modal, {} for a message.
    """

    trigger: str
    user: str
    channel: str
    value: str
    thread: str = ""
    response_url: str = field(default="", repr=False)
    view: Mapping[str, Any] = field(default_factory=dict, repr=False)
