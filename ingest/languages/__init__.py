"""The languages that documents and questions are written in."""

from ingest.languages.gloss import (
    FIGURES,
    Gloss,
    gloss,
    in_words_of_rules,
    question_in_words_of_rules,
    share_known,
)
from ingest.languages.pack import MONTHS, abbreviations, languages, load_pack

__all__ = [
    "FIGURES",
    "MONTHS",
    "Gloss",
    "abbreviations",
    "gloss",
    "in_words_of_rules",
    "languages",
    "load_pack",
    "question_in_words_of_rules",
    "share_known",
]
