from __future__ import annotations

import random

from bot.budget import PRESS_COST, QUESTION_COST, Budget


def test_who_waits_as_long_as_was_told_is_not_refused_again() -> None:
    # Of presses and questions in any order, as people make them.
    chance = random.Random(7)  # noqa: S311
    now = [0.0]
    budget = Budget(3, clock=lambda: now[0])
    refusals = 0
    for number in range(500):
        now[0] += chance.choice((0.0, 1.0, 4.0, 9.0))
        cost = chance.choice((PRESS_COST, QUESTION_COST))
        wait = budget.charge("U1", str(number), cost)
        if wait:
            refusals += 1
            now[0] += wait
            assert budget.charge("U1", str(number), cost) == 0.0
    assert refusals > 20
