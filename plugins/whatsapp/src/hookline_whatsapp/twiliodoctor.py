"""Twilio: the account and its token, the WhatsApp senders and their webhooks.

Source: the published description api_v2010 (Account); Twilio's page on the Senders API, v2/Channels/Senders.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .doctoring import Answer, ask, is_ours, webhook
from .reading import at, objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookline.examination import Examination, Finding

_SANDBOX = "+14155238886"


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """Ask Twilio about the account and each sender, and set their webhooks where that is wanted."""
    config = about.config.twilio
    told = await _ask(about, "GET", f"{config.url}/2010-04-01/Accounts/{config.account_sid}.json")
    if told.status in (401, 403, 404):
        yield about.error(
            f"twilio.account_sid and twilio.auth_token are not good together ({_said(told)}): copy both from the Console's Account Info; "
            "the token is the account's own, as API keys sign no webhooks"
        )
        return
    state = text_at(told.body, "status")
    if not told.ok or state != "active":
        yield about.error(f"the Twilio account is {state or 'not to be seen'} ({_said(told)}); the Console says why")
        return
    yield about.ok("twilio.account_sid and twilio.auth_token are good, and the account is active")
    if text_at(told.body, "type") == "Trial":
        yield about.warning("the Twilio account is a trial: it writes to numbers verified in the Console alone")
    listed = await _ask(about, "GET", f"{config.messaging_url}/v2/Channels/Senders", params={"Channel": "whatsapp"})
    if not listed.ok:
        yield about.warning(f"the WhatsApp senders can't be looked at ({_said(listed)}): look in the Console")
        return
    senders = {text_at(one, "sender_id").removeprefix("whatsapp:"): one for one in objects_at(listed.body, "senders")}
    for name, number in about.config.numbers.items():
        phone = number.phone or number.id
        if phone == _SANDBOX:
            yield about.note(f"number {name}: {phone} is the sandbox, whose webhook is set in the Console alone")
        elif phone not in senders:
            known = ", ".join(senders) or "none"
            yield about.error(f"number {name}: {phone} is no WhatsApp sender of this account; there are: {known}")
        else:
            async for finding in _sender(about, name, senders[phone]):
                yield finding


async def _sender(about: Examination, name: str, sender: dict[str, Any]) -> AsyncIterator[Finding]:
    phone, state = text_at(sender, "sender_id").removeprefix("whatsapp:"), text_at(sender, "status")
    if state and not state.startswith("ONLINE"):
        yield about.error(f"number {name}: the sender {phone} is {state}, so it neither sends nor gets messages")
    here, url = text_at(sender, "webhook", "callback_url"), webhook(about)
    method = text_at(sender, "webhook", "callback_method") or "POST"
    wrong = ""
    if not is_ours(about, here):
        wrong = f"number {name}: the webhook of {phone} is {here[:200] or 'not set'}"
    elif method.upper() != "POST":
        wrong = f"number {name}: the webhook of {phone} is called by {method}, not POST"
    if not wrong:
        yield about.ok(f"number {name}: the webhook of {phone} is {here}")
        return
    if not about.change or not about.settings.public_url:
        yield about.error(f"{wrong}; hookline doctor whatsapp --set sets it to {url}")
        return
    told = {
        "webhook": {
            "callback_url": url,
            "callback_method": "POST",
            "status_callback_url": url,
            "status_callback_method": "POST",
        }
    }
    done = await _ask(
        about, "POST", f"{about.config.twilio.messaging_url}/v2/Channels/Senders/{text_at(sender, 'sid')}", json=told
    )
    if done.ok:
        yield about.ok(f"{wrong}: now it is {url}")
    else:
        yield about.error(f"{wrong}, and could not be set ({_said(done)})")


async def _ask(about: Examination, method: str, url: str, **options: Any) -> Answer:
    config = about.config.twilio
    pair = base64.b64encode(f"{config.account_sid}:{config.auth_token.value}".encode()).decode()
    return await ask(about, method, url, headers={"Authorization": f"Basic {pair}"}, **options)


def _said(answer: Answer) -> str:
    code = text_at(answer.body, "code")
    said = text_at(answer.body, "message")[:200] if at(answer.body, "message") else "no reason given"
    return f"Twilio answers {answer.status}{f', code {code}' if code else ''}: {said}"
