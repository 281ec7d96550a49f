"""Two contacts that are one person: merged by an agent, with all that the desk has, and taken apart again."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.audit import every
from hookline.models import contact
from hookline_handoff.deskmodels import merge
from hookline_handoff.models import handoff


async def whose(desk, conversation):
    return (await desk.tenant.conversations.get(conversation)).contact


async def test_a_merge_moves_everything_is_audited_and_can_be_undone(make_web, database_url):
    site = await make_web(database_url=database_url)
    desk = site.desk
    one, two = await desk.asked("alice@web"), await desk.asked("+91 98765")
    into, source = (await whose(desk, one)).id, (await whose(desk, two)).id
    await site.ok("POST", f"/console/api/conversations/{two}/notes", "asha", {"text": "same lady"})

    found = await site.ok("GET", "/console/api/contacts?q=98765", "asha")
    assert [(c["id"], c["identities"], c["conversations"]) for c in found["contacts"]] == [
        (source, [["loopback", "+91 98765"]], 1)
    ]
    merged = await site.ok("POST", f"/console/api/contacts/{into}/merge", "asha", {"contact": source})
    assert merged["moved"] == {"identities": 1, "conversations": 1}
    assert (await whose(desk, two)).id == into
    rows = await desk.tenant.db.fetch(sa.select(handoff.c.contact).distinct())
    assert [row.contact for row in rows] == [into], "handoffs are the one contact's too"
    hooks = desk.bot.snapshot().hooks
    held = next(r.rows for r in await hooks.export_contact(into) if r.plugin == "handoff")
    assert len(held["handoff_handoff"]) == 2
    assert [row["text"] for row in held["handoff_note"]] == ["same lady"]
    rows = await desk.tenant.db.fetch(sa.select(contact.c.id))
    assert [row.id for row in rows] == [into]

    assert (await site.ok("GET", f"/console/api/contacts/{into}/merges", "asha"))["merges"][0]["source"] == source
    undo = f"/console/api/merges/{merged['id']}/undo"
    assert (await site.call("POST", undo, "asha"))[0] == 403
    parted = await site.ok("POST", undo, "clara", role="supervisor")
    assert parted["undone_at"] is not None
    assert (await whose(desk, two)).id == source
    await desk.bot.observed("handoff")  # the merge's own record may come after it was undone
    held = next(r.rows for r in await hooks.export_contact(source) if r.plugin == "handoff")
    assert (len(held["handoff_handoff"]), len(held["handoff_note"])) == (1, 1)
    status, told = await site.call("POST", undo, "clara")
    assert (status, told["detail"]) == (409, "this merge is undone already")
    what = [e.what async for e in every(desk.bot.runtime.database, "acme") if "contacts" in e.what]
    assert what == ["handoff.contacts.merged", "handoff.contacts.parted"]


async def test_a_merge_that_can_t_be_is_refused(make_web):
    site = await make_web('[plugins.handoff.desk]\nmerge = "supervisor"\n')
    one = (await whose(site.desk, await site.desk.talk("a"))).id
    for who, role, into, source, status in (
        ("asha", "agent", one, "x", 403),
        ("clara", "supervisor", one, one, 400),
        ("clara", "supervisor", one, "nobody", 404),
        ("clara", "supervisor", "nobody", one, 404),
    ):
        found, _ = await site.call("POST", f"/console/api/contacts/{into}/merge", who, {"contact": source}, role=role)
        assert found == status, (who, into, source)
    assert (await site.ok("GET", "/console/api/contacts?q=", "asha"))["contacts"] == []
    assert (await site.ok("GET", "/console/api/contacts?q=%25", "asha"))["contacts"] == [], "% is no wildcard"


async def test_erasing_who_stayed_erases_who_came_too(make_web):
    site = await make_web()
    one, two = await site.desk.talk("a"), await site.desk.talk("b")
    into, source = (await whose(site.desk, one)).id, (await whose(site.desk, two)).id
    await site.ok("POST", f"/console/api/contacts/{into}/merge", "asha", {"contact": source})
    hooks = site.desk.bot.snapshot().hooks
    await hooks.erase_contact(into)
    assert (await site.ok("GET", f"/console/api/contacts/{into}/merges", "asha"))["merges"] == []


async def test_erasing_a_contact_erases_what_was_known_of_all_who_became_a_part_of_it(make_web, database_url):
    site = await make_web(database_url=database_url)
    tenant = site.desk.tenant
    one, two, three, other = [
        (await whose(site.desk, await site.desk.talk(address))).id
        for address in ("a@x.org", "b@x.org", "c@x.org", "d@x.org")
    ]
    for into, source in ((one, two), (three, one)):
        await site.ok("POST", f"/console/api/contacts/{into}/merge", "asha", {"contact": source})
    kept = await site.ok("POST", f"/console/api/contacts/{other}/merge", "asha", {"contact": three})
    await site.ok("POST", f"/console/api/merges/{kept['id']}/undo", "clara", {}, role="supervisor")

    hooks = site.desk.bot.snapshot().hooks
    held = next(r.rows for r in await hooks.export_contact(three) if r.plugin == "handoff")
    assert {row["source"] for row in held["handoff_merge"]} == {one, two, three}
    await hooks.erase_contact(three)

    assert [row.source for row in await tenant.db.fetch(sa.select(merge))] == []
