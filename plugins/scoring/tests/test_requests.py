"""What our clients send is what the official clients were recorded to send (`payloads/`), and what it is answered.

The recordings were made by running the client named in each file against a server that keeps what it gets; the sign-in
secrets in them are made up.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import attrs
import pytest

from hookline.settings import Secret
from hookline.testing import FrozenClock
from hookline.testing.loopback import Status
from hookline_scoring.config import HubSpot, Salesforce, Zoho
from hookline_scoring.crm import CrmRefused, CrmUnavailable, Http, Tokens
from hookline_scoring.hubspot import HubSpotCrm
from hookline_scoring.lead import Lead, for_crm
from hookline_scoring.salesforce import SalesforceCrm
from hookline_scoring.zoho import ZohoCrm

from .crms import FakeHubSpot, FakeSalesforce, FakeZoho

PAYLOADS = Path(__file__).with_name("payloads")
LEAD = Lead(
    id="lead-1", contact="c-1", conversation="", name="Asha Rao", email="asha@example.com", phone="+919876543210",
    source="walk-in", channel="", origin={}, status="new", priority="hot", score=85.0, base=85.0, scored_at=0.0,
    decays_at=0.0, interest="", missing=[], intent="BUY", fields={}, reasons=[], review=0, owner="", rev=1,
    crm_state="queued", crm_rev=0, crm_id="", crm_error="", crm_tries=0, crm_since=0.0, crm_at=0.0, created_at=0.0,
    updated_at=0.0,
)  # fmt: skip
TOLD = {**for_crm(LEAD, "acme"), "summary": "text"}


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield Http(session, FrozenClock(1767225600.0), 5.0)


def zoho(server, http, **more):
    config = Zoho(
        client_id="cid", client_secret=Secret("csec"), refresh_token=Secret("rt-1"), accounts_url=server.host,
        api_url=server.host, **more,
    )  # fmt: skip
    return ZohoCrm(config, http, Tokens())


def hubspot(server, http, **more):
    return HubSpotCrm(HubSpot(token=Secret("pat-1"), api_url=server.host, **more), http)


def salesforce(server, http, **more):
    config = Salesforce(instance_url=server.host, client_id="ck", client_secret=Secret("cs"), **more)
    return SalesforceCrm(config, http, Tokens())


SERVERS = {"zoho": (FakeZoho, zoho), "hubspot": (FakeHubSpot, hubspot), "salesforce": (FakeSalesforce, salesforce)}


def recorded(name):
    return {one["name"]: one for one in json.loads((PAYLOADS / f"{name}.json").read_text())["requests"]}


def same(ours, theirs):
    """Method, path, query, credentials and body; JSON also says that it is JSON, which Zoho's client leaves out."""
    assert ours["method"] == theirs["method"]
    mine, other = urlsplit(ours["path"]), urlsplit(theirs["path"])
    assert (mine.path, parse_qsl(mine.query)) == (other.path, parse_qsl(other.query))
    assert ours["headers"].get("Authorization") == theirs["headers"].get("Authorization")
    assert (ours["body"] or None) == theirs["body"]
    if theirs["body"] is not None:
        wanted = theirs["headers"].get("Content-Type", "application/json")
        assert ours["headers"]["Content-Type"].partition(";")[0] == wanted


@pytest.mark.row("A56")
@pytest.mark.parametrize("name", SERVERS)
async def test_an_upsert_is_what_the_official_client_sends(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        client = make(crm, http)
        first = await client.send(LEAD, TOLD)
        again = await client.send(attrs.evolve(LEAD, crm_id=first), TOLD)
        known = recorded(name)
        sent = {"upsert": crm.sent[0], "upsert again": crm.sent[1]}
        if "token" in known:
            same(crm.seen[0], known["token"])
        same(sent["upsert"], known["upsert"])
        same(sent["upsert again"], known["upsert"])
        assert first == again
        assert crm.created == 1


@pytest.mark.parametrize("name", SERVERS)
async def test_without_a_field_for_our_id_it_looks_first_and_then_makes_or_changes(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        client = make(crm, http, external_id="")
        ident = await client.send(LEAD, TOLD)
        known = recorded(name)
        same(crm.sent[0], known["search"])
        create = crm.sent[-1]
        same(create, known["create"])
        assert await client.send(LEAD, TOLD) == ident, "found by its e-mail: the answer to the first was lost"
        update = crm.sent[-1]
        last = "/" + update["path"].rstrip("/").rsplit("/", 1)[1]
        theirs = known["update"]
        same({**update, "path": update["path"].replace(last, "/" + theirs["path"].rsplit("/", 1)[1])}, theirs)
        await client.send(attrs.evolve(LEAD, crm_id=ident), TOLD)
        assert crm.sent[-1]["method"] in ("PUT", "PATCH")
        assert crm.created == 1


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
async def test_a_note_of_an_erased_lead_is_what_the_official_client_sends(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        ident = await make(crm, http).send(LEAD, TOLD)
        await make(crm, http).erased("lead-1", ident)
        theirs = json.loads(json.dumps(recorded(name)["note"]).replace('"901"', f'"{ident}"').replace("00Qxx", ident))
        text = "hs_note_body" if name == "hubspot" else "Description"
        ours = json.loads(json.dumps(crm.sent[-1]))
        inner = ours["body"].get("properties", ours["body"])
        assert "lead-1" in inner[text]
        inner[text] = "text"
        theirs["headers"]["Authorization"] = ours["headers"]["Authorization"]  # the second client signed in anew
        same(ours, theirs)


async def test_a_contact_that_hubspot_has_already_is_taken_over(http):
    async with FakeHubSpot() as crm:
        crm.store("77", {"email": "asha@example.com", "lastname": "Rao (fair)"})
        assert await hubspot(crm, http).send(LEAD, TOLD) == "77"
        assert crm.records["77"]["hookline_lead_id"] == "lead-1"
        assert crm.created == 1


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("zoho", {"Last_Name": ""}, "MANDATORY_NOT_FOUND in Last_Name: required field not found"),
        ("zoho", {"First_Name": "{name|or:x}" + "y" * 50}, "INVALID_DATA in First_Name: invalid data"),
        ("hubspot", {"colour": "red"}, 'VALIDATION_ERROR: Property "colour" does not exist'),
        ("hubspot", {"email": "not an address"}, "VALIDATION_ERROR: Email address not an address is invalid"),
        ("salesforce", {"Colour__c": "red"}, "INVALID_FIELD: No such column 'Colour__c' on sobject of type Lead"),
        ("salesforce", {"Company": ""}, "REQUIRED_FIELD_MISSING in Company: "),
        ("salesforce", {"LastName": "x" * 81}, "STRING_TOO_LONG in LastName: LastName: data value too large"),
    ],
)
async def test_what_the_crm_refuses_is_told_with_its_field(name, change, said, http):
    server, make = SERVERS[name]
    async with server() as crm:
        client = make(crm, http)
        fields = {**client.config.fields, **change}
        with pytest.raises(CrmRefused) as refused:
            await make(crm, http, fields=fields).send(LEAD, TOLD)
        assert said in str(refused.value)
        assert crm.created == 0


@pytest.mark.parametrize("name", ["zoho", "salesforce"])
async def test_a_token_that_is_refused_is_replaced_once(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        client = make(crm, http)
        await client.send(LEAD, TOLD)
        crm.revoked.add("at-1")
        await client.send(LEAD, TOLD)
        assert crm.tokens == 2
        crm.revoked |= {f"at-{n}" for n in range(10)}
        with pytest.raises(CrmUnavailable, match="a new access token was refused too: HTTP 401"):
            await client.send(LEAD, TOLD)
        assert crm.tokens == 3, "once, and not in circles"


async def test_salesforce_is_signed_in_to_with_a_refresh_token_too(http):
    async with FakeSalesforce() as crm:
        await salesforce(crm, http, refresh_token=Secret("rt-1")).send(LEAD, TOLD)
        assert crm.seen[0]["body"]["grant_type"] == "refresh_token"
        assert "Authorization" not in crm.seen[0]["headers"]


@pytest.mark.parametrize("name", SERVERS)
async def test_bad_credentials_are_no_fault_of_a_lead(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        client = make(crm, http)
        bad = attrs.evolve(client.config, **{"token" if name == "hubspot" else "client_secret": Secret("wrong")})
        if name == "zoho":
            bad = attrs.evolve(bad, refresh_token=Secret("wrong"))
        wrong = attrs.evolve(client, config=bad)
        with pytest.raises(CrmUnavailable, match="check"):
            await wrong.send(LEAD, TOLD)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "7", 7.0), (503, "Thu, 01 Jan 2026 00:02:00 GMT", 120.0), (500, "", None), (502, "soon", None)],
)
@pytest.mark.parametrize("name", SERVERS)
async def test_what_only_time_can_mend_says_when_to_come_again(name, status, header, seconds, http):
    server, make = SERVERS[name]
    async with server() as crm:
        crm.always(Status(status, retry_after=header))
        with pytest.raises(CrmUnavailable) as later:
            await make(crm, http).send(LEAD, TOLD)
        assert later.value.retry_after == seconds


async def test_a_redirect_gets_no_credentials(http):
    async with FakeHubSpot() as crm, FakeHubSpot() as other:
        crm.answer = None

        async def elsewhere(request):
            from aiohttp import web

            raise web.HTTPTemporaryRedirect(f"{other.host}/crm/v3/objects/contacts")

        crm.take = elsewhere
        await crm.refuse_connections()
        await crm.accept_connections()
        with pytest.raises(CrmRefused, match="307"):
            await hubspot(crm, http).send(LEAD, TOLD)
        assert other.seen == []


async def test_a_search_text_can_not_change_the_question(http):
    async with FakeSalesforce() as crm:
        sly = attrs.evolve(LEAD, email="o'neil\\@example.com", phone="")
        told = {**TOLD, "email": sly.email}
        client = salesforce(crm, http, external_id="")
        await client.send(sly, told)
        assert await client.send(sly, told)
        assert crm.created == 1


@pytest.mark.parametrize("name", SERVERS)
async def test_nothing_secret_is_in_an_error(name, http):
    server, make = SERVERS[name]
    async with server() as crm:
        await crm.refuse_connections()
        with pytest.raises(CrmUnavailable) as error:
            await make(crm, http).send(LEAD, TOLD)
        for secret in ("csec", "rt-1", "pat-1", "Y2s6Y3M"):
            assert secret not in str(error.value)
