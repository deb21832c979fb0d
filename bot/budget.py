"""How much a person, or another assistant, may have done in a minute. Pure, but for the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

PRESS_COST = 1
"""The cost of what a person looks at alone, or changes in a row of a table."""
QUESTION_COST = 5
"""The cost of what a model is asked for, of a file, and of what others see."""
_WINDOW_SECONDS = 60.0


class _Charge(NamedTuple):
    at: float
    cost: int


@dataclass(slots=True)
class _Spending:
    """What one person has spent in the last minute."""

    charges: dict[str, _Charge] = field(default_factory=dict)
    """Key of what was done -> its charge; the oldest first."""
    last: float = 0.0
    """When the last cost was charged."""
    refused: bool = False
    """Whether the person was told that the budget is spent."""


@dataclass(slots=True)
class Budget:
    """Limits each person to what `questions` cost a minute; 0 is no limit.

    `clock` gives seconds. For one thread.
    """

    questions: int
    clock: Callable[[], float] = time.monotonic
    people: dict[str, _Spending] = field(default_factory=dict)
    """User -> spending; those who asked for something last are at the end."""

    def charge(self, user: str, key: str, cost: int = QUESTION_COST) -> float:
        """Return 0.0 and charge a person, else the seconds after which they may ask for something again.

        As long as something is left, it is enough for one more thing. What is delivered twice has the same `key`, and
        is charged once.
        """
        if not self.questions:
            return 0.0
        now = self.clock()
        spending = self._current_spending(user, now)
        if key in spending.charges:
            return 0.0

        over = sum(each.cost for each in spending.charges.values()) - self.questions * QUESTION_COST
        if over < 0:
            spending.charges[key] = _Charge(now, cost)
            spending.last = now
            spending.refused = False
            return 0.0

        # Charges leave the window one by one, until one question is within the limit again.
        seconds = 0.0
        for each in spending.charges.values():
            over -= each.cost
            seconds = each.at + _WINDOW_SECONDS - now
            if over < 0:
                break
        return seconds

    def is_first_refusal(self, user: str) -> bool:
        """Return True the first time that `charge` refuses a person until they may ask again, who is then told so."""
        spending = self.people[user]
        is_first = not spending.refused
        spending.refused = True
        return is_first

    def _current_spending(self, user: str, now: float) -> _Spending:
        """Return what a person has spent within the last minute, and forget those who have spent nothing in it."""
        mine = self.people.pop(user, None) or _Spending()
        mine.charges = {key: each for key, each in mine.charges.items() if now - each.at < _WINDOW_SECONDS}
        while self.people and now - next(iter(self.people.values())).last >= _WINDOW_SECONDS:
            del self.people[next(iter(self.people))]
        self.people[user] = mine
        return mine
