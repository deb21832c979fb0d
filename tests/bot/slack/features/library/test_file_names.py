"""Names of uploaded files: they lead nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.features.library.library import safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Annual report (2024).docx", "Annual report (2024).docx"),
        ("Résumé – ITU.pdf", "Résumé – ITU.pdf"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("C:\\reports\\r.txt", "C__reports_r.txt"),
        (".hidden.txt", "hidden.txt"),
        ("~$open.docx", "open.docx"),
        ("two\nlines\x00.txt", "two lines.txt"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("  ", "F1"),
        ("..", "F1"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name, "F1") == safe


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_name("й" * 300 + ".docx", "F1")
    assert safe.endswith("й.docx")
    assert len(safe.encode()) <= 180


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    safe = safe_name(name, "F1")
    assert Path("/library", safe).resolve().parent == Path("/library")
    assert 0 < len(safe.encode()) <= 180
    assert safe_name(safe, "F1") == safe
