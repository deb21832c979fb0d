"""What the chat model of a storm says: sentences of the passages that it is given, one by one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

# Seconds that it takes for a sentence: an answer goes on for a while, and a kill may come meanwhile.
_PACE = 0.4
_SENTENCES = 3
_PASSAGE = re.compile(r'^\[(\d+)\] [^\n]*\n(?:Under the heading: [^\n]*\n)?"""\n(.*?)\n"""', re.M | re.S)
_ASKED = re.compile(r"^Question \([^)]*\): (.*)$", re.M)


def reply(messages: list[str]) -> str | Iterator[str] | dict[str, Any]:
    """Return the reply to a request: a form, verdicts, or an answer in pieces."""
    instructions, material = messages[0], messages[-1]
    if instructions.startswith("You read questions"):
        return {"question": "", "about": "documents"}
    if instructions.startswith("You read paragraphs"):
        return {"labels": []}
    if instructions.startswith("You check"):
        return "".join(f"{number} yes\n" for number in range(1, 10))
    return _answer(material)


def _answer(material: str) -> Iterator[str]:
    """Yield the first sentence of each of the passages that have the most words of the question."""
    asked = _ASKED.search(material)
    wanted = _words(asked[1]) if asked else set()
    passages = sorted(_PASSAGE.findall(material), key=lambda passage: -len(wanted & _words(passage[1])))
    for number, text in passages[:_SENTENCES]:
        time.sleep(_PACE)
        first = re.split(r"(?<=[.!?])\s", text.strip())[0].rstrip(".")
        yield f"{first} [{number}]. "


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))
