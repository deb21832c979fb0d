"""Small talk, recognised by its similarity to examples."""

from __future__ import annotations

import threading

import numpy as np

from bot.locales import _, joined
from bot.question.lexicon import table
from store.vectors import QuestionEncoder, Vector, Vectors

# The least cosine of small talk and an example, and the cosine at which no search is needed to compare with.
LEAST_COSINE = 0.35
BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The examples are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder) -> None:
        self._embedder = embedder
        self._kinds = {
            example: kind for kind, of in table("small_talk").items() for example in of["examples"]
        }
        # By whether the language is English: other languages have one model.
        self._vectors: dict[bool, Vectors] = {}
        self._locks = {True: threading.Lock(), False: threading.Lock()}

    def prepare(self, language: str = "en") -> Vectors:
        """Embed the examples for comparison with what is written in a language, once; return unit vectors."""
        is_english = language == "en"
        with self._locks[is_english]:
            if is_english not in self._vectors:
                rows = self._embedder.encode_questions(list(self._kinds), language)
                self._vectors[is_english] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            return self._vectors[is_english]

    def reply(self, question: Vector, least: float = BEYOND_DOUBT, language: str = "en") -> str | None:
        """Return the reply if the cosine of the question and an example exceeds `least`."""
        cosines = self.prepare(language) @ (question / np.linalg.norm(question))
        closest = int(np.argmax(cosines))
        return _reply(list(self._kinds.values())[closest]) if cosines[closest] > least else None


def _reply(kind: str) -> str:
    match kind:
        case "greeting":
            return _(
                "Hello! Ask me about ITU's engagement in United Nations processes, for example: "
                "When is the Summit of the Future? What is due in the next 30 days?"
            )
        case "thanks":
            return _(
                "You're welcome. Ask on whenever you like; every sentence I give shows the paragraph it comes from."
            )
        case "capabilities":
            can_do = _(
                "I answer questions from ITU's reports on its engagement in United Nations processes, and from their "
                "dates and deadlines. Every sentence of an answer shows the numbered paragraph that says it; where the "
                "documents do not say it, I tell you so. Try: Who co-facilitates the Global Digital Compact? "
                "Is the landlocked countries conference still on?"
            )
            languages = _(
                "You can ask in Arabic, Chinese, English, French, Russian or Spanish; "
                "what I quote is in the language of the documents."
            )
            return joined(can_do, languages)
    return _("Goodbye. I am here whenever you need a date or a paragraph.")
