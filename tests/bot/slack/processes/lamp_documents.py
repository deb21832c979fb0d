"""Documents that say one number in one sentence, so that an answer shows which version it was made from."""

from __future__ import annotations


def lamp_document(lamps: int, network: str = "Lighthouse") -> str:
    """Return a document that says how many lamps a network has, with more around it that changes too."""
    return (
        f"The {network} Network\n"
        f"1.1\tThe {network} Network was founded by harbour authorities in order to share maintenance.\n"
        f"1.2\tThe {network} Network has {lamps} lamps in working order.\n"
        f"1.3\tSpare bulbs are kept in store room {lamps + 1}, whose keeper reports to the harbour master.\n"
    ) + "".join(
        f"2.{n + 1}\tBuoy {lamps}-{n} was painted by the crew of tender {n}.\n"
        for n in range(lamps // 10 % 4)
    )


def lamp_question(network: str = "Lighthouse") -> str:
    """Return the question that such a document answers."""
    return f"How many lamps does the {network} Network have?"
