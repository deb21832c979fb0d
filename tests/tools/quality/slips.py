"""Write marked questions with one slip of the keyboard in a word of each, for `itubot eval`.

    python -m tests.tools.quality.slips QUESTIONS.jsonl SLIPS.jsonl [SEED]

The word has at least five letters and is no acronym. A letter after its first is left out, doubled by another one,
replaced, or changed with the next one.
"""

from __future__ import annotations

import json
import random
import re
import string
import sys
from pathlib import Path


def with_slip(question: str, chance: random.Random) -> str:
    """Return the question with a slip in one word; as it is if it has no word that is long enough."""
    places = [m for m in re.finditer(r"\b[A-Za-z]{5,}\b", question) if not m.group().isupper()]
    if not places:
        return question
    place = chance.choice(places)
    word, letter = place.group(), chance.choice(string.ascii_lowercase)
    at = chance.randrange(1, len(word) - 1)
    before, after = word[:at], word[at + 1 :]
    slips = [before + after, before + letter + word[at:], before + letter + after]
    slips.append(before + after[0] + word[at] + after[1:])
    return question[: place.start()] + chance.choice(slips) + question[place.end() :]


def main(questions: Path, output: Path, seed: int = 1) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
    changed = [row | {"question": with_slip(row["question"], chance)} for row in rows]
    output.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in changed), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
