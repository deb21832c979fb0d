"""The languages that documents and questions are written in."""

from ingest.languages.detection import detect_language, language_of_part
from ingest.languages.gloss import (
    FIGURES,
    Gloss,
    gloss,
    in_words_of_rules,
    is_wholly_read,
    question_in_words_of_rules,
)
from ingest.languages.pack import MONTHS, abbreviations, languages, load_pack, paragraph_words

__all__ = [
    "FIGURES",
    "MONTHS",
    "Gloss",
    "abbreviations",
    "detect_language",
    "gloss",
    "in_words_of_rules",
    "is_wholly_read",
    "language_of_part",
    "languages",
    "load_pack",
    "paragraph_words",
    "question_in_words_of_rules",
]
