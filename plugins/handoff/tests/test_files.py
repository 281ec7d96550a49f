"""Files that agents send: taken in, shown to the staff, linked to for the customer, gone with the contact."""

from __future__ import annotations

import os

import aiohttp
import pytest
import sqlalchemy as sa

from hookline.testing import FrozenClock
from hookline_handoff.deskmodels import file

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ONE = "/console/api/conversations"


async def put(site, conversation, data=PNG, name="bill.png", who="asha", role="agent"):
    form = aiohttp.FormData()
    form.add_field("file", data, filename=name, content_type="image/png")
    headers = {"X-API-Key": await site.key(who, role)}
    async with site.http.post(f"{site.url}{ONE}/{conversation}/attachments", data=form, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def get(site, path, who=""):
    headers = {"X-API-Key": await site.key(who)} if who else {}
    async with site.http.get(f"{site.url}{path}", headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_file_goes_with_a_reply_and_its_link_works_for_a_while(make_web, database_url):
    time = FrozenClock()
    site = await make_web("[plugins.handoff.files]\nlink_seconds = 3600\n", database_url=database_url, clock=time)
    conversation = await site.desk.asked()
    status, made = await put(site, conversation, name="../बिल.png")
    assert (status, made["name"], made["media_type"], made["size"]) == (201, "बिल.png", "image/png", len(PNG))
    status, headers, data = await get(site, made["url"], "ben")
    assert (status, data, headers["Content-Type"]) == (200, PNG, "image/png")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"].startswith("inline")
    status, headers, _ = await get(site, made["url"] + "?download=1", "ben")
    assert headers["Content-Disposition"].startswith("attachment")

    lie = {**made["attachment"], "media_type": "text/html", "name": "free.exe"}
    body = {"text": "your bill", "client_id": "c1", "attachments": [lie]}
    sent = await site.ok("POST", f"{ONE}/{conversation}/reply", "asha", body)
    told = sent["message"]["attachments"][0]
    assert (told["name"], told["media_type"]) == ("बिल.png", "image/png"), "what the page says of it is not believed"
    link = told["url"]
    status, _, data = await get(site, link)
    assert (status, data) == (200, PNG)
    for bad in (
        link.replace("sign=", "sign=0"),
        link.split("?")[0],
        link.replace("until=1", "until=2"),
        link.replace(made["id"], made["id"][::-1]),
    ):
        assert (await get(site, bad))[0] == 403
    time.advance(3601)
    assert (await get(site, link))[0] == 403


async def test_nobody_else_gets_at_it(site):
    conversation = await site.desk.talk()
    _, made = await put(site, conversation)
    assert (await get(site, made["url"]))[0] == 401
    assert (await put(site, conversation, who="eve", role="viewer"))[0] == 403
    assert (await get(site, "/console/api/attachments/..%2f..%2fsecret", "ben"))[0] in (404, 400)


@pytest.mark.parametrize(
    ("data", "name", "status", "text"),
    [
        (b"<html><script>x</script>", "a.png", 400, "its content is text/html; allowed: image/png"),
        (b"MZ\x90\0" + b"\0" * 99, "a.png", 400, "its content is application/vnd.microsoft.portable-executable"),
        (b"", "a.png", 400, "it is empty"),
        (PNG + b"\0" * 2000, "a.png", 413, "more than 1000 bytes"),
    ],
)
async def test_what_is_not_taken_leaves_nothing(make_web, data, name, status, text):
    site = await make_web("[plugins.handoff.files]\nmax_bytes = 1000\n")
    conversation = await site.desk.talk()
    found, told = await put(site, conversation, data, name)
    assert (found, text in told["detail"]) == (status, True), told
    rows = await site.desk.tenant.db.fetch(sa.select(file))
    assert rows == []
    assert [p for p in site.desk.tenant.data.rglob("*") if p.is_file()] == []


async def test_a_file_of_another_conversation_is_not_sent(site):
    here, there = await site.desk.asked("alice"), await site.desk.asked("bob")
    _, made = await put(site, there)
    for one in (
        made["attachment"],
        {"url": "https://evil.example/x.png"},
        {"url": "javascript:alert(1)", "name": "x"},
        {},
    ):
        body = {"text": "x", "client_id": "c9", "attachments": [one]}
        status, told = await site.call("POST", f"{ONE}/{here}/reply", "asha", body)
        assert (status, told["detail"]) == (
            400,
            "attachments: this file was not uploaded in this conversation; upload it first",
        )
    assert [m.author for m in await site.desk.tenant.conversations.history(here)] == ["contact", "bot"]


async def test_more_files_than_go_with_a_message_are_refused_and_not_left_out(site):
    talk = await site.desk.asked()
    _, made = await put(site, talk)

    body = {"text": "x", "client_id": "c9", "attachments": [made["attachment"]] * 11}
    status, told = await site.call("POST", f"{ONE}/{talk}/reply", "asha", body)

    assert (status, told["detail"]) == (400, "attachments: 11 given; at most 10 go with a message")


async def test_it_goes_with_the_contact_from_the_disk_too(make_web, database_url):
    site = await make_web(database_url=database_url)
    conversation = await site.desk.talk()
    _, made = await put(site, conversation)
    await site.ok("POST", f"{ONE}/{conversation}/notes", "asha", {"text": "note"})
    await site.ok("PUT", f"{ONE}/{conversation}/tags", "asha", {"tags": ["loan"]})
    await site.ok("POST", f"{ONE}/{conversation}/summary", "asha")
    contact = (await site.desk.tenant.conversations.get(conversation)).contact.id
    hooks = site.desk.bot.snapshot().hooks
    rows = next(one.rows for one in await hooks.export_contact(contact) if one.plugin == "handoff")
    assert [row["name"] for row in rows["handoff_file"]] == ["bill.png"]
    assert [row["text"] for row in rows["handoff_note"]] == ["note"]
    assert [len(rows[f"handoff_{name}"]) for name in ("tag", "summary")] == [1, 1]

    for first in (True, False):
        gone = next(one.rows for one in await hooks.erase_contact(contact) if one.plugin == "handoff")
        assert [gone[name] for name in ("files", "handoff_file", "handoff_note", "handoff_tag", "handoff_summary")] == [
            int(first)
        ] * 5
    rows = next(one.rows for one in await hooks.export_contact(contact) if one.plugin == "handoff")
    assert {name: found for name, found in rows.items() if found} == {}
    assert [p for p in site.desk.tenant.data.rglob("*") if p.is_file()] == []
    assert (await get(site, made["url"], "asha"))[0] == 404


async def test_what_a_server_left_that_was_killed_before_it_noted_the_file_is_removed(make_web, database_url):
    time = FrozenClock()
    site = await make_web(database_url=database_url, clock=time)
    _, made = await put(site, await site.desk.talk())
    folder = site.desk.tenant.data / "media"
    (kept,) = [path for path in folder.glob("??/*") if path.is_file()]
    strays = [folder / "ab" / ident for ident in ("0" * 30 + "ab", "1" * 30 + "ab.new", "2" * 30 + "ab")]
    strays[0].parent.mkdir(exist_ok=True)
    for path in (kept, *strays):
        path.write_bytes(PNG)
        os.utime(path, (path.stat().st_mtime - 3700,) * 2)
    os.utime(strays[2])
    time.advance(61)
    await site.desk.bot.until(lambda: not strays[0].exists() and not strays[1].exists())
    await site.desk.bot.idle()
    assert strays[2].exists(), "it may be on its way into the database"
    assert (await get(site, made["url"], "ben"))[0] == 200
    os.utime(strays[2], (0, 0))
    time.advance(3601)
    await site.desk.bot.until(lambda: not strays[2].exists())
    assert kept.exists()
