"""Note beside each translation which English text it translates; `make catalogs` runs it.

The note is a comment of the catalog, `# English: 4f1c09aa`. Whoever rewords a message in the program gets a new,
untranslated one. Whoever rewords it in a catalog keeps the note of the old text, and tests/bot/test_locales.py names
the translation until it is looked at again and its note is deleted, which `make catalogs` then renews.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).parents[2] / "bot" / "locales"
_NOTE = "English: "


def note_of(message: Message) -> str:
    """Return the note for the English text of a message."""
    forms = message.id if isinstance(message.id, tuple) else (message.id,)
    return _NOTE + sha256("\n".join(forms).encode()).hexdigest()[:8]


def stale(catalog: Catalog) -> list[str]:
    """Return the English texts whose translations are without the note of them."""
    return [
        str(message.id) for message in catalog if message.id and note_of(message) not in message.user_comments
    ]


def add_notes(catalog: Catalog) -> None:
    """Add notes to the translations that have none."""
    for message in catalog:
        translated = any(message.string) if isinstance(message.string, tuple) else message.string
        if message.id and translated and not any(line.startswith(_NOTE) for line in message.user_comments):
            message.user_comments.append(note_of(message))


def main() -> None:
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/itubot.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3])
        add_notes(catalog)
        with path.open("wb") as file:
            write_po(file, catalog, width=0, ignore_obsolete=True)


if __name__ == "__main__":
    main()
