"""The fake Slack's rates: one call more than the method allows is refused until the time is over."""

from __future__ import annotations

import pytest

from tests.fake_slack.rates import Rates
from tests.fake_slack.rules.methods import METHODS


@pytest.mark.parametrize(
    ("method", "calls", "seconds"),
    [
        ("apps.uninstall", 1, 60),
        ("chat.startStream", 20, 60),
        ("chat.update", 50, 60),
        ("chat.appendStream", 100, 60),
        ("auth.test", 600, 60),
        ("chat.postMessage", 1, 1),
        ("assistant.threads.setStatus", 1, 1),
    ],
)
def test_one_call_more_has_to_wait(method: str, calls: int, seconds: int) -> None:
    rates = Rates()
    rates.enforced = True

    assert [rates.wait(method, "C1", 0.0) for _ in range(calls + 1)] == [0] * calls + [seconds]
    assert rates.refused == [method]
    assert rates.wait(method, "C1", seconds - 0.5) == 1
    assert rates.wait(method, "C1", float(seconds)) == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_rate_is_for_all_channels_but_that_of_messages(method: str) -> None:
    rates = Rates()
    rates.enforced = True
    taken = METHODS[method].rate.calls
    for _ in range(taken):
        rates.wait(method, "C1", 0.0)

    own = method in ("chat.postMessage", "assistant.threads.setStatus")
    assert (rates.wait(method, "C2", 0.0) == 0) == own


def test_any_rate_is_taken_where_none_is_enforced() -> None:
    rates = Rates()
    assert [rates.wait("apps.uninstall", "", 0.0) for _ in range(3)] == [0, 0, 0]
    assert rates.refused == []
