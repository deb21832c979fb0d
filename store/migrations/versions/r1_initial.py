"""The first revision, which the program creates from its schema: later scripts begin with its tables."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Do nothing: a database without tables gets those of the newest revision at once."""
