"""Replies that only their asker saw, and that the asker shares with the channel, as jobs: each is shared once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import RowMapping

from store.jobs.leases import Holder, Job, JobStore
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import shares


@dataclass(frozen=True, slots=True)
class Share:
    """A reply for the channel of `message`, whose `user` shares it.

    The text of `message` is a command such as "/itu deadlines 30d", whose reply is computed again, or a command that
    begins or ends a subscription of the channel. If it is empty, the answer to the question with the key of `message`
    is shared. A `channel` that is the id of `user` stands for the direct messages of that person. `response_url`, if
    any, reaches the user alone for half an hour.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(repr=False)


class ShareStore(JobStore[Share]):
    """The jobs that share replies, shared by all processes that open the same URL."""

    kind = "share"
    details = shares

    def claim(self, share: Share, holder: Holder, event_id: str = "") -> Job[Share] | None:
        """Claim a share for `holder`; None if it was claimed before. `event_id` is as for a question."""
        details = asdict(share.message)
        return self._claim(
            share.message.key, share, holder, event_id=event_id, response_url=share.response_url, **details
        )

    def _work(self, row: RowMapping) -> Share:
        return Share(to_message(row), row["response_url"])
