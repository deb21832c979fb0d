"""The languages that documents and questions are written in."""

from ingest.languages.gloss import Gloss, gloss, share_known
from ingest.languages.pack import abbreviations, languages

__all__ = ["Gloss", "abbreviations", "gloss", "languages", "share_known"]
