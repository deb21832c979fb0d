"""The bot's own sentences: refusals in place of an answer, and remarks below one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.answers.answer import Answer, Basis
from bot.plural import counted
from bot.question.lexicon import said
from bot.register.wording import day

# Above the quotes of a refusal.
NEAREST = "The nearest passages, which may not answer this:"
# Below an answer that was found without the index.
FULL_TEXT_ONLY = "Searched by words alone: the vector index cannot be used now."
_MOST_WORDS = 6


def language(code: str) -> str:
    """Return the reply that the bot does not read a language, in that language and in English."""
    own = said("not_read").get(code)
    english = (
        "I do not read this language: please ask in Arabic, Chinese, English, French, Russian or Spanish."
    )
    return f"{own} ({english})" if own else english


def no_answer(sought: Sequence[str], basis: Basis) -> str:
    """Return the refusal: what was looked for, in how many documents, of which date."""
    words = ", ".join(f"“{word}”" for word in sought[:_MOST_WORDS])
    looked = f" I looked for {words}." if words else ""
    if basis.documents == 0:
        return f"There are no documents to answer from.{looked}"
    newest = "of" if basis.documents == 1 else "the newest of"
    newest_words = f", {newest} {day(basis.newest_date)}" if basis.newest_date else ""
    return f"I find no answer to this in {_documents(basis)}{newest_words}.{looked}"


def not_answered(parts: Sequence[str], basis: Basis) -> str:
    """Return the remark that names the unanswered parts of a question."""
    return f"I find no answer to {' or '.join(f'“{part}”' for part in parts)} in {_documents(basis)}."


def _documents(basis: Basis) -> str:
    return "the one document I have" if basis.documents == 1 else f"the {basis.documents} documents I have"


def spelling(read: Mapping[str, str]) -> str:
    """Return the note on misspelled words, as typed, and the words that they were read as."""
    return f"I read {' and '.join(f'“{typed}” as “{word}”' for typed, word in read.items())}."


def without_model(failure: str | None) -> str:
    """Return why an answer is not the model's although one is set."""
    why = failure or "nothing that the language model wrote is supported by the passages"
    return f"The documents' own sentences, because {why}."


def ends_early(failure: str) -> str:
    """Return the note on an answer that the model did not complete."""
    return f"The answer ends early: {failure}."


def opening(answer: Answer) -> str:
    """Return the line above an answer that may be none, or that is not in the language of its question; else ""."""
    if not answer.answered or answer.judged is not None:
        return ""
    return said("computed" if answer.confidence == "high" else "closest").get(answer.language, "")


def checked(answer: Answer) -> str | None:
    """Return the result of the checks of a model's answer; None if there is nothing to say."""
    if answer.judged is None:
        return None
    replaced = sum(removed.replaced_by is not None for removed in answer.removed)
    dropped = len(answer.removed) - replaced
    parts = [] if answer.judged else ["Checked for numbers, dates and names only: no judge has read it"]
    if replaced:
        parts.append(f"{counted(replaced, 'sentence')} replaced by the document's own words")
    if dropped:
        parts.append(f"{counted(dropped, 'sentence')} left out after the check")
    return f"{'; '.join(parts)}." if parts else None
