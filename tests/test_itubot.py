"""The command looks first whether the packages that Python finds are the program's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import itubot
from tests.deploy.conftest import run

SOURCE = Path(itubot.__file__)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of installed packages: the command, packages of the four names, and the list of their files."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / SOURCE.name).write_text(SOURCE.read_text("utf-8"))
    lines = []
    for name in itubot.PACKAGES:
        package(folder / name)
        lines.append(f"{name}/__init__.py,sha256=0,{(folder / name / '__init__.py').stat().st_size}")
    (folder / "bot" / "cli.py").write_text("def main():\n    print('it ran')\n    return 0\n")
    (folder / "itubot-1.0.0.dist-info").mkdir()
    (folder / "itubot-1.0.0.dist-info" / "RECORD").write_text(
        "\n".join([*lines, "itubot-1.0.0.dist-info/RECORD,,"])
    )
    return folder


def package(folder: Path, docstring: str = "Ours.") -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text(f'"""{docstring}"""\n')


def start(home: Path, folder: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Start the command in a folder, with `paths` before the installed packages."""
    folder.mkdir(exist_ok=True)
    # Without the packages of this environment: the program may be among them.
    return run(
        sys.executable, "-S", "-m", "itubot", cwd=folder, PYTHONPATH=":".join(map(str, (*paths, home)))
    )


def test_with_its_own_packages_the_program_runs(home: Path, tmp_path: Path) -> None:
    done = start(home, tmp_path / "work")

    assert (done.returncode, done.stdout, done.stderr) == (0, "it ran\n", "")


def test_a_folder_of_files_with_the_name_of_a_package_is_no_package(home: Path, tmp_path: Path) -> None:
    (tmp_path / "work" / "store").mkdir(parents=True)

    assert start(home, tmp_path / "work").returncode == 0


def test_a_module_in_the_current_folder_is_named_with_the_way_out(home: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "store.py").write_text("raise SystemExit('it was imported')")

    done = start(home, tmp_path / "work")

    where = tmp_path / "work" / "store.py"
    found = f"itubot: Python takes {where} for this program's package `store`; run itubot in another folder\n"
    assert (done.returncode, done.stderr) == (1, found)


def test_a_package_of_another_distribution_is_named_with_the_way_out(home: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    package(tmp_path / "other" / "bot", "Another robot.")

    done = start(home, tmp_path / "work", tmp_path / "other")

    where = tmp_path / "other" / "bot" / "__init__.py"
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"itubot: Python takes {where} for this program's package `bot`; install itubot into"
    )
    assert done.stderr.count("\n") == 1


def test_an_overwritten_package_is_named_with_the_way_out(home: Path, tmp_path: Path) -> None:
    (home / "prompts" / "__init__.py").write_text('"""Prompts for a shell."""\n')

    done = start(home, tmp_path / "work")

    assert done.returncode == 1
    assert done.stderr.startswith("itubot: another distribution has overwritten the package `prompts` in ")
    assert done.stderr.count("\n") == 1


def test_a_package_that_another_distribution_took_along_is_missing(home: Path, tmp_path: Path) -> None:
    (home / "ingest" / "__init__.py").unlink()

    done = start(home, tmp_path / "work")

    missing = f"itubot: the package `ingest` is missing from {home}; install itubot again\n"
    assert (done.returncode, done.stderr) == (1, missing)
