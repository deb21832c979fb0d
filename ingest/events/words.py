"""Words that say what a date is the date of: gatherings, time limits, publications, steps."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.dates.words import GATHERINGS


def phrases(text: str) -> re.Pattern[str]:
    """Return a pattern for any of the phrases, which " | " or line ends separate; each is a regular expression."""
    return re.compile(r"\b(?:" + "|".join(re.split(r"\s+\|\s+|\s*\n\s*", text.strip())) + r")\b", re.I)


DETERMINERS = frozenset(
    "a an the this that these those its their his her our your any each every some".split()
)
# "CSW68", "WTSA-24", "PP-26": the code of a gathering ends in its number.
CODE = re.compile(r"^[A-Z][A-Za-z]{1,9}-?\d{1,3}$")

# Words for a time limit.
LIMIT = phrases("""
    deadlines? | closing dates? | due(?: dates?)? | cut-?off | time[- ]?limits? | latest date | last day
    (?:no|not) later than
    at the latest | closes | closing of | expires? | open (?:until|till) | must (?:be|reach)
""")
# Words for something that is due by a day.
DUE = phrases("""
    (?:re)?submit\\w* | submissions? | reply | replies | nominations? | registrations? | applications?
    contributions?
    comments? | abstracts? | candidatures? | responses? | payments? | proposals? | respond | closing | closed?
    expiry
    register by | to reach | must | invited to (?:send|provide|nominate)
""")
PUBLICATION = phrases("""
    publish\\w* | publications? | released? | releases | issued? | issuance | circulat\\w+ | posted | posting
    unveil\\w*
    available | made public | comes? out | on the web(?:site)? | presented | draft | reports? | reported
    newsletter | edition
""")
STEP = phrases("""
    adopt\\w* | approv\\w* | endors\\w* | establish\\w* | announc\\w* | sign(?:ed|ing|ature) | conclu\\w+
    elect(?:ed|ions?)
    appoint\\w* | complet\\w+ | finali[sz]\\w+ | ratif\\w+ | creat\\w+ | inaugurat\\w+ | decid\\w+ | decision
    open(?:s|ed|ing)?
    start\\w* | begin\\w* | began | launch\\w* | ent(?:er\\w*|ry) into force | c[ao]me into force | nominated
    selected | proclaim\\w*
""")
# Verbs for something done on a day, for which a gathering next to them is only the occasion.
ACT = phrases("""
    adopted | approved | endorsed | published | released | launched | issued | presented | announced | signed
    established
    unveiled | reported | elected | appointed | decided | agreed | concluded | submitted | circulated | informed
    requested
    instructed | enter(?:s|ed)? into force
""")
HELD = phrases("""
    held | hold | conven\\w+ | meets? | met | takes? place | took place | host\\w* | organi[sz]\\w+ | gather\\w*
    sits?
""")
# Words for a date that is only proposed.
PROPOSED = phrases(r"""
    proposes? | proposed | proposing | tentative(?:ly)? | provisional(?:ly)? | to be confirmed | host to confirm
    t\.?b\.?[cd]
    to be (?:decided|determined) | (?:being|under) (?:considered|consideration|discussion) | has offered | put forward
    envisaged | if (?:approved|endorsed|agreed) | subject to (?:confirmation|approval|agreement|decision)
    not yet (?:confirmed|fixed|decided)
""")


def singular(word: str) -> str:
    """Return the casefolded word without the "s" of a plural."""
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def names_gathering(text: str) -> bool:
    """Whether a word of the text names a gathering."""
    return any(map(is_gathering, re.findall(r"[\w-]+", text)))


# Asked for each word of a document several times.
@lru_cache(maxsize=8192)
def is_gathering(word: str) -> bool:
    """Whether the word names a gathering: "Forum", "consultations", "CSW68"."""
    return singular(word.casefold().rsplit("-", 1)[-1]) in GATHERINGS or bool(CODE.match(word))
