"""A damaged index is built anew by a job: once, by one of the bots, and again after one that was killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.slack.features.index import IndexRebuilds
from store.errors import StoreBusy
from store.jobs import QuestionStore
from tests.bot.slack.conftest import PATIENT
from tests.bot.slack.services import workspace_services
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

NOW = datetime(2024, 5, 1, tzinfo=UTC)


class Index:
    """An index that is damaged until it is built anew; at first an ingest is in the way."""

    def __init__(self) -> None:
        self.is_damaged = True
        self.tries = 0

    async def rebuild(self) -> None:
        self.tries += 1
        if self.tries == 1:
            raise StoreBusy("another process is writing")
        self.is_damaged = False


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
async def rebuilds(slack: FakeSlack, state: QuestionStore, index: Index) -> AsyncIterator[IndexRebuilds]:
    services = workspace_services(
        slack, state, timing=PATIENT, index_is_damaged=lambda: index.is_damaged, rebuild_index=index.rebuild
    )
    feature = IndexRebuilds(services)
    services.runner.start()
    yield feature
    await services.runner.close(0.0)


async def test_damaged_index_is_built_anew_once_another_writer_has_ended(
    rebuilds: IndexRebuilds, index: Index, state: QuestionStore
) -> None:
    for _ in range(3):
        await rebuilds.review(NOW)

    await until_stored(lambda: not index.is_damaged and not open_jobs(state))
    assert index.tries == 2
