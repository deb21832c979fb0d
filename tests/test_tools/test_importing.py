"""The tools of the tests are run by hand, so a name that has gone would be noticed late."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from tests import tools

MODULES = [
    module.name
    for module in pkgutil.walk_packages(tools.__path__, "tests.tools.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_a_tool_has_all_that_it_imports(name: str) -> None:
    importlib.import_module(name)
