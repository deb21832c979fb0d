"""The tools of the tests are run by hand, so a name that has gone would be noticed late."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

from tests import tools

pytestmark = pytest.mark.slow


def test_tools_have_all_that_they_import() -> None:
    modules = [module.name for module in pkgutil.walk_packages(tools.__path__, "tests.tools.")]
    runnable = [name for name in modules if not name.endswith("__main__")]
    # In a process of their own, as the program of the storm replaces the embedder.
    done = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(runnable)}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
