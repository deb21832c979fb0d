"""The languages that documents and questions are written in."""

from ingest.languages.gloss import Gloss, gloss
from ingest.languages.pack import abbreviations, languages

__all__ = ["Gloss", "abbreviations", "gloss", "languages"]
