"""Run by Alembic for each upgrade: uses the connection, and so the transaction, that `engine.migrate` opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
