"""Position of a date: alone in its cell or line, after a word that asks for a date, before a noun."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.dates.text.connectors import past_remark
from ingest.dates.text.tokens import Token, kind_at, word_at
from ingest.dates.text.words import NAMES_BEFORE_YEAR, NUMBERED_NOUNS, vocabulary

_OPENING = frozenset("\n\t;:([|")
_CLOSING = frozenset("\n\t;:)]|")
_ASKING = vocabulary("""
    on by until till before from since to after was is of due done held sent received opened opens closed
    closes closing ended ends end started starts start begins began dated date off between and or starting
    commencing deadline approx approximately around about til effective issued published new now were
    """)
# After these words figures with a stroke or a full stop are no date.
_NUMBERED = NUMBERED_NOUNS | NAMES_BEFORE_YEAR
_NUMBERED |= vocabulary("""
    order orders v ver clause clauses issue issues rule rules contribution contributions letter letters
    circular addendum corrigendum ref reference file case tel phone fax ext extension score scores ratio
    pp p building hall floor gate seat flight bus tram line size level appendix appendices volume vol
    """)
# What may follow a date that is only a number. If a noun follows, the number belongs to it ("the 12th session").
_AFTER = vocabulary("""
    at in to until till from for with on by and or but as because if when while which who where that than
    the a an we you they it he she i will shall would is are was were has had have can cannot could may must should
    please at only latest not inclusive onwards noon midnight cob before after during between since so
    respectively also again instead through unless although though there this these our your their its his
    her my then now already yesterday today tomorrow local starting beginning tbc tbd same here
    """)


def opens(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a cell, a line or a bracket opens before token `i`."""
    return i <= 0 or (tokens[i - 1].kind == "break" and tokens[i - 1].text in _OPENING)


def closes(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a cell, a line or a bracket ends before token `i`, with or without a full stop."""
    i += word_at(tokens, i) in (".", "?") and (i + 1 >= len(tokens) or tokens[i + 1].text in _CLOSING)
    return i >= len(tokens) or (tokens[i].kind == "break" and tokens[i].text in _CLOSING)


def alone(tokens: Sequence[Token], first: int, stop: int) -> bool:
    """Return whether tokens `first` to `stop` are a whole cell or line, or all that follows its label."""
    if word_at(tokens, first - 1) == ")" and word_at(tokens, first - 3) == "(":
        first -= 3  # "(p) 4th quarter": a provisional date
    if not opens(tokens, first):
        return False
    if closes(tokens, stop) or closes(tokens, past_remark(tokens, stop)):
        return True
    if first == 0 or tokens[first - 1].text not in ":;|\t(":
        return False
    return kind_at(tokens, stop) in ("comma", "dash") or word_at(tokens, stop) in ("(", "[", ".")


def asked(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the word before token `i`, past an article, asks for a date."""
    i -= word_at(tokens, i - 1) == "the"
    return kind_at(tokens, i - 1) == "word" and word_at(tokens, i - 1) in _ASKING


def numbered(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the word before token `i` makes it a number, not a date ("Document 12/3")."""
    dot = word_at(tokens, i - 1) == "."
    return word_at(tokens, i - 1 - dot) in _NUMBERED


def before_noun(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the word at token `i` is likely a noun that a number before it counts or ranks."""
    token = tokens[i] if i < len(tokens) else None
    return token is not None and token.kind in ("word", "code", "other") and token.fold not in _AFTER
