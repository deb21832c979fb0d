"""Fit the gate of answers without a model on the development sets, and print what it keeps and refuses.

    python -m tests.tools.quality.gate

The scores of each marked question and of questions on anything else are those of the real search over the bundled
report. In English the sets are questions_gold and questions_dev, in the other languages questions_gold. The printed
weights go into `GATES` of bot/answering/plain.py by hand.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bot.answering.plain import evidence_of
from bot.commands.context import bundled
from bot.settings import Settings
from bot.wiring import Services, build

_DATA = Path(__file__).parents[2] / "data"
_LANGUAGES = ("fr", "es", "ru", "zh", "ar")
# The weight of the regression's penalty.
_PENALTY = {"about": 0.01, "answers": 0.05}

Matrix = NDArray[np.float64]


def main() -> None:
    """Print the weights of both regressions, and shares at several bounds."""
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(data_dir=Path(folder), _env_file=None))
        services.shared.ingest(bundled())
        english = [(_DATA / f"questions_{name}.jsonl", "en") for name in ("gold", "dev")]
        others = [(_DATA / "languages" / f"questions_gold.{each}.jsonl", each) for each in _LANGUAGES]
        for name, files, languages in (("en", english, ("en",)), ("others", others, _LANGUAGES)):
            marked = [_scored(services, path, language) for path, language in files]
            scores = np.vstack([rows for rows, _answerable in marked])
            answerable = np.concatenate([kinds for _rows, kinds in marked])
            off = np.vstack(
                [_scored(services, _DATA / "offtopic" / f"dev.{each}.jsonl", each)[0] for each in languages]
            )
            _print(name, scores, answerable, off)


def _scored(services: Services, path: Path, language: str) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the three scores of each question of a file, and whether it has an answer."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    scores = []
    for row in rows:
        with services.search.view() as view:
            tools = services.assistant.tools(view, date(2024, 5, 1))
            asked = row["question"]
            evidence = evidence_of(asked, tools.search(asked, language))
            scores.append([evidence.sentence, evidence.paragraph, evidence.coverage])
    return np.array(scores), np.array([row.get("answerable", True) for row in rows])


def _print(name: str, scores: Matrix, answerable: NDArray[np.bool_], off: Matrix) -> None:
    own = scores[answerable]
    for what, yes, no in (("about", own, off), ("answers", own, scores[~answerable])):
        both, wanted = np.vstack([yes, no]), np.r_[np.ones(len(yes)), np.zeros(len(no))]
        scaler = StandardScaler().fit(both)
        # The penalty is for the mean of the losses, scikit-learn's for their sum.
        fitted = LogisticRegression(C=1 / (_PENALTY[what] * len(both))).fit(scaler.transform(both), wanted)
        weights = fitted.coef_[0] / scaler.scale_
        constant = fitted.intercept_[0] - weights @ scaler.mean_
        print(f"{name} {what}: {np.round([*weights, constant], 2)}")
        for bound in np.arange(0.4, 0.8, 0.04):
            kept, taken = (
                (fitted.predict_proba(scaler.transform(rows))[:, 1] >= bound).mean() for rows in (yes, no)
            )
            print(f"  from {bound:.2f}: {kept:.2f} of what it should keep, {taken:.2f} of the rest")


if __name__ == "__main__":
    main()
