"""A verb and what it is done to, as a title and a kind: "the report", "was published" → "Report published"."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.event_phrases import is_gathering, is_name, is_writing, singular
from ingest.event_sentence import Dated
from ingest.event_verbs import Verb, subject_of
from ingest.event_words import vocabulary
from store.records import Kind

_MODALS = frozenset(["will", "shall", "should", "must", "can", "would", "to"])
# What will be done is called by its noun.
_NOUNS = {
    "launched": "launch", "adopted": "adoption", "published": "publication",
    "released": "release", "approved": "approval", "signed": "signing",
}  # fmt: skip
PRONOUNS = vocabulary("""
    it they this these that those he she we which who its their there one ones both all each some others
    such members
    """)


@dataclass(frozen=True, slots=True)
class Named:
    """A title and a kind; `gathering` where the title names a meeting of people."""

    title: str
    kind: Kind
    gathering: bool = False


def named_by(view: Dated, first: int, stop: int, verb: Verb) -> Named | None:
    """Return what the phrase `first` to `stop` is called as the subject or the object of `verb`."""
    text = view.text(first, stop)
    if verb.action == "held" and text == "It":
        return Named(text, "meeting", True)
    if not text or text.casefold() in PRONOUNS:
        return None
    if verb.action == "held":
        return _held(view, first, stop, verb)
    if verb.voice == "base":
        return _obliged(view, first, stop, verb)
    if verb.action == "due":
        return _due(view, first, stop, verb)
    if verb.action in ("open", "close"):
        return _opened(view, first, stop, verb)
    if verb.voice == "passive" and {w.fold for w in view.words[verb.first : verb.at]} & _MODALS:
        return _ahead(view, first, stop, verb)
    owner = ""
    if verb.voice == "active" and first < len(view.words) and view.words[first].fold in ("its", "their"):
        owner = view.text(*subject_of(view.words, verb, view.verbs))
    title = f"{owner} {view.as_written(text)} {verb.word}" if owner else f"{text} {verb.word}"
    published = verb.action == "out" and (
        _writes(view, first, stop) or verb.word not in ("launched", "presented")
    )
    return Named(title, "publication" if published else "milestone")


def _gathers(view: Dated, first: int, stop: int) -> bool:
    return any(map(is_gathering, view.words[first:stop]))


def _writes(view: Dated, first: int, stop: int) -> bool:
    return any(map(is_writing, view.words[first:stop]))


def _by_a_day(view: Dated) -> bool:
    return view.expression.bound == "by" and view.expression.precision != "year"


def _held(view: Dated, first: int, stop: int, verb: Verb) -> Named | None:
    phrase = view.words[first:stop]
    if singular(phrase[0].fold) in ("resolution", "decision", "document"):
        return None  # "mandated in its resolution, which was to be held": the resolution is not
    text = view.text(*view.about(first, stop))
    held = _gathers(view, first, stop) or any(is_name(w) for w in phrase[1:]) or verb.voice == "passive"
    if not text or not held:
        return None
    if verb.word in ("meet", "meets", "met") and not _gathers(view, first, stop):
        text = f"{text} meeting"  # a group meets
    return Named(text, "meeting", True)


def _obliged(view: Dated, first: int, stop: int, verb: Verb) -> Named:
    phrase, writing = view.words[first:stop], _writes(view, first, stop)
    text = view.text(first, stop)
    if len(phrase) == 1 and phrase[0].text.islower() and not writing and not _gathers(view, first, stop):
        # "report again to the Council next year": the verb is what says it.
        text = view.text(verb.at, view.left if verb.at < view.left else stop)
    if _by_a_day(view) or verb.action == "submit":
        return Named(text, "deadline")
    written = verb.action == "out" and (writing or verb.word == "report")
    return Named(text, "publication" if written else "milestone")


def _due(view: Dated, first: int, stop: int, verb: Verb) -> Named:
    gathering, writing = _gathers(view, first, stop), _writes(view, first, stop)
    kind: Kind = "publication" if writing else "meeting" if gathering else "milestone"
    if verb.word == "extended" or (_by_a_day(view) and not writing):
        kind = "deadline"
    return Named(view.text(first, stop), kind, gathering)


def _opened(view: Dated, first: int, stop: int, verb: Verb) -> Named:
    text = view.text(first, stop)
    if verb.action == "open" and view.heads_gathering(first, stop):
        return Named(text, "meeting", True)
    # "opened" and "goes live" stand as they are; "will open" becomes "opens".
    finite = verb.word.endswith(("s", "ed", "live", "an")) or verb.first == verb.at
    kind: Kind = "deadline" if verb.action == "close" and not verb.word.startswith("conclu") else "milestone"
    return Named(f"{text} {verb.word if finite else _third_person(verb.word)}", kind)


def _third_person(verb: str) -> str:
    return f"{verb[:-1]}ies" if verb.endswith("y") else f"{verb}s"


def _ahead(view: Dated, first: int, stop: int, verb: Verb) -> Named:
    text, writing = view.text(first, stop), _writes(view, first, stop)
    published = verb.action == "out" and (writing or verb.word != "launched")
    if _by_a_day(view):
        return Named(text, "publication" if published and writing else "deadline")
    noun = _NOUNS.get(verb.word)
    return Named(f"{text}: {noun}" if noun else text, "publication" if published else "milestone")
