"""What people ask in a storm, and the phrases of its documents that show which one an answer is from. Pure."""

from __future__ import annotations

import re

from tests.bot.slack.processes.lamp_documents import lamp_question

NETWORKS = ("Lighthouse", "Harbour", "Lantern", "Beacon", "Foghorn")
# Questions on the bundled report, and what it alone says in reply.
FACTS = {
    "Where was the G7 Digital and Tech Ministers Meeting?": "in Verona in March 2024",
    "How many grants were awarded in the first round of the Joint SDG Fund?": "23 grants in the first round",
    "How many digital initiatives did the survey of OSET identify?": "more than 500 digital initiatives",
}
# Two dates to come: that of tomorrow, and a later one.
SOON, LATER = "Forum on Harbours", "Workshop on Lighthouses"
# What no document says: the chat model of a storm finds no answer where it reads this word.
UNKNOWN = "Observatory"

_LAMPS = re.compile(r"The (\w+) Network has (\d+) lamps")
# A sentence of an answer ends with the number of its source. The quotation in a source, or below a refusal, does not.
_CITED = r"[^\[\]“”]*\\*\[\d+\\*\]"


def lamps(network: str, version: int) -> int:
    """Return the number that one version of one network's paper says, and no other paper."""
    return 1000 * (NETWORKS.index(network) + 1) + 10 * version


def question_about(about: str) -> str:
    """Return the question on a network; a question on the report stands for itself."""
    return lamp_question(about) if about in NETWORKS else about


def unknown_question(number: int) -> str:
    """Return a question that no document answers, and which nobody else asks."""
    return f"Who pays for the {UNKNOWN} {number} of the International Telecommunication Union?"


def persons_answer(number: int) -> str:
    """Return what a person answers to that question, and to no other one."""
    return f"{UNKNOWN} {number} is paid for by the city of Number-{number}."


def lamps_written(text: str, network: str) -> list[int]:
    """Return the numbers of lamps that a document says a network has."""
    return [int(number) for name, number in _LAMPS.findall(text) if name == network]


def lamps_answered(text: str, network: str) -> list[int]:
    """Return the numbers of lamps that the sentences of an answer say a network has."""
    return [
        int(match[1])
        for match in re.finditer(rf"The {network} Network has (\d+) lamps in working order\.?{_CITED}", text)
    ]


def is_stated(fact: str, text: str) -> bool:
    """Whether a sentence of an answer says what the report says in reply to a question of FACTS."""
    return re.search(f"{re.escape(FACTS[fact])}{_CITED}", text) is not None


def is_answer(text: str) -> bool:
    """Whether a reply has a sentence with the number of its source."""
    return re.search(r"\w[.!?]? \\*\[\d+\\*\]", text) is not None
