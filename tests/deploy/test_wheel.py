"""The wheel and the source archive: what is in them, and that the program runs from them in an empty folder."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import lend
from tests.deploy.conftest import ROOT, run
from tests.test_architecture import ROOMS

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_wheel_has_every_file_of_the_packages_and_no_other(delivery: Path) -> None:
    (wheel,) = (delivery / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_source_archive_has_licence_and_notice_and_no_tests(delivery: Path) -> None:
    (sdist,) = (delivery / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}

    assert {"LICENSE", "NOTICE", "pyproject.toml"} <= packed
    assert [name for name in packed if name.startswith("tests")] == []


def test_installed_elsewhere_it_answers_in_an_empty_folder(
    delivery: Path, exported: Path, tmp_path: Path
) -> None:
    lend(exported, tmp_path / "data")

    def itubot(*arguments: str) -> str:
        done = run(delivery / "venv" / "bin" / "itubot", *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert itubot("--version").startswith("itubot 0.")
    answer = itubot("run", "On which days is the Summit of the Future?")
    assert "22-23 September 2024" in answer
    assert "§ 2.2" in answer
    assert "packages" in itubot("doctor", "--offline")
    assert "Summit of the Future" in itubot("deadlines", "--as-of", "2024-05-01")
