"""The words that dates are made of, casefolded."""

from __future__ import annotations

from ingest import languages


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


MONTHS = {name.casefold(): number for number, name in enumerate(languages.MONTHS, 1)}
ABBREVIATED_MONTHS = {name[:3]: number for name, number in MONTHS.items() if name != "may"} | {"sept": 9}
_WEEKDAYS = (
    "monday,mon tuesday,tue,tues wednesday,wed thursday,thu,thur,thurs friday,fri saturday,sat sunday,sun"
)
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS.split()) for name in names.split(",")}
ROMAN_MONTHS = {
    name: number for number, name in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)
}

# Meteorological seasons of the northern hemisphere, where the documents are written: first month of three.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

# A part of a month or a year: which third of it, or its last or first stretch.
PARTS = {
    "early": "early", "mid": "mid", "middle": "mid", "late": "late", "latter": "late",
    "end": "end", "close": "end", "beginning": "begin", "start": "begin",
}  # fmt: skip

UNITS = {
    **dict.fromkeys(("day", "days"), "D"),
    **dict.fromkeys(("week", "weeks"), "W"),
    **dict.fromkeys(("month", "months"), "M"),
    **dict.fromkeys(("year", "years"), "Y"),
}

# Before these a year is part of a name or of a period, not a date ("2030 Agenda", "2024-2027 Strategic Plan").
NAMES_AFTER_YEAR = vocabulary("""
    agenda biennium budget budgets strategy strategic plan plans vision framework goals goal targets
    target roadmap operational financial programme program period quadrennium cycle triennium
    """)
# After these a number that looks like a year is part of a name or of a period.
NAMES_BEFORE_YEAR = vocabulary("""
    agenda vision horizon strategy connect education target targets goal budget budgets biennium plan
    plans period resolution resolutions decision decisions programme program framework recommendation
    rule regulation regulations article no number paragraph document doc res imt copyright room box
    postal code quadrennium cycle triennium standard iso iec version years
    """)
# "paragraphs 3 and 9 May" is no list of days.
NUMBERED_NOUNS = vocabulary("""
    paragraph paragraphs para paras resolution resolutions decision decisions annex annexes item items
    article articles section sections table tables figure figures page pages goal goals target targets
    question questions group groups nos number numbers chapter chapters recommendation
    recommendations document documents opinion opinions dialogue part parts room sdg sdgs
    """)

# Nouns for meetings of any kind, in the singular: one paper's meeting is another's conference.
MEETINGS = vocabulary(
    "meeting conference event session summit forum gathering consultation workshop seminar symposium"
)
# Nouns for gatherings of people, in the singular.
GATHERINGS = MEETINGS | vocabulary("""
    assembly symposia colloquium colloquia congress week roundtable dialogue retreat negotiation exhibition expo
    ministerial plenary hackathon webinar hearing briefing ceremony celebration convention fair festival reading
    debate prepcom training masterclass bootcamp tutorial lecture panel commemoration stocktaking council reception
    dinner lunch visit tour excursion teleconference
    """)
# What a year can belong to ("WSIS Forum 2024", "the 2023 SDG Summit").
EVENT_NOUNS = GATHERINGS | vocabulary("consultations day days challenge prize award awards")

YEAR_PREPOSITIONS = vocabulary("""
    in by for since until till during before after from through throughout around towards toward
    """)
MONTH_PREPOSITIONS = vocabulary("""
    in by for since until till during before after from through throughout around on towards to than
    tentatively provisionally approximately circa about
    """)

ZONES = vocabulary("""
    utc gmt cet cest est edt cst cdt pst pdt bst eat wat cat ist jst sgt msk
    """)

# With these words, "from" one date "to" another names an old and a new date, not a range.
MOVED = vocabulary("""
    extended postponed moved changed rescheduled deferred shifted brought goes moves shifts changes slips
    slipped delayed transferred advanced off back forward move shift extend postpone change
    """)
