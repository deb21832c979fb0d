"""The words that say what a date is the date of, in tables: kinds of events, cues, dates that are no events.

`cues` and `titles` look them up in the text around a date; the sentence is not parsed.
"""

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

NOT_OFF = phrases("""
    (?:not|never|no longer) (?:been |be )?(?:postponed|cancell?ed|deferred|moved|changed) | unchanged
    no change | as planned
""")
# "The Bank having withdrawn" says who is no longer part of it.
_ACTIVE = "(?<!has )(?<!have )(?<!had )(?<!having )"
# "Will not be held before May" says when it is.
_NOT_BEFORE = r" (?:\w+ ){0,3}(?:until|before|except)"
CANCELLED = phrases(rf"""
    cancell?(?:ed|ation|s) | called off | {_ACTIVE}(?:abandoned|withdrawn|dropped) | fell victim
    no longer take place
    (?:been|is|are|was|were) (?:given up|scrapped)
    (?:removed|deleted|struck|taken) (?:off|from) the (?:programme|agenda|calendar|schedule)
    (?:will|shall|would) (?:not|no longer) be (?:held|convened|organi[sz]ed)(?!{_NOT_BEFORE})
    (?:will|shall|would) (?:not|no longer) (?:take place|go ahead)(?!{_NOT_BEFORE})
""")
POSTPONED = phrases("""
    postpone[ds]? | postponement | postponing | deferred | deferral | (?<!not )(?<!not be )re-?scheduled
    put (?:off|back) | pushed back
    delayed | moved to a later
""")
NOT_HELD_PHRASES = "did not take place | (?:was|were) not held | could not (?:be held|take place)"
NOT_HELD = phrases(NOT_HELD_PHRASES)
# A sentence with one of these gives something another date.
MOVED = phrases(rf"""
    {NOT_HELD_PHRASES}
    postpon\w+ | deferr\w+ | (?<!not )(?<!not be )re-?schedul\w+
    put (?:off|back) | pushed back | delayed | moved | moves from | shifted
    brought forward | extended | extends | extension | prolonged | changed from | new dates? | old (?:closing )?dates?
    instead of | in place of | rather than | replaces(?=[^,;.]{{0,80}}\d) | originally | earlier announced
    no longer (?:appl\w+|valid)
    unable to take place
    (?:initially|previously|first) (?:\w+ )?(?:scheduled|planned|foreseen|set|announced|expected|due|proposed|fixed)
    (?:was|were|had been)(?: going| intended| arranged| meant)? to have | to have been (?:held|opened|launched)
    had been (?:going|intended|arranged|called|set) | had been (?:announced|scheduled|planned|fixed) (?:for|to)
""")
# Before a date, these say that it is no longer valid (OLD), or that it replaces another (NEW). The last one decides.
OLD = phrases(r"""
    originally | initially | previously | formerly | first | old | instead of | in place of | rather than | replaces?
    (?:was|were|had been)(?: going| intended| meant| supposed)?(?: to(?: have)?)? | to have been
    not(?: be)? held | did not | postponement of | no longer (?:appl\w+|valid)
    could not | (?:planned|scheduled|due|set|arranged|announced|foreseen|convened|called)(?: to| for| at)?
    (?:moved|moves|postponed|deferred|rescheduled|extended|changed|shifted|forward|off|back|goes)(?: \w+){0,2} from
""")
NEW = phrases(r"now | new | to | until | till | will | shall | extended | instead(?! of)")
# "Will not be held on 3 March but on 17 March"
NOT_ON = phrases("not | no longer | cancelled")
BUT_ON = re.compile(
    r"(?: held)?,? but (?:rather |now )?(?:on |from |in |for |until )?(?:the )?(?:period )?(?:from )?", re.I
)
# A time limit that another one has replaced.
OLD_LIMIT = phrases(r"(?:previous|old|former|earlier|initial) (?:deadline|closing date|time limit)")
FROM = re.compile(r"\bfrom (?:the )?$", re.I)
EXTENDED = re.compile(r"\W*(?:extended|postponed|moved|brought forward|changed) to\b", re.I)
# What is moved "to its meeting scheduled for 5 May" gets a new date.
TO_MEETING = phrases(
    r"(?:to|until) (?:(?:its|the|a|an|their) )?(?:\w+ ){0,3}(?:meeting|session)"
    r" (?:planned|scheduled|set|convened)(?: \w+)?"
)
# Words for a date that is only proposed.
PROPOSED = phrases(r"""
    proposes? | proposed | proposing | tentative(?:ly)? | (?:not|cannot be) (?:excluded|ruled out)
    provisional(?:ly)?(?! (?:agenda|results?|list|programme|version|report|text|edition|summary|record))
    to be confirmed | host to confirm
    t\.?b\.?[cd]
    to be (?:decided|determined) | (?:being|under) (?:considered|consideration|discussion) | has offered | put forward
    recommend\w* (?:to hold|holding|convening|organi[sz]ing)
    (?:could|might) (?:be )?(?:held|take place|organi[sz]ed|convened)(?! only)
    (?:could|might|may) (?:be )?(?:moved|postponed|rescheduled|extended)
    preference for | preferred dates? | suggest(?:s|ed) (?:the dates?|that|holding)
    envisaged | if (?:approved|endorsed|agreed) | subject to (?:confirmation|approval|agreement|decision)
    not yet (?:confirmed|fixed|decided)
""")
# Between two dates: "either from 8 to 10 June or from 15 to 17 June".
ALTERNATIVE = re.compile(r",? or (?:on |from |in )?", re.I)
# Words before a relative clause are not about its date.
RELATIVE = re.compile(r", (?:which|that) (?:\w+ )?(?:will|shall|is|are|was|were|took|has|had|to)\b", re.I)
# The day by which something will be confirmed is not proposed itself.
CONFIRMED_BY = re.compile(
    r"\bto be confirmed(?: [^\W\d]+){0,4} (?:by|no later than|before|until) (?=\d|[A-Z][a-z]+day)"
)
# The same, of a column or of a line above.
PROPOSED_ABOVE = phrases("""
    proposed | tentative | provisional (?:dates?|calendar|time ?table|programme) | to be confirmed | tbc
    alternatives? | options?
    draft (?:decision|resolution|calendar|dates|time ?table)
""")
PLANNED = phrases("""
    will | shall | scheduled | planned | plans? | upcoming | forthcoming | to be | to take place | due | expected
    (?:is|are) set | would | could | foreseen | likely
""")
DONE = phrases("""
    took place | went live | met | was | were | (?:has|have|had) been | came into force | entered into force
""")
# Columns of a table for the date that another one replaces.
OLD_COLUMN = phrases(
    "was | old | original(?:ly)? | initial | previous(?:ly)? | former(?:ly)? | first announced | cancelled | planned"
)

WRITING = (
    r"(?:letters?|circulars?|decisions?|resolutions?|documents?|notifications?|memorand\w+|e-?mails?|version|issue|bulletin"
    r"|notes? verbales?|recommendations?|opinions?|directives?|regulations?|law|act|agreement|report|press release"
    r"|edition|communiqu\w+|supplement|paper|td|contribution|addendum|corrigendum|invoice|ref|reference|statement|declaration"
    r"|treaty|announcement|invitation|addressed)"
)
# Text before the date of another document: "circular letter CA/288 of", "Resolution 99 (Rev. Dubai,", "A/RES/79/1 (".
OF_A_DOCUMENT = re.compile(
    rf"\b{WRITING}(?:,? (?!that\b|dates?\b)[\w().,/&:+–-]+){{0,5}}?,? (?:of|dated)(?: the)?\s*$|\bdated(?: the)?\s*$"
    r"|\brev(?:ised|\.|ision)?\s*[\d.]*[,:]?\s*\(?$"
    r"|\b(?:decision|resolution|recommendation|document|letter|circular)s?\b[^.;()]{1,60}\((?![^()]*adopted)[^().;]{0,24}$"
    r"|(?:\b(?=[\w./]*\d)\w+(?:/[\w.]+)+|\b(?:TD|Add|Rev|Corr)\.?\s?[\w-]+|\bNo\.? ?\d+)(?:,| of| \()\s*$|\bas at\s*$"
    r"|\b(?:(?:last )?(?:updated?|modified|revised|posted|printed|accessed)|version)\b(?: on| as of)?:?\s*$",
    re.I,
)
PERIOD = re.compile(
    r"\b(?:period|bienni\w+|budget|plan|cycle|quadrennium|triennium|financial year|fiscal|term|years?|statistic\w*"
    r"|covers|covering|reporting|between|since|throughout)\b[\w\s,()]{0,24}$",
    re.I,
)
COVERS = phrases("covers? | covering")
REPORTED = phrases(r"report\w* | covers? | covering | period | budget | statistic\w*")
# Before the document's own date.
ISSUED = phrases(r"""
    issued | prepared | published | distr | submitted | dated | released | version
    date of (?:issue|this \w+|document|the document)
""")
VERB = phrases(r"is | are | was | were | will | shall | has | have | had | took | takes | be | \w+ed")
AHEAD = phrases(r"""
    will | shall | to be | next | publish\w* | updat\w+ | review\w* | aims? | celebrat\w+ | planned | scheduled | target
""")

TIMES = frozenset(["every", "each", "once", "twice", "three", "four"])

# Words of labels and headings that say that something is dated, and not what.
SAYS_NOTHING = frozenset(
    """key important main draft provisional proposed indicative tentative next new upcoming further other practical old
    previous exact relevant all the of and for general forthcoming future original revised planned now was due
    by current a an on this our useful your more date dates when time times day days period duration start end
    from to until begin timetable table schedule calendar timeline line milestone milestones deadline deadlines
    information programme agenda event events meeting meetings session sessions introduction diary background
    conclusion conclusions purpose summary overview matters business action actions steps way forward status
    remark remarks note notes step tables week weeks venue place places location work plan roadmap activity
    activities item title subject no month months contact details news brief headlines follow-up open opens
    close closes held participants attachment attachments morning afternoon evening first second third contents
    abstract source annex appendix list
    one two three four or limit state use time-limit time-limits dear sir madam""".split()
)


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


def says_nothing(line: str) -> bool:
    """Whether a label or a heading names no subject: "Key dates", "Annex 2", "When"."""
    words = re.findall(r"[^\W\d_][\w-]*", line.casefold())
    return all(word in SAYS_NOTHING for word in words) or words[0] == "annex"
