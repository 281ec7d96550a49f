"""What tests of the core share: an empty, migrated database of each kind."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa

from hookline import migrate


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))])
async def database_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """For `make_bot(database_url=…)`: the embedded database (""), then a PostgreSQL database of its own."""
    if request.param == "sqlite":
        yield ""
        return
    server = os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    name = f"hookline_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        await asyncio.to_thread(migrate.upgrade, url)
        yield url
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
