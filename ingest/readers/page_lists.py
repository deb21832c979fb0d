"""Numbers of pages and slides as people list them."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 12


def listed(numbers: Sequence[int], what: str = "page") -> str:
    """Return "page 3" or "pages 3, 5 to 7 and 9" for numbers in order; of many the first ones, "and 40 more"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [
        part
        for run in runs
        for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    ]
    if len(parts) > _MOST:
        told = sum(len(run) for run in runs[: _MOST // 2])
        parts = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[: _MOST // 2]]
        parts.append(f"{len(numbers) - told} more")
    words = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"{what}{'s' if len(numbers) > 1 else ''} {words}"
