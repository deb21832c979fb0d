"""Measures the program on a public set, which is not a part of the repository.

    python -m tests.tools.yardsticks SET FOLDER [--sample N]     # make yardsticks SET=cranfield DATA=/path

FOLDER has the files of the set, as docs/explanation/yardsticks.md says. With `--sample`, so many of its questions are
asked, the same ones each time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.tools.yardsticks import answers, dates, retrieval

_RETRIEVAL = {"cranfield": retrieval.cranfield, "beir": retrieval.beir}
_ANSWERS = {"clapnq": answers.clapnq, "clapnq-together": answers.clapnq_together, "mtrag": answers.mtrag}
_DATES = {"tempeval3": dates.tempeval3}
SETS = (*_RETRIEVAL, *_ANSWERS, *_DATES)


def measured(name: str, folder: Path, count: int | None) -> dict[str, float]:
    """Return the figures on a set by their labels. Raises FileNotFoundError if a file of the set is missing."""
    if name in _RETRIEVAL:
        chosen = _RETRIEVAL[name](folder)
        return retrieval.measure(chosen.sample(count) if count else chosen)
    if name in _ANSWERS:
        batches = _ANSWERS[name](folder)
        return answers.measure(answers.sample(batches, count) if count else batches)
    return dates.measure(_DATES[name](folder))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, metavar="N", help="ask N of the questions")
    chosen = parser.parse_args()
    if chosen.sample is not None and chosen.sample < 1:
        parser.error("--sample needs a number of 1 or more")
    try:
        figures = measured(chosen.set, chosen.folder, chosen.sample)
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is missing; docs/explanation/yardsticks.md says where to get it")
    for label, value in figures.items():
        print(f"{label:32} {value if isinstance(value, int) else f'{value:.3f}'}")


if __name__ == "__main__":
    main()
