"""What people press, choose and submit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack.sending.private_replies import Recipient
from store.audiences import Audience


@dataclass(frozen=True, slots=True)
class Press:
    """A button that somebody pressed, an option that they chose, or a form that they submitted.

    `audience` is the channel of the message, and `thread` its thread, "" for none; in a modal the channel is "".
    `value` is the button's, the chosen option's or the form's. `view` is the modal or the Home tab, {} for a message.
    """

    trigger: str
    user: str
    audience: Audience
    value: str
    thread: str = ""
    response_url: str = field(default="", repr=False)
    view: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def team(self) -> str:
        """Id of the workspace."""
        return self.audience.partition("/")[0]

    @property
    def channel(self) -> str:
        """Id of the channel, "" in a modal."""
        return self.audience.partition("/")[2]

    @property
    def recipient(self) -> Recipient:
        """Who alone sees the reply, and where."""
        return Recipient(self.user, self.channel, self.thread, self.response_url)
