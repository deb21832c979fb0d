"""The documents that a channel may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.changes.comparison import Changes
from bot.register import RegisterEntry
from bot.register.digest import Digest
from bot.sources import SourcePage
from store.records import Citation, Document


@dataclass(frozen=True, slots=True)
class ChannelData:
    """Reads documents, register and changes as one channel sees them.

    Every function may block, and is called from several threads.
    """

    today: Callable[[], date]
    register: Callable[[date], Sequence[RegisterEntry]]
    documents: Callable[[], list[Document]]
    digest: Callable[[date, int], Digest]
    changes: Callable[[str | None], Changes]
    source: Callable[[Citation, str], SourcePage | None]
