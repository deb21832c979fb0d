"""Runs the scripts in the transaction of the caller; Alembic executes this file."""

from __future__ import annotations

from alembic import context

_config = context.config.attributes
context.configure(connection=_config["connection"], version_table=_config["version_table"])
with context.begin_transaction():
    context.run_migrations()
