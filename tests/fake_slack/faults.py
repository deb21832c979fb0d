"""How the Slack of the tests stumbles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call. `done`: Slack did what was asked all the same.

    "hang" keeps the call without an answer until the fake stops.
    """

    kind: Literal["429", "500", "drop", "hang", "refuse"]
    done: bool = False
    retry_after: int = 1
    error: str = "channel_not_found"
