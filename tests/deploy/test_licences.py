"""What an installation brings is under permissive licences; NOTICE names the rest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.cases import table
from tests.deploy.conftest import ROOT
from tests.deploy.test_deployment_files import EXTRAS_OF_USERS, PROJECT

pytestmark = pytest.mark.slow

LICENCES = table("licences")
# As the packages write them: SPDX names, and those of older packages.
PERMISSIVE = set(LICENCES["permissive"])
# What PyPI's build of torch for Linux brings. NOTICE says so; the image has another build.
CUDA = ("cuda-", "nvidia-")
# Package -> the licence that it names and that is not in this list. NOTICE says why it may be there.
EXCEPTIONS: dict[str, str] = LICENCES["exceptions"]


def installed(requirements: Iterable[Requirement]) -> set[str]:
    """Return the names of the packages that are required, directly or by others, and installed here."""
    found: set[tuple[str, str]] = set()
    todo = [*requirements]
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) in found:
                continue
            try:
                needed = map(Requirement, requires(name) or ())
            except PackageNotFoundError:
                break
            found.add((name, extra))
            todo += [one for one in needed if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def licences(names: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield each package with the licences that it names."""
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--from=mixed", "--with-system", "--format=json"],
        capture_output=True,
        check=True,
    )
    for package in json.loads(done.stdout):
        if (name := canonicalize_name(package["Name"])) in names and not name.startswith(CUDA):
            yield name, set(_names(package["License"]))


def _names(licence: str) -> list[str]:
    """Return the names in an expression of SPDX, or in the words of an older package."""
    # Some packages give the whole text, which begins with the name.
    licence = licence.splitlines()[0]
    if re.search(r" (AND|OR|WITH) ", licence):
        return [name for name in re.findall(r"[\w.+-]+", licence) if name not in {"AND", "OR", "WITH"}]
    return licence.split("; ")


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    """The packages of the program and of its extras, as far as they are installed, with their licences."""
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][name] for name in EXTRAS_OF_USERS)]
    return dict(licences(installed(Requirement(one) for requirements in lists for one in requirements)))


def test_licences_are_permissive_but_for_the_exceptions(found: dict[str, set[str]]) -> None:
    others = {name: names - PERMISSIVE - {EXCEPTIONS.get(name)} for name, names in found.items()}

    assert {name: names for name, names in others.items() if names} == {}


def test_every_exception_is_used_and_in_the_notice(found: dict[str, set[str]]) -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")

    assert [name for name, licence in EXCEPTIONS.items() if licence not in found[name]] == []
    assert [name for name in EXCEPTIONS if not re.search(rf"\b{name}\b", notice)] == []
