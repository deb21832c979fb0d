"""Folders on this machine and on servers: of WebDAV, S3 and SMB, each a real one on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sources.errors import SourceError
from ingest.sources.folders import folder_url
from ingest.sources.web import Manners
from tests.cases import table
from tests.ingest.sources.conftest import DAY, FIVE_WEEKS, ON_LOOPBACK, Watched
from tests.ingest.sources.shares import PASSWORD, Share, s3_share, smb_share, webdav_share

pytestmark = pytest.mark.slow

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"
LATER = "1.1\tThe Forum will be held in Geneva from 14 to 18 July 2025.\n"
ALLIANCE = "1.1\tThe Schools Alliance has eighty-four partners.\n"


def test_a_folder_gives_its_documents(watched: Watched, tmp_path: Path) -> None:
    folder = tmp_path / "papers of 2025"
    (folder / "inner").mkdir(parents=True)
    (folder / "forum.txt").write_text(FORUM)
    (folder / "inner" / "alliance.txt").write_text(ALLIANCE)
    (folder / "notes.odt").write_text("no")
    (folder / ".hidden.txt").write_text(FORUM)
    (tmp_path / "elsewhere.txt").write_text("1.1\tThe Summit will be held in Geneva on 3 March 2025.\n")
    (folder / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    source = watched.watch(folder_url(str(folder), ON_LOOPBACK))
    watched.fetch(source)

    (folder / "forum.txt").write_text(LATER)
    report = watched.fetch(source, after=3600)

    assert [(d.source, d.status) for d in report.documents] == [("forum.txt", "changed")]
    assert watched.versions() == {"alliance.txt": 1, "forum.txt": 2}


def test_a_folder_that_cannot_be_reached_loses_nothing(watched: Watched, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "forum.txt").write_text(FORUM)
    source = watched.watch(folder_url(str(folder), ON_LOOPBACK))
    watched.fetch(source)
    folder.rename(tmp_path / "away")

    reports = [watched.fetch(source, after=days * DAY) for days in FIVE_WEEKS]

    assert {report.status for report in reports} == {"failed"}
    assert watched.versions() == {"forum.txt": 1}


# `make test` does without the server, of which only a part is installed.
SMB = pytest.param(smb_share, marks=pytest.mark.system)


@pytest.fixture(params=[webdav_share, s3_share, SMB])
def share(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: Watched
) -> Iterator[Share]:
    """A folder on a server of each kind, whose password the library has."""
    with request.param(tmp_path / "share", monkeypatch) as share:
        watched.use(credentials=share.credentials(PASSWORD))
        yield share


def test_a_folder_on_a_server_gives_its_documents(watched: Watched, share: Share) -> None:
    share.put("inner #1/Item 5 – 50%.txt", ALLIANCE)
    share.put("forum.txt", FORUM)
    share.put(".hidden.txt", FORUM)
    source = watched.watch(folder_url(share.url, ON_LOOPBACK))
    watched.fetch(source)
    share.put("forum.txt", LATER)

    report = watched.fetch(source, after=3600)

    assert [(d.source, d.status) for d in report.documents] == [("forum.txt", "changed")]
    assert watched.versions() == {"Item 5 – 50%.txt": 1, "forum.txt": 2}


@pytest.mark.parametrize("share", [webdav_share, s3_share], indirect=True)
def test_a_server_that_marks_contents_is_not_asked_for_what_it_gave(watched: Watched, share: Share) -> None:
    share.put("forum.txt", FORUM)
    source = watched.watch(share.url)
    watched.fetch(source)
    before = len(share.reads)

    watched.fetch(source, after=2 * DAY)

    assert before
    assert len(share.reads) == before


@pytest.mark.parametrize("share", [webdav_share, SMB], indirect=True)
def test_a_folder_with_a_wrong_password_loses_nothing_and_shows_none(watched: Watched, share: Share) -> None:
    share.put("forum.txt", FORUM)
    source = watched.watch(share.url)
    watched.fetch(source)
    watched.use(credentials=share.credentials("wr0ng"))
    share.forget()

    report = watched.fetch(source, after=DAY)

    assert report.status == "failed"
    assert "wr0ng" not in f"{report} {watched.source(source)}"
    assert watched.versions() == {"forum.txt": 1}


@pytest.mark.parametrize("case", table("addresses")["folders"])
def test_an_address_that_cannot_be_a_folder(case: dict[str, str]) -> None:
    with pytest.raises(SourceError, match=case["why"]) as raised:
        folder_url(case["url"], Manners())
    assert "secret" not in str(raised.value)


def test_a_driver_that_is_missing_is_named_with_its_extra() -> None:
    program = (
        "import sys; sys.modules['webdav4'] = None\n"
        "from ingest.sources.folders import folder_url\n"
        "from ingest.sources.web import Manners\n"
        "folder_url('webdavs://server/share', Manners())"
    )

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    wanted = "SourceError: it needs the extra `webdav`; run: pip install 'itubot[webdav]'"
    assert run.stderr.splitlines()[-1].endswith(wanted)
