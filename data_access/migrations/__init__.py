"""The one history of the database schema (Alembic), run by `data_access.engine.migrate`.

To change tables: edit the table module (`schema`, `city_schema`, `accounts_schema`; one shared `schema.metadata`), then
add `versions/NNNN_word.py` with `revision = "NNNN"` and `down_revision` naming the one before it, written by hand with
`op.…` for SQLite and PostgreSQL alike. Released files are never edited. `tests/data_access/test_engine.py` compares the
migrated schema with the metadata on both databases, so a forgotten column or index fails.
"""
