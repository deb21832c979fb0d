"""What the chat model of a storm says: sentences of the passages that it is given, one by one."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

# Seconds that it takes for a sentence: an answer goes on for a while, and a kill may come meanwhile.
_PACE = 0.4
_SENTENCES = 3
_PASSAGE = re.compile(r'^\[(\d+)\] [^\n]*\n(?:Under the heading: [^\n]*\n)?"""\n(.*?)\n"""', re.M | re.S)
_ASKED = re.compile(r"^Message \([^)]*\): (.*)$", re.M)


def reply(messages: list[str]) -> str | Iterator[str] | dict[str, Any]:
    """Return the reply to a request: a form, verdicts, or an answer in pieces."""
    instructions, material = messages[0], messages[-1]
    if instructions.startswith("You read paragraphs"):
        return {"labels": []}
    if instructions.startswith("You check"):
        return "".join(f"{number} yes\n" for number in range(1, 10))
    asked = _ASKED.search(material)
    return _answer(asked[1], material) if asked else "NO ANSWER"


def _answer(asked: str, material: str) -> Iterator[str]:
    """Yield the sentences that have the most words of the question; a word that few others have counts more."""
    sentences = [
        (number, sentence.rstrip(".!?"), _words(sentence))
        for number, text in _PASSAGE.findall(material)
        for sentence in re.split(r"(?<=[.!?])\s+", text.strip())
    ]
    occurrences = Counter(word for *_, words in sentences for word in words)
    wanted = _words(asked)
    sentences.sort(key=lambda each: -sum(1 / occurrences[word] for word in wanted & each[2]))
    for number, sentence, _ in sentences[:_SENTENCES]:
        time.sleep(_PACE)
        yield f"{sentence} [{number}]. "


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
