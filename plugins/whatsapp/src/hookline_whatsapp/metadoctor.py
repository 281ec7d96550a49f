"""Meta: the token and its rights, the app's secret and webhook, the numbers and what their account is subscribed to.

Source: the Graph API's pages on debug_token and on an app's subscriptions; the published description business-messaging-api (v23.0) for
phone numbers and subscribed_apps.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import metatemplates
from .doctoring import Answer, ask, is_ours, webhook
from .reading import at, objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from hookline.examination import Examination, Finding

    from .config import Number

_SEND, _MANAGE = "whatsapp_business_messaging", "whatsapp_business_management"
_SOON = 7 * 86400.0
_FIELDS = "display_phone_number,verified_name,quality_rating,status,webhook_configuration"
_OBJECT = "whatsapp_business_account"
_FIELD = "messages"


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """Ask Meta about each thing, and set the webhook where that is wanted."""
    asking = _Asking(about)
    told = await asking.get("debug_token", {"input_token": about.config.meta.access_token.value})
    data = at(told.body, "data")
    if not told.ok or at(data, "is_valid") is not True:
        said = text_at(data, "error", "message") or _said(told)
        yield about.error(f"meta.access_token is not good: {said}; make a new one: Business settings, System users")
        return
    for finding in _token(about, data):
        yield finding
    app = text_at(data, "app_id")
    secret = f"{app}|{about.config.meta.app_secret.value}"
    subscribed = await asking.get(f"{app}/subscriptions", {}, secret)
    if not subscribed.ok:
        yield about.error(
            f"meta.app_secret is not the secret of the app {app} that the token is of ({_said(subscribed)}): Meta's webhooks would all be "
            "refused as forged; copy it from App settings, Basic"
        )
    else:
        yield about.ok(f"meta.app_secret is that of the app {app}")
        async for finding in _webhook(asking, app, secret, subscribed):
            yield finding
    for name, number in about.config.numbers.items():
        async for finding in _number(asking, name, number):
            yield finding
    granted = [one for one in objects_at(data, "granular_scopes") if text_at(one, "scope") == _MANAGE]
    accounts = list(dict.fromkeys(str(one) for scope in granted for one in (at(scope, "target_ids") or ())))
    if mine := about.config.meta.account:
        if accounts and mine not in accounts:
            yield about.error(
                f"meta.account: {mine} is none of the accounts that meta.access_token reaches ({', '.join(accounts)}); copy the "
                "WhatsApp Business Account ID from WhatsApp, API setup, or give the system user that account"
            )
        else:
            accounts = [mine]
    elif not accounts and granted:
        yield about.warning(
            "meta.access_token does not say which WhatsApp accounts it reaches: with meta.account, the WhatsApp Business Account "
            "ID from WhatsApp, API setup, its webhooks and templates can be looked at"
        )
    async for finding in _accounts(asking, app, accounts):
        yield finding
    if about.config.window.template:
        async for finding in metatemplates.examine(asking, accounts):
            yield finding


class _Asking:
    """Asks the Graph API with the tenant's token, or another."""

    def __init__(self, about: Examination) -> None:
        self.about = about
        self.base = f"{about.config.meta.url}/{about.config.meta.version}"

    async def get(self, path: str, query: Mapping[str, str], token: str = "") -> Answer:
        return await ask(self.about, "GET", f"{self.base}/{path}", params=dict(query), headers=self._headers(token))

    async def post(self, path: str, form: Mapping[str, str], token: str = "") -> Answer:
        return await ask(self.about, "POST", f"{self.base}/{path}", data=dict(form), headers=self._headers(token))

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.about.config.meta.access_token.value}"}


def _said(answer: Answer) -> str:
    code = text_at(answer.body, "error", "code")
    return f"Meta answers {answer.status}{f', code {code}' if code else ''}: {text_at(answer.body, 'error', 'message')[:200]}"


def _token(about: Examination, data: object) -> list[Finding]:
    found = []
    scopes = at(data, "scopes")
    scopes = scopes if isinstance(scopes, list) else []
    if _SEND not in scopes:
        found.append(
            about.error(f"meta.access_token may not send: it lacks {_SEND}; generate it anew with that permission")
        )
    if _MANAGE not in scopes:
        found.append(
            about.warning(f"meta.access_token lacks {_MANAGE}: the account's subscription can't be looked at or set")
        )
    ends = at(data, "expires_at")
    if isinstance(ends, int) and ends:
        left = ends - time.time()
        text = (
            f"meta.access_token ends in {max(0, round(left / 3600))} hours; a system user's token can be made to last"
        )
        found.append(about.error(text) if left <= 0 else about.warning(text) if left < _SOON else about.ok(text))
    return found or [about.ok("meta.access_token is good, and does not end")]


async def _webhook(asking: _Asking, app: str, secret: str, subscribed: Answer) -> AsyncIterator[Finding]:
    about = asking.about
    url, wrong = webhook(about), ""
    ours = next((one for one in objects_at(subscribed.body, "data") if text_at(one, "object") == _OBJECT), None)
    if ours is None:
        wrong = f"the app {app} has no webhook for WhatsApp"
    elif not is_ours(about, text_at(ours, "callback_url")):
        wrong = f"the app {app} has another webhook: {text_at(ours, 'callback_url')[:200]}"
    elif at(ours, "active") is False:
        wrong = f"the webhook of the app {app} is not active"
    elif _FIELD not in [text_at(one, "name") for one in objects_at(ours, "fields")]:
        wrong = f"the webhook of the app {app} is not subscribed to the field messages"
    if not wrong:
        yield about.ok(f"the app's webhook is {text_at(ours, 'callback_url')}, subscribed to messages")
        return
    if not about.change or not about.settings.public_url:
        yield about.error(f"{wrong}; hookline doctor whatsapp --set sets it to {url or 'public_url'}")
        return
    form = {
        "object": _OBJECT, "callback_url": url, "fields": _FIELD, "include_values": "true",
        "verify_token": about.config.meta.verify_token.value,
    }  # fmt: skip
    done = await asking.post(f"{app}/subscriptions", form, secret)
    if done.ok and at(done.body, "success") is True:
        yield about.ok(f"{wrong}: now it is {url}, subscribed to messages")
    else:
        yield about.error(
            f"{wrong}, and could not be set ({_said(done)}); Meta asks the address for its token: the server has to run"
        )


async def _number(asking: _Asking, name: str, number: Number) -> AsyncIterator[Finding]:
    about = asking.about
    told = await asking.get(number.id, {"fields": _FIELDS})
    what = f"number {name} ({number.id})"
    if not told.ok:
        yield about.error(
            f"{what}: the token can't see it ({_said(told)}); `id` is the phone number id, not the number itself, and the system user "
            "needs its account as an asset"
        )
        return
    shown = text_at(told.body, "display_phone_number")
    digits = "".join(letter for letter in shown if letter.isdigit())
    if number.phone and digits and digits != number.phone.removeprefix("+"):
        yield about.error(f"{what}: its phone is +{digits} at Meta, and {number.phone} here: correct one of the two")
    state = text_at(told.body, "status")
    if state and state != "CONNECTED":
        yield about.error(
            f"{what}: its status is {state}, so it neither sends nor gets messages: register it in WhatsApp Manager"
        )
    else:
        named = text_at(told.body, "verified_name")
        yield about.ok(f"{what}: {shown} {named}".rstrip())
    if text_at(told.body, "quality_rating") == "RED":
        yield about.warning(f"{what}: its quality is rated low; Meta will let it send less")
    for level in ("phone_number", _OBJECT):
        other = text_at(told.body, "webhook_configuration", level)
        if other and not is_ours(about, other):
            yield about.error(
                f"{what}: an override sends its webhooks to {other[:200]} instead; remove the override (of {level})"
            )


async def _accounts(asking: _Asking, app: str, accounts: Sequence[str]) -> AsyncIterator[Finding]:
    """Whether the accounts that the token reaches send their webhooks to the app."""
    about = asking.about
    for account in accounts:
        told = await asking.get(f"{account}/subscribed_apps", {})
        if not told.ok:
            yield about.warning(f"WhatsApp account {account}: its subscription can't be looked at ({_said(told)})")
            continue
        apps = [text_at(one, "whatsapp_business_api_data", "id") for one in objects_at(told.body, "data")]
        if app in apps:
            yield about.ok(f"WhatsApp account {account} sends its webhooks to the app {app}")
        elif about.change:
            done = await asking.post(f"{account}/subscribed_apps", {})
            if done.ok and at(done.body, "success") is True:
                yield about.ok(f"WhatsApp account {account} did not send its webhooks to the app {app}: now it does")
            else:
                yield about.error(
                    f"WhatsApp account {account} could not be subscribed to the app {app} ({_said(done)})"
                )
        else:
            yield about.error(
                f"WhatsApp account {account} does not send its webhooks to the app {app}; hookline doctor whatsapp --set subscribes it"
            )
