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

# A sentence of an answer ends with the number of its source. The quotation in a source, or below a refusal, does not.
_CITED = r"[^\[\]“”]*\\*\[\d+\\*\]"


def lamps(network: str, version: int) -> int:
    """Return the number that one version of one network's paper says, and no other paper."""
    return 1000 * (NETWORKS.index(network) + 1) + 10 * version


def question_about(about: str) -> str:
    """Return the question on a network; a question on the report stands for itself."""
    return lamp_question(about) if about in NETWORKS else about


def lamps_written(text: str) -> list[int]:
    """Return the numbers of lamps that a document says its network has."""
    return [int(number) for number in re.findall(r"The \w+ Network has (\d+) lamps", text)]


def is_right(about: str, least: int, possible: set[int], text: str) -> bool:
    """Whether a reply answers the question `about` something from its document.

    Of a network, the first number that it says has to be one of `possible`, and not below `least`.
    """
    if about in FACTS:
        return re.search(f"{re.escape(FACTS[about])}{_CITED}", text) is not None
    found = re.findall(rf"The {about} Network has (\d+) lamps in working order\.?{_CITED}", text)
    said = {int(number) for number in found}
    return bool(said) and min(said) >= least and said <= possible


def is_answer(text: str) -> bool:
    """Whether a reply has a sentence with the number of its source."""
    return re.search(r"\w[.!?]? \\*\[\d+\\*\]", text) is not None
