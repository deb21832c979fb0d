"""Pages of long lists, and the cursors that lead from one to the next. Pure."""

from __future__ import annotations

import base64
import binascii
import json

from bot.errors import BotError


class StaleCursor(BotError):
    """A cursor is not one of this list, or the list has changed since it was given."""

    def __init__(self) -> None:
        super().__init__(
            "the cursor is not of this list as it is now; leave it out to begin with the first page"
        )


def start_of_page(cursor: str | None, state: str) -> int:
    """Return the place in a list where a page begins; 0 without a cursor.

    `state` is a text that changes with the list. Raises StaleCursor.
    """
    if not cursor:
        return 0
    try:
        of, start = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise StaleCursor from None
    if of != state or type(start) is not int or start < 0:
        raise StaleCursor
    return start


def next_cursor(state: str, start: int, total: int) -> str | None:
    """Return the cursor of the page that begins at `start`; None at the end of a list of `total`."""
    if start >= total:
        return None
    return base64.urlsafe_b64encode(json.dumps([state, start]).encode()).decode()
