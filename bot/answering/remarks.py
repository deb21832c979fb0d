"""The bot's own sentences: refusals in place of an answer, and remarks below one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.answer import Answer, Basis
from bot.locales import _, commas, joined, listed, ngettext, noted, quoted, semicolons
from bot.register.wording import day
from bot.safe_text import one_line

_MOST_WORDS = 6


def nearest() -> str:
    """Return the line above the quotes of a refusal."""
    return _("The nearest passages, which may not answer this:")


def full_text_only() -> str:
    """Return the note below an answer that was found without the index."""
    return _("Searched by words alone: the vector index cannot be used now.")


def language(code: str) -> str:
    """Return the reply that the bot does not read a language, in that one if it can, and in the one in use."""
    own = _NOT_READ.get(code, "")
    ours = _(
        "I do not read this language: please ask in Arabic, Chinese, English, French, Russian or Spanish."
    )
    return noted(own, ours) if own else ours


_NOT_READ = {
    "de": "Danke für Ihre Frage. Bisher lese ich kein Deutsch: Könnten Sie sie auf Englisch stellen?",
    "pt": "Obrigado pela sua pergunta. Por enquanto não leio português: poderia fazê-la em inglês?",
    "it": "Grazie per la domanda. Per ora non leggo l'italiano: potrebbe porla in inglese?",
}


def no_events() -> str:
    """Return the notice that the register has nothing of what was asked for."""
    return _("The documents state no event or deadline for this.")


def missing(words: Sequence[str]) -> str:
    """Return the remark of a refusal that names words of the question that no document has."""
    return _("Not in the documents: {words}.", words=commas(map(quoted, words[:_MOST_WORDS])))


def related(place: str, quote: str) -> str:
    """Return the line below a refusal with the nearest passage."""
    return _("Nearest passage ({place}): {quote}", place=place, quote=quote)


def no_answer(basis: Basis) -> str:
    """Return the refusal: in how many documents there is no answer, and of which date they are."""
    if basis.documents == 0:
        return _("There are no documents to answer from.")
    if basis.newest_date is None:
        return _("I find no answer to this in {documents}.", documents=_documents(basis))
    date = day(basis.newest_date)
    if basis.documents == 1:
        return _("I find no answer to this in the one document I have, of {date}.", date=date)
    return ngettext(
        "I find no answer to this in the {count} document I have, the newest of {date}.",
        "I find no answer to this in the {count} documents I have, the newest of {date}.",
        basis.documents,
        date=date,
    )


def not_answered(parts: Sequence[str], basis: Basis) -> str:
    """Return the remark that names the unanswered parts of a question."""
    named = listed([quoted(part) for part in parts], "or")
    return _("I find no answer to {parts} in {documents}.", parts=named, documents=_documents(basis))


def _documents(basis: Basis) -> str:
    if basis.documents == 1:
        return _("the one document I have")
    return ngettext("the {count} document I have", "the {count} documents I have", basis.documents)


def without_model(failure: str | None) -> str:
    """Return why an answer is not the model's although one is set."""
    why = failure or _("nothing that the language model wrote is supported by the passages")
    return _("The documents' own sentences, because {why}.", why=why)


def ends_early(failure: str) -> str:
    """Return the note on an answer that the model did not complete."""
    return _("The answer ends early: {failure}.", failure=failure)


def corrected(corrigendum: str, sections: Sequence[str]) -> str:
    """Return the note that a corrigendum, by its symbol, corrects cited paragraphs; [] for the whole document."""
    if not sections:
        return _("{document} corrects a cited document.", document=corrigendum)
    places = listed([f"§ {section}" for section in sections])
    return _("{document} corrects {paragraphs}: read both.", document=corrigendum, paragraphs=places)


def corrected_dates(entries: str) -> str:
    """Return the note on dates of the quoted sentences that a person has corrected in the register."""
    return _("Corrected in the register: {entries}.", entries=entries)


def opening(answer: Answer) -> str:
    """Return the line above passages of which nobody decided whether they answer; "" above an answer."""
    if not answer.answered or answer.judged is not None or answer.confidence == "high":
        return ""
    return closest_passages()


def closest_passages() -> str:
    """Return the line above the closest passages: no model is set, so nobody decided whether they answer."""
    return _(
        "The passages closest to your question. No language model is set, so nobody has decided whether they answer it:"
    )


def basis_line(basis: Basis, as_of: date) -> str:
    """Return the line that says which documents were searched and as of which day."""
    if not basis.documents:
        return _("From no documents, as of {day}.", day=day(as_of))
    words = searched(basis, as_of)
    if basis.newest_document:
        words = _("{heading}: {line}", heading=words, line=one_line(basis.newest_document))
    return joined(full_text_only() if basis.full_text_only else "", words)


def searched(basis: Basis, as_of: date) -> str:
    """Return how many documents were searched, one at least, of which date, and as of which day."""
    newest, seen = basis.newest_date, day(as_of)
    if basis.documents == 1:
        if newest is None:
            return _("As of {day}, from 1 document, undated", day=seen)
        return _("As of {day}, from 1 document of {date}", day=seen, date=day(newest))
    if newest is None:
        return ngettext(
            "As of {day}, from {count} document, undated",
            "As of {day}, from {count} documents, undated",
            basis.documents,
            day=seen,
        )
    return ngettext(
        "As of {day}, from {count} document, the newest of {date}",
        "As of {day}, from {count} documents, the newest of {date}",
        basis.documents,
        day=seen,
        date=day(newest),
    )


def written(answer: Answer) -> str:
    """Return that a model wrote an answer, and how that was checked, "" for an answer of no model."""
    return "" if answer.judged is None else _("{facts}.", facts=by_model(answer.judged))


def by_model(judged: bool) -> str:
    """Return that a model wrote a text, and whether a judge has read it too."""
    if judged:
        return _("Written by a language model; each sentence checked against its source")
    return _(
        "Written by a language model; checked for numbers, dates and names only, as no judge has read it"
    )


def checked(answer: Answer) -> str | None:
    """Return what `written` does, and how many sentences were left out; None for an answer of no model."""
    if answer.judged is None:
        return None
    dropped = len(answer.removed)
    parts = [by_model(answer.judged)]
    if dropped:
        parts.append(
            ngettext(
                "{count} sentence left out after the check",
                "{count} sentences left out after the check",
                dropped,
            )
        )
    return _("{facts}.", facts=semicolons(parts))
