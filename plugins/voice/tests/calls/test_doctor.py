"""Calls in `hookline doctor`."""

from __future__ import annotations

import aiohttp

from hookline.examination import Examination, ask
from hookline.testing.loopback import Status
from hookline_voice import callexamine

CUSTOMER = "+919800000001"
PUBLIC = "https://bank.example"


async def test_the_doctor_says_what_to_paste_and_sets_it_where_asked(line):
    async def examined(**options):
        async with aiohttp.ClientSession() as http:
            about = Examination(
                "acme",
                "voice",
                line.tenant.config,
                line.tenant.settings,
                line.tenant.folder,
                line.tenant.data,
                http,
                **options,
            )
            return [(one.weight, one.text) for one in await ask(callexamine.examine, about)]

    url = f"{PUBLIC}/t/acme/voice/calls/answer"
    found = await examined()
    assert (
        "error",
        "plugins.voice.calls.flow is 'shop', and there is no flows/shop.yaml; write it, or correct the name",
    ) in found
    assert any(weight == "note" and url in text for weight, text in found)
    found = await examined(online=True)
    assert any("come to nowhere" in text and "--set" in text for _, text in found), found
    assert ("ok", f"{line.twilio.number}: set to {url}") in await examined(online=True, change=True)
    assert line.twilio.addresses["VoiceUrl"] == url
    assert ("ok", f"{line.twilio.number}: calls come to {url}") in await examined(online=True)
    line.twilio.fail(Status(401))
    assert any(weight == "error" and "401" in text for weight, text in await examined(online=True))
