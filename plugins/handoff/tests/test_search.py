"""Search over conversations: any script, contacts and notes too, nothing that is gone."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import sqlalchemy as sa

from hookline_handoff.deskmodels import word
from hookline_handoff.search import Search, plain, words


async def eventually(look, expected):
    """Wait until `look()` gives what is expected; what it gives in the end shows in the failure."""
    found = await look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while found != expected:
                await asyncio.sleep(0.005)
                found = await look()
    assert found == expected


async def hits(desk, text, **more):
    return [one.conversation for one in (await Search(desk.tenant).find(text, **more)).hits]


def test_words_are_compared_without_case_and_accents_but_with_the_marks_of_other_scripts():
    assert plain("ÉTÉ") == plain("été") == "ete"
    assert plain("Straße") == "strasse"
    assert words("मुझे ऋण चाहिए।") == {"मुझे", "ऋण", "चाहिए"}
    assert plain("की") != plain("क")
    assert words("50,000 FCFA") == {"50", "000", "fcfa"}


async def test_conversations_are_found_by_words_in_any_script(database_url, make_desk):
    desk = await make_desk(database_url=database_url)
    said = {
        "alice": "My ROAMING bill is too high",
        "bob": "मुझे होम लोन चाहिए",
        "jean": "Où est mon chèque ? J'ai déménagé à Orléans",
        "kim": "the roof is leaking, 100% wet_ 'quoted'",
    }
    talks = {who: await desk.talk(who, text) for who, text in said.items()}
    for text, who in (
        ("roaming", "alice"), ("roam BILL", "alice"), ("लोन", "bob"), ("होम लोन", "bob"), ("cheque", "jean"), ("CHÈQUE", "jean"),
        ("orleans", "jean"), ("leaking roof", "kim"), ("100 wet", "kim"), ("'; drop table message; --", ""), ("%", ""), ("_", ""),
        ("oaming", ""), ("roaming लोन", ""), ("", ""), ("\x00", ""), ("a" * 500, ""),
    ):  # fmt: skip
        await eventually(lambda text=text: hits(desk, text), [talks[who]] if who else [])


async def test_the_snippet_shows_where_and_notes_and_contacts_are_found_too(make_web, database_url):
    site = await make_web(database_url=database_url)
    desk = site.desk
    long = "x " * 100 + "please block my stolen card today " + "y " * 100
    talk = await desk.talk("+91 98765 43210", long)
    await eventually(lambda: hits(desk, "stolen"), [talk])
    hit = (await site.ok("GET", "/console/api/search?q=stolen card", "asha"))["hits"][0]
    assert (hit["where"], hit["author"], hit["seq"]) == ("message", "bot", 2), "the newest text that has the words"
    assert [hit["snippet"][a:b] for a, b in hit["marks"]] == ["stolen", "card"]
    assert len(hit["snippet"]) < 170
    assert hit["snippet"].startswith("… ")

    for number in ("9876543210", "+91 98765 43210", "919876543210"):
        await eventually(lambda number=number: hits(desk, number), [talk])
    hit = (await Search(desk.tenant).find("9876543210")).hits[0]
    assert (hit.where, "98765 43210" in hit.snippet) == ("contact", True)

    note = await site.ok("POST", f"/console/api/conversations/{talk}/notes", "asha", {"text": "very patient man"})
    await eventually(lambda: hits(desk, "patient"), [talk])
    assert (await Search(desk.tenant).find("patient")).hits[0].where == "note"
    await site.call("DELETE", f"/console/api/notes/{note['id']}", "asha")
    assert await hits(desk, "patient") == [], "what was removed is not found, though its words are known still"


async def test_pages_follow_each_other_newest_first(make_desk):
    desk = await make_desk()
    talks = [await desk.talk(f"who{n}", f"parcel {n}") for n in range(7)]
    await eventually(lambda: hits(desk, "parcel", limit=50), talks[::-1])
    search, found, cursor = Search(desk.tenant), [], ""
    while True:
        page = await search.find("parcel", limit=3, cursor=cursor)
        found += [one.conversation for one in page.hits]
        cursor = page.next
        if not cursor:
            break
    assert found == talks[::-1]


async def test_no_word_is_kept_where_no_text_is(make_desk):
    desk = await make_desk('[history]\nstore = "memory"\n')
    await desk.talk("alice", "a secret word")
    await desk.bot.idle()
    assert await Search(desk.tenant).index("nothing") == 0
    rows = await desk.tenant.db.fetch(sa.select(sa.func.count().label("n")).select_from(word))
    assert rows[0].n == 0


@pytest.mark.parametrize("cursor", ["-1", "1e9", "abc", "9" * 30])
async def test_a_cursor_of_ones_own_making_is_refused(site, cursor):
    status, told = await site.call("GET", f"/console/api/search?q=x&cursor={cursor}", "asha")
    assert (status, "cursor: given" in told["detail"]) == (400, True)
