"""The backend `twilio`: codes by SMS, by WhatsApp, and in a call that says them twice.

Source: the published description api_v2010 (Messages, Calls).  WhatsApp takes a code outside of a conversation only as an approved
template of the category authentication (`whatsapp_template_sid`, its one variable being the code).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .twilioclient import client_of, done

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .sending import Letter


async def send(tenant: Tenant, letter: Letter) -> None:
    """Have it sent, or the customer called."""
    config = tenant.config.twilio
    client = await client_of(tenant, config)
    if letter.way == "voice":
        await done(client.calls.create_async(to=letter.address, from_=config.voice_from, twiml=spoken(letter)))
        return
    told: dict[str, Any] = {"to": letter.address, "body": letter.text}
    if letter.way == "whatsapp":
        told["to"] = f"whatsapp:{letter.address}"
        told["from_"] = f"whatsapp:{config.whatsapp_from.removeprefix('whatsapp:')}"
        if config.whatsapp_template_sid:
            del told["body"]
            told |= {"content_sid": config.whatsapp_template_sid, "content_variables": json.dumps({"1": letter.code})}
    elif config.messaging_service_sid:
        told["messaging_service_sid"] = config.messaging_service_sid
    else:
        told["from_"] = config.sms_from
    await done(client.messages.create_async(**told))


def spoken(letter: Letter) -> str:
    """TwiML that says it twice; the figures are apart, so that they are not read as a number."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    for _ in range(2):
        response.say(letter.text, language=_VOICES.get(letter.language.partition("-")[0], "en-IN"), loop=1)
        response.pause(length=1)
    return str(response)


_VOICES = {
    "en": "en-IN", "hi": "hi-IN", "fr": "fr-FR", "ta": "ta-IN", "te": "te-IN", "gu": "gu-IN", "kn": "kn-IN", "mr": "mr-IN",
}  # fmt: skip
