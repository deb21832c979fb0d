"""What was said before a question, for follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said: by the user, or by the assistant. Oldest first wherever turns are listed."""

    speaker: Literal["user", "assistant"]
    text: str
