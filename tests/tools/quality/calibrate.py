"""Fits the answerability check's logistic regression on marked questions and prints its numbers.

    python -m tests.tools.quality.calibrate DATA_DIR QUESTIONS.jsonl WEIGHT [DATA_DIR QUESTIONS.jsonl WEIGHT ...]

Each triple names a store (what `itubot ingest` made), questions about it, and how much one of them weighs: 1
for those of the field, less for others. Figures are cross-validated; questions that are held out are not named.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from bot.answers.extractive import Features, features, select
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.question import understand
from bot.settings import Settings
from bot.wiring import build

# A little regularisation: there are few questions, and some features say nearly the same.
_STRENGTH = 1.0


def rows(folder: Path, questions: list[GoldQuestion]) -> Iterator[tuple[tuple[float, ...], bool]]:
    """Give the features of each question, and whether it has an answer."""
    search = build(Settings(data_dir=folder)).search
    for gold in questions:
        question = understand(gold.question)
        selection = select(question, search.search(question.text, question.sought))
        if selection.chosen:
            yield astuple(features(selection)), gold.answerable


def main(arguments: list[str]) -> None:
    made: list[tuple[tuple[float, ...], bool]] = []
    weight: list[float] = []
    for folder, file, each in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        own = list(rows(Path(folder), read_questions(Path(file))))
        made += own
        weight += [float(each)] * len(own)
    x = np.array([values for values, _ in made])
    y = np.array([answerable for _, answerable in made])
    model = LogisticRegression(C=_STRENGTH, max_iter=2000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    w = np.array(weight)
    unseen = np.zeros(len(y))
    for train, test in folds.split(x, y):
        model.fit(x[train], y[train], sample_weight=w[train])
        unseen[test] = model.predict_proba(x[test])[:, 1]
    field = w == w.max()
    y, unseen = y[field], unseen[field]
    print(f"{len(y)} questions of the field, {y.mean():.2f} answerable; AUC {roc_auc_score(y, unseen):.3f}")
    for threshold in np.arange(0.3, 0.75, 0.05):
        refused = unseen < threshold
        right = (refused & ~y).sum()
        print(
            f"refuse below {threshold:.2f}: precision {right / max(refused.sum(), 1):.3f}, "
            f"recall {right / (~y).sum():.3f}, answers kept {(~refused & y).sum() / y.sum():.3f}"
        )
    model.fit(x, np.array([answerable for _, answerable in made]), sample_weight=w)
    print(f"_INTERCEPT = {model.intercept_[0]:.2f}")
    for feature, value in zip(fields(Features), model.coef_[0], strict=True):
        print(f"    {feature.name}={value:.2f},")


if __name__ == "__main__":
    main(sys.argv[1:])
