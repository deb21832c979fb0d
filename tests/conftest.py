"""What all tests share: the mark of those that need programs of the system, and how they ask for one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, event

from bot.settings import Settings
from bot.wiring import Services, build
from store import migrations

if TYPE_CHECKING:
    from tests.fake_slack.slack import FakeSlack
    from tests.small_store import SmallStore

# On a busy machine the model alone takes a minute to load and to export.
_INGEST_SECONDS = 600
# A test that takes long takes as long as so many others; one whose limit is above five minutes as twenty of those.
_LONG, _LONGEST = 30, 600
_FIVE_MINUTES = 300
# So many files take other processes as long as the ingest of `ingested`.
_BESIDE = 12
# So many times as long as others takes a test with the bundled report.
_WITH_REPORT = 3
REPORT = Path(__file__).parent.parent / "ingest" / "samples" / "itu-un-digital-engagement-2024.txt"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "system: needs a program of the system, or the built package (make test-all)"
    )
    config.addinivalue_line(
        "markers", "slow: takes long, or checks with a linter what seldom changes (make test-all)"
    )
    config.addinivalue_line(
        "markers", "files: about files of SQLite, of an embedded index or of models, not about servers"
    )
    # As the program does before it imports a library, which reads this once. A test may import one without the program.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # How long an example takes depends on what else the machine does. Before each commit a part of them is enough.
    examples = 100 if os.environ.get("CI") else 25
    hypothesis_settings.register_profile("untimed", deadline=None, max_examples=examples)
    hypothesis_settings.load_profile("untimed")
    config.addinivalue_line("markers", "soak: goes on for minutes (make soak)")


@pytest.hookimpl(trylast=True)  # after the choice by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process works alone in the end.

    While one process makes the data folder of `ingested`, the others begin with files that do not wait for it.
    """
    lengths: Counter[Path] = Counter()
    waiting: set[Path] = set()
    for item in items:
        limit = item.get_closest_marker("timeout")
        takes_long = item.get_closest_marker("slow") or item.get_closest_marker("system")
        takes_longest = limit and limit.args[0] > _FIVE_MINUTES
        has_report = "ingested" in getattr(item, "fixturenames", ())
        own = _WITH_REPORT if has_report else 1
        lengths[item.path] += _LONGEST if takes_longest else _LONG if takes_long else own
        if has_report:
            waiting.add(item.path)
    longest = [path for path, _ in lengths.most_common()]
    first = [path for path in longest if path in waiting][:1] + [p for p in longest if p not in waiting][
        :_BESIDE
    ]
    ranks = {path: rank for rank, path in enumerate(dict.fromkeys(first + longest))}
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture(scope="session", autouse=True)
def quick_tables() -> Iterator[None]:
    """Create tables as the first test did, without compiling their definitions anew: a thousand tests make some."""
    create = migrations._create
    made: list[tuple[str, Any]] = []

    def create_again(connection: Connection) -> None:
        is_sqlite = connection.dialect.name == "sqlite"
        is_empty = is_sqlite and not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        if made and is_empty:
            cursor = connection.connection.cursor()
            for statement, parameters in made:
                cursor.execute(statement, parameters)
            return

        own: list[tuple[str, Any]] = []

        def record(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            if statement.lstrip().startswith(("CREATE", "INSERT")):
                own.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", record)
        try:
            create(connection)
        finally:
            event.remove(connection, "before_cursor_execute", record)
        if is_empty:
            made[:] = own

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "_create", create_again)
        yield


@pytest.fixture
def chromium() -> str:
    """The browser's path; without one the test is skipped, and fails under CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and CI has to have it")
        pytest.skip("chromium is not installed")
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o755)


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the bundled report, made by one real ingest for all workers; others copy it.

    With TESTS_INGESTED, a folder, also for later runs.
    """
    here = tmp_path_factory.getbasetemp()
    # Of all workers of this run.
    of_run = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    folder = Path(os.environ.get("TESTS_INGESTED", of_run))
    data = folder / "ingested"
    with FileLock(folder / "ingested.lock"):
        if not data.exists():
            own = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ITUBOT_", "SLACK_"))
            }
            # Under another name until it is complete: the next test tries again where this ingest is cut off.
            making = Path(tempfile.mkdtemp(dir=folder))
            subprocess.run(
                [sys.executable, "-m", "bot", "ingest"],
                env=own | {"ITUBOT_DATA_DIR": str(making)},
                check=True,
                capture_output=True,
                timeout=_INGEST_SECONDS,
            )
            making.rename(data)
    return data


@pytest.fixture(scope="session")
def exported(ingested: Path) -> Path:
    """The folder `encoder` of a data folder; `lend` gives it to others."""
    return ingested / "encoder"


def copy_data(ingested: Path, data: Path) -> None:
    """Copy a data folder; the exported model is linked."""
    shutil.copytree(ingested, data, ignore=shutil.ignore_patterns("encoder", "*.lock"), dirs_exist_ok=True)
    lend(ingested / "encoder", data)


def lend(exported: Path, data: Path) -> None:
    """Give a data folder the export of the bundled model: making another one takes seconds."""
    shutil.copytree(
        exported, data / "encoder", copy_function=os.link, ignore=shutil.ignore_patterns("*.lock")
    )
    # As the program makes them.
    for folder in (data, *data.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o700)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, ingested: Path) -> Services:
    """The real services over the bundled report, with the real model: only ever read."""
    data = tmp_path_factory.mktemp("report")
    copy_data(ingested, data)
    services = build(Settings(data_dir=data, _env_file=None))
    services.assistant.warm_up()
    return services


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SmallStore]:
    """An empty store without a model."""
    # Imported late: it loads the readers of all formats, which most tests do without.
    from tests.small_store import open_store

    store = open_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    # Imported late: only tests of Slack need it.
    from tests.fake_slack.slack import FakeSlack

    fake = FakeSlack()
    await fake.start()
    yield fake
    await fake.stop()
    assert fake.problems == []
