"""The vocabulary of events: what happens, what is said of it, and what it is called."""

from __future__ import annotations

import re


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


# Nouns that people meet at, casefolded, in the singular.
GATHERINGS = vocabulary("""
    forum conference summit assembly session meeting workshop symposium seminar colloquium congress week
    roundtable dialogue retreat consultation negotiation exhibition expo event gathering ministerial
    plenary hackathon webinar hearing briefing ceremony celebration festival convention fair day reading
    debate discussion presentation prepcom precomm prepcomm training masterclass bootcamp launch
    panel commemoration stocktaking review
    """)
# Nouns that are written, and so come out.
WRITINGS = vocabulary("""
    report paper publication draft edition roadmap study guide guideline guidelines document framework
    recommendation statement index handbook brief newsletter volume outlook toolkit manual letter
    circular compendium issue text declaration survey assessment strategy
    """)
DEADLINE_NOUNS = re.compile(
    r"\b(?:deadlines?|closing dates?|due dates?|cut-?off(?: dates?)?|time[- ]?limits?|latest date)\b", re.I
)
DUE = re.compile(
    r"\b(?:due|no later than|not later than|at the latest|(?:are|is|were|was) "
    r"(?:kindly )?(?:invited|requested|asked|encouraged|urged) to"
    r"|(?:must|should|shall|to) (?:be )?(?:submit(?:ted)?|sen[dt]|receive[d]?"
    r"|transmit(?:ted)?|provide[d]?|return(?:ed)?|reach|notif(?:y|ied)|register)"
    r"|(?:can|may) be (?:sent|submitted|made|sent in)|(?:is|are|remains?|stays?) open"
    r"|reach (?:the|ITU)|register by|registration (?:is open until|closes)|closes?"
    r"|expires?)\b",
    re.I,
)

# What is done to an event or a writing, by what it makes of it. Past participles and past forms.
HELD = (
    "arranged confirmed scheduled planned held convened organized organised hosted "
    "co-hosted postponed cancelled canceled rescheduled moved deferred envisaged "
    "foreseen attended celebrated co-organized"
)
OUT = (
    "released published unveiled issued circulated posted launched presented "
    "reported disseminated delivered submitted"
)
STEP = (
    "adopted approved endorsed established announced signed concluded elected "
    "appointed completed finalized finalised ratified created inaugurated agreed "
    "decided opened closed started began begun commenced identified proclaimed "
    "selected nominated designated reappointed"
)

# "The preparations for the Summit": what is dated is the Summit.
ABOUT = vocabulary("""
    preparations preparation record records dates date occasion margins sidelines outcome outcomes
    results agenda eve lead run follow-up time part framework context course light advance view host
    venue side programme organization beginning start end conclusion closing
    """)

CODE = re.compile(r"^(?:[A-Z][A-Za-z]{1,9}-?\d{1,3}|[A-Z]{2,9}-\d{2})$")

# A walk over a noun phrase stops at these.
STOPPERS = vocabulary("""
    opens closes begins starts expires that which who whom whose where when while as than at during
    following after before by from including through via between since if but then is are was were be
    been being has have had will shall would could may might must can did do does it its they them their
    he she his her we our us there here not also this these those with within without against under over
    into onto upon among across towards until unless because although though however moreover
    furthermore subsequently additionally recently currently now already both either such attended
    attending attend attends participate participated participates participating participation speak
    spoke speaking hold held holding holds host hosted hosting hosts convene convened convening organize
    organized organizing organise organised discuss discussed discusses discussing present presented
    presenting launch launched released release published publish join joined deliver delivered
    delivering moderate moderated open opened opening close closed adopt adopted approve approved take
    takes took taking place make made making support supported supporting ahead lead leading contribute
    contributed contributing invited invite inviting submit submitted submitting scheduled planned plan
    plans prepare preparing prepared preparations announced announce decided decide agreed agree met
    meet meets plus address addressed addressing welcome welcomed hear heard consider considered
    considering review-of convening mark marked marking coincide coincided give gave given see saw seen
    schedule follow followed follows explore exploring co-hosting co-host co-hosted note noted noting
    attending engage engaged cover covered continue continued continues set up out off well still once
    """) - {"its", "their", "this", "review-of", "opening", "launch", "review", "present"}

DETERMINERS = vocabulary("""
    the a an this that these those its their his her our any each every some
    """)
GENERIC_ADJECTIVES = frozenset(
    ["upcoming", "forthcoming", "next", "last", "previous", "recent", "said", "above-mentioned"]
)
SMALL_LINKS = vocabulary("of for on and to in the a an with")
