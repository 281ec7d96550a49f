"""What is deleted from the embedded database is in none of its files once it is scrubbed."""

from __future__ import annotations

import asyncio
import resource

import pytest
import sqlalchemy as sa

from hookline.db import Op
from hookline.errors import StorageError
from hookline.sqlite import SqliteDatabase
from hookline.tenancy import TenantDb

metadata = sa.MetaData()
note = sa.Table(
    "note",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
)
SECRET = "quetzal-lampshade"


def bytes_of(path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))


async def opened(path):
    metadata.create_all(sa.create_engine(f"sqlite:///{path}"))
    return await SqliteDatabase.open(path, plugins_metadata=[metadata])


async def write(database, *ops: Op) -> None:
    await TenantDb(database, "acme").write(*ops)


async def test_a_deleted_row_is_in_no_file_after_a_scrub_not_even_in_free_pages(tmp_path):
    database = await opened(tmp_path / "x.db")
    long = f"{SECRET} " * 3000  # overflows into pages of its own
    await write(database, Op(sa.insert(note), [{"id": n, "text": f"row {n}"} for n in range(200)]))
    await write(database, Op(sa.insert(note), {"id": 999, "text": long}))
    await write(database, Op(sa.insert(note), {"id": 500, "text": SECRET}))
    await write(database, Op(sa.update(note).where(note.c.id == 500).values(text="x" * 900)))  # moves cells about
    assert SECRET.encode() in bytes_of(tmp_path / "x.db")

    await write(database, Op(sa.delete(note).where(note.c.id == 999)))
    await database.scrub()

    assert SECRET.encode() not in bytes_of(tmp_path / "x.db")
    await database.close()


async def test_a_scrub_waits_for_readers_and_writers_beside_it(tmp_path):
    database = await opened(tmp_path / "x.db")
    db = TenantDb(database, "acme")
    await write(database, Op(sa.insert(note), {"id": 1, "text": SECRET}))

    async def busy() -> None:
        for n in range(2, 150):
            await write(database, Op(sa.insert(note), {"id": n, "text": "x" * 500}))
            await db.fetch(sa.select(note))

    beside = asyncio.gather(*(asyncio.create_task(busy()) for _ in range(1)))
    await write(database, Op(sa.delete(note).where(note.c.id == 1)))
    await database.scrub()
    assert SECRET.encode() not in bytes_of(tmp_path / "x.db")
    await beside
    assert len(await db.fetch(sa.select(note))) == 148
    await database.close()


async def test_a_scrub_for_which_the_disk_has_no_room_says_so_and_what_is_written_after_it_is_stored(tmp_path):
    database = await opened(tmp_path / "x.db")
    for n in range(40):
        await write(database, Op(sa.insert(note), {"id": n, "text": "x" * 20_000}))  # in the log, not yet in the file
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StorageError, match="the log: "):
            await asyncio.wait_for(database.scrub(), 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    await asyncio.wait_for(write(database, Op(sa.insert(note), {"id": 999, "text": "after"})), 20)
    await database.scrub()
    assert len(await TenantDb(database, "acme").fetch(sa.select(note))) == 41
    await database.close()
