"""The core's Alembic history, in `versions/`; plain DDL that never imports live models."""
