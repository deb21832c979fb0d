"""What all tests share: the mark of those that need programs of the system, and how they ask for one."""

from __future__ import annotations

import os
import shutil

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "system: needs a program that pip cannot install (make test-all)")


@pytest.fixture
def chromium() -> str:
    """The browser's path; without one the test is skipped, and fails under CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and CI has to have it")
        pytest.skip("chromium is not installed")
    return path
