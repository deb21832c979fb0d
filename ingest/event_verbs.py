"""The verbs of a sentence: what is done, in which voice, and to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.event_phrases import Word, backwards, is_name
from ingest.event_words import HELD, OUT, STEP, vocabulary

Action = Literal["held", "out", "step", "open", "close", "due", "submit", "attend", "other"]
Voice = Literal["passive", "active", "neuter", "base"]

_ACTIONS: dict[str, Action] = {
    **dict.fromkeys(HELD.split(), "held"),
    **dict.fromkeys(OUT.split(), "out"),
    **dict.fromkeys(STEP.split(), "step"),
}
# Base forms, for obligations and list items: "to submit", "publish the guide".
_BASES: dict[str, Action] = {
    **dict.fromkeys(
        vocabulary("hold organize organise convene host celebrate attend postpone cancel"), "held"
    ),
    **dict.fromkeys(
        vocabulary("""
    publish issue release circulate launch present post update report disseminate unveil
    """),
        "out",
    ),
    **dict.fromkeys(
        vocabulary("""
    submit send provide transmit return register communicate deliver nominate reply respond apply upload
    notify convey
    """),
        "submit",
    ),
    **dict.fromkeys(
        vocabulary("""
    adopt approve establish appoint complete finalize finalise develop prepare implement elect connect
    close reach ensure review conduct endorse create achieve select identify set deploy train ratify
    sign
    """),
        "step",
    ),
}
_NEUTER: dict[str, Action] = {
    **dict.fromkeys(vocabulary("meets met convenes convened meet convene runs ran run sits sat"), "held"),
    **dict.fromkeys(
        vocabulary("""
    opens opened open begins began begin starts started start commences commenced applies apply
    """),
        "open",
    ),
    **dict.fromkeys(
        vocabulary("""
    closes closed close expires expired ends ended end concludes conclude expire lapse lapses
    """),
        "close",
    ),
}
BE = frozenset(["is", "are", "was", "were", "be", "been", "being"])
_MODAL = vocabulary("will shall would should must may might can could to")
_HAVE = frozenset(["did", "does", "do", "has", "have", "had", "having"])
_ADVERBS = vocabulary("""
    now initially originally tentatively first subsequently provisionally officially formally again not
    expected planned then currently scheduled due also already finally recently just only jointly kindly
    likely therefore thus never no longer later still previously successfully already yet hereby so
    supposed set foreseen invited requested
    """)
AUXILIARIES = BE | _MODAL | _HAVE | _ADVERBS
_IRREGULAR = vocabulary("""
    held sent made begun met set put given taken won drawn written brought chosen built led drawn
    undertaken
    """)
_PARTICIPIAL = vocabulary("""
    which that who themed entitled titled led co-led co-chaired held due including organized hosted
    announced under
    """)
# A subject longer than this is more than a name.
_LONGEST_SUBJECT = 22
_RELATING = frozenset(["under", "of", "for", "in", "on", "at"])
# Verbs that may share one subject before the search gives up.
_MOST_SHARING = 4
_NO_VERBS = vocabulary("""
    united needed limited said related based need speed indeed proceed exceed succeed feed advanced
    landlocked dated proposed revised
    """)


class Verb(NamedTuple):
    """A verb: its auxiliaries start at word `first`, it stands at `at`, what follows it starts at `after`."""

    first: int
    at: int
    after: int
    action: Action
    voice: Voice
    word: str


def verbs_of(words: Sequence[Word]) -> list[Verb]:
    """Return the verbs that may date something, in order."""
    return [verb for k in range(len(words)) if (verb := _verb_at(words, k)) is not None]


def _first_auxiliary(words: Sequence[Word], k: int) -> int:
    while k > 0 and words[k - 1].fold in AUXILIARIES:
        k -= 1
    return k


def _verb_at(words: Sequence[Word], k: int) -> Verb | None:
    word, before = words[k].fold, words[k - 1].fold if k else ""
    following = words[k + 1].fold if k + 1 < len(words) else ""
    first = _first_auxiliary(words, k)
    helpers = {w.fold for w in words[first:k]}
    if following == "place" and word in ("take", "took", "takes", "taking"):
        return Verb(first, k, k + 2, "held", "neuter", "")
    if (word, following) in (("made", "public"), ("made", "available")):
        return Verb(first, k, k + 2, "out", "passive" if helpers & BE else "active", f"made {following}")
    if word in ("take", "takes", "took") and following == "effect":
        return Verb(first, k, k + 2, "step", "neuter", "entry into force")
    if word in ("entered", "enter", "enters", "came", "come") and following == "into":
        return Verb(first, k, k + 3, "step", "neuter", "entry into force")
    if (word, following) in (("went", "live"), ("goes", "live"), ("go", "live")):
        return Verb(first, k, k + 2, "open", "neuter", "goes live")
    if (
        word == "open"
        and (helpers & BE or before in ("remains", "remain", "stays"))
        and following in ("until", "till", "from", "between")
    ):
        return Verb(first - (before in ("remains", "remain", "stays")), k, k + 1, "due", "neuter", "extended")
    if before in ("the", "a", "an", "of") and not helpers:
        return None
    if word in ("due", "ready", "likely", "expected", "foreseen") and (helpers & BE or word == "due"):
        return Verb(first, k, k + 1, "due", "neuter", word)
    bare = following in ("on", "at", "by", "in", "from") and k > 0 and words[k - 1].text[-1].isalnum()
    finite = bare or word.endswith(("s", "ed")) or word in ("met", "ran", "run", "began", "sat")
    if (
        word in _NEUTER
        and not helpers & BE
        and (helpers or ((finite and k and words[k - 1].text[-1].isalnum()) or before in ",)’”"))
    ):
        transitive = following in ("the", "a", "an", "its", "their", "this")
        if not transitive:
            return Verb(first, k, k + 1, _NEUTER[word], "neuter", word)
    participle = (
        word in _ACTIONS
        or word in _IRREGULAR
        or (len(word) > 4 and word.endswith("ed") and word not in _NO_VERBS)
    )
    if participle and not (words[k].text[0].isupper() and k > 0):
        return _participle(words, k, first, helpers, following)
    if word in _BASES and (helpers & _MODAL or _imperative(words, k)):
        return Verb(first, k, k + 1, _BASES[word], "base", word)
    return None


def _participle(words: Sequence[Word], k: int, first: int, helpers: set[str], following: str) -> Verb | None:
    word = words[k].fold
    action = _ACTIONS.get(word, "other")
    if word in ("extended", "prolonged"):
        action = "due"
    if helpers & BE:
        set_for = word in ("announced", "set", "called", "fixed", "confirmed") and following == "for"
        return Verb(first, k, k + 1, "held" if set_for else action, "passive", word)
    if word in ("announced", "set", "called", "fixed", "foreseen", "proposed") and following == "for":
        return Verb(first, k, k + 1, "held", "passive", word)
    reduced = following in ("by", "for", "in", "on", "from", "at", "until", "to", "between", "as")
    reduced = reduced or (
        k > 0 and words[k - 1].text == "," and following not in ("the", "a", "an", "its", "their")
    )
    if reduced and not helpers & _HAVE and action != "other" and word not in ("participated", "attended"):
        return Verb(first, k, k + 1, action, "passive", word)
    if reduced and k and words[k - 1].text[-1].isalnum() and following == "by" and not helpers:
        return Verb(first, k, k + 1, action, "passive", word)
    if action == "other" and following not in (
        "the",
        "a",
        "an",
        "its",
        "their",
        "two",
        "three",
        "four",
        "this",
        "new",
        "“",
        "‘",
    ):
        return None
    return Verb(first, k, k + 1, action, "active", word)


def _imperative(words: Sequence[Word], k: int) -> bool:
    """Whether a base form opens a list item ("publish the guide …") or is joined to one ("and to convey")."""
    return k == 0 or (k == 1 and not words[0].text[-1].isalnum())


def subject_of(words: Sequence[Word], verb: Verb, verbs: Sequence[Verb]) -> tuple[int, int]:
    """Return the subject of `verb`, as word positions.

    It stands before the verb, or is shared with a verb before it ("… opened on 3 February and will close").
    """
    at = next((k for k, v in enumerate(verbs) if v.at >= verb.at), len(verbs))
    for _ in range(_MOST_SHARING):
        found = _own_subject(words, verb, earlier=at > 0)
        if found is not None or at == 0:
            return found or (0, 0)
        at -= 1
        verb = verbs[at]
    return 0, 0


def _own_subject(words: Sequence[Word], verb: Verb, earlier: bool) -> tuple[int, int] | None:
    """Return the subject that stands before `verb`; None where it shares that of an earlier verb."""
    stop = verb.first
    before = words[stop - 1].fold if stop else ""
    if before in ("which", "that", "who"):
        stop -= 1
        while stop > 0 and (words[stop - 1].text == "," or words[stop - 1].fold in _RELATING):
            stop -= 1
        return backwards(words, stop)
    if before in ("and", "or", "but") and earlier:
        return None
    stop = _before_insertions(words, stop)
    if (
        not earlier
        and 0 < stop <= _LONGEST_SUBJECT
        and words[0].fold in ("the", "a", "an")
        and _plain(words[:stop])
    ):
        return 0, stop
    first, last = backwards(words, stop, whole=verb.action != "held")
    if first < last and first > 1 and words[first].fold in _PARTICIPIAL and words[first - 1].text == ",":
        return backwards(words, first - 1)
    if first == last and stop == 1 and words[0].fold == "it":
        return 0, 1
    if first == last or words[first].fold in ("it", "they"):
        joined = stop > 0 and words[stop - 1].text == ","
        if (joined or not first) and earlier:
            return None
    return first, last


def _plain(words: Sequence[Word]) -> bool:
    """Whether words that open a sentence are one phrase, with nothing set in."""
    return not any(
        w.text in ",;:“‘—–" or w.fold in ("which", "that", "who", "during", "following", "after")
        for w in words
    )


def _before_insertions(words: Sequence[Word], stop: int) -> int:
    """Step from a verb back over ", scheduled for Wednesday," and ", which was new," to the subject."""
    for _ in range(3):
        if stop == 0 or words[stop - 1].text != ",":
            return stop
        opening = next((p for p in range(stop - 2, max(stop - 30, -1), -1) if words[p].text == ","), None)
        if opening is None or opening + 1 >= stop - 1:
            return stop
        opener = words[opening + 1]
        if (
            opener.fold in _PARTICIPIAL
            or opener.fold.endswith(("ed", "ing"))
            or opener.fold in ("originally", "initially", "in", "now", "to", "of", "previously")
        ):
            stop = opening
        elif is_name(opener):
            return stop
        else:
            return stop
    return stop
