"""The wheel and the source archive: what is in them, and that the program runs from them in an empty folder."""

from __future__ import annotations

import email
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import lend
from tests.deploy.conftest import ROOT, run
from tests.deploy.test_deployment_files import EXTRAS_OF_USERS, PROJECT
from tests.test_architecture import ROOMS

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_wheel_has_every_file_of_the_packages_and_no_other(delivery: Path) -> None:
    (wheel,) = (delivery / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == {"itubot.py"} | {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_source_archive_has_licence_notice_and_what_deploys_it_and_no_tests(delivery: Path) -> None:
    (sdist,) = (delivery / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}

    assert {"LICENSE", "NOTICE", "pyproject.toml"} <= packed
    assert {"Dockerfile", "compose.yaml", "deploy/systemd/itubot.service"} <= packed
    assert [name for name in packed if name.startswith("tests")] == []


def test_metadata_has_the_version_the_extras_and_the_page_of_a_reader(delivery: Path) -> None:
    (wheel,) = (delivery / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))

    assert metadata["Version"] == PROJECT["version"]
    assert set(EXTRAS_OF_USERS) <= set(metadata.get_all("Provides-Extra", []))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert str(metadata.get_payload()).startswith("# itubot\n")


def test_where_a_file_has_the_name_of_a_package_one_line_says_so(delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text("")

    done = run(delivery / "venv" / "bin" / "python", "-m", "bot", "--version", cwd=tmp_path)

    found = f"Python takes {tmp_path / 'store.py'} for this program's package `store`; run itubot in another folder"
    assert (done.returncode, done.stderr) == (1, f"itubot: {found}\n")


def test_where_another_distribution_has_overwritten_a_package_one_line_says_so(
    delivery: Path, tmp_path: Path
) -> None:
    (wheel,) = (delivery / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "packages")  # noqa: S202  our own
    (tmp_path / "packages" / "bot" / "__init__.py").write_text("")

    python, packages = delivery / "venv" / "bin" / "python", str(tmp_path / "packages")
    done = run(python, "-m", "itubot", "--version", cwd=tmp_path, PYTHONPATH=packages)

    assert done.returncode == 1
    assert done.stderr.startswith("itubot: another distribution has overwritten the package `bot`")
    assert done.stderr.count("\n") == 1


def test_installed_elsewhere_it_answers_in_an_empty_folder(
    delivery: Path, exported: Path, tmp_path: Path
) -> None:
    lend(exported, tmp_path / "data")

    def itubot(*arguments: str) -> str:
        done = run(delivery / "venv" / "bin" / "itubot", *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert itubot("--version") == f"itubot {PROJECT['version']}\n"
    answer = itubot("run", "On which days is the Summit of the Future?")
    assert "22-23 September 2024" in answer
    assert "§ 2.2" in answer
    assert "packages" in itubot("doctor", "--offline")
    assert "Summit of the Future" in itubot("deadlines", "--as-of", "2024-05-01")
