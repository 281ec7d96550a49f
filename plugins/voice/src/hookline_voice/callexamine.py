"""Calls in `hookline doctor voice`: the account, the numbers, and whether Twilio knows our addresses; `--set` tells it."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookline.examination import Examination, Finding

    from .callsconfig import Calls

_KEY = "plugins.voice.calls"


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """What calls lack, and what to paste where."""
    config: Calls = about.config.calls
    if not (config.flow or config.numbers or config.twilio.account_sid):
        return
    if importlib.util.find_spec("twilio") is None:
        yield about.error("calls need Twilio's library: pip install 'hookline-voice[twilio]'")
    if config.flow and not (about.folder / "flows" / f"{config.flow}.yaml").is_file():
        yield about.error(
            f"{_KEY}.flow is {config.flow!r}, and there is no flows/{config.flow}.yaml; write it, or correct the name"
        )
    if not config.numbers:
        yield about.note(
            f"{_KEY}.numbers is empty: a call to any number of the account is taken, and none can be placed"
        )
    if config.transfer.kind == "enqueue" and not config.transfer.workflow_sid:
        yield about.warning(
            f"{_KEY}.transfer.workflow_sid is not set: calls wait in a queue of their own, and no worker is offered them"
        )
    lacking = [name for name in ("account_sid", "auth_token") if not getattr(config.twilio, name)]
    if lacking:
        yield about.warning(
            f"{', '.join(f'{_KEY}.twilio.{name}' for name in lacking)} not set: every address of calls answers 503"
        )
        return
    base = about.settings.public_url.rstrip("/")
    if not base:
        yield about.error(
            "public_url is not set: Twilio can't reach this server, and no signature fits; a tunnel gives you one"
        )
        return
    if not base.startswith("https://"):
        yield about.warning(
            f"public_url is {base}: Twilio signs and calls what it is given, and callers' words go over it in the clear; use https"
        )
    answer, status = (f"{base}/t/{quote(about.tenant)}/voice/calls/{name}" for name in ("answer", "status"))
    yield about.note(
        f"paste into each number's Voice configuration: A call comes in: Webhook {answer} (POST); Call status changes: {status}"
    )
    if about.online:
        async for finding in _asked(about, config, answer, status):
            yield finding


async def _asked(about: Examination, config: Calls, answer: str, status: str) -> AsyncIterator[Finding]:
    account = f"{config.twilio.url}/2010-04-01/Accounts/{config.twilio.account_sid}"
    code, told = await _request(about, "GET", f"{account}.json")
    if code != 200:
        yield about.error(
            f"Twilio answers {code or 'nothing'} to the account: {told.get('message', 'check account_sid and auth_token')}"
        )
        return
    if told.get("status") != "active":
        yield about.error(f"the account is {told.get('status')}: no call comes through")
    for number in config.numbers:
        code, told = await _request(about, "GET", f"{account}/IncomingPhoneNumbers.json?PhoneNumber={quote(number)}")
        found = next(iter(told.get("incoming_phone_numbers", ())), None)
        if found is None:
            yield about.error(f"{number} is none of the account's numbers; correct {_KEY}.numbers")
        elif not found.get("capabilities", {}).get("voice", True):
            yield about.error(f"{number} can't carry calls; take a number with Voice")
        elif found.get("voice_url") == answer and found.get("status_callback") == status:
            yield about.ok(f"{number}: calls come to {answer}")
        elif not about.change:
            yield about.warning(
                f"{number}: calls come to {found.get('voice_url') or 'nowhere'}; `hookline doctor voice --set` changes that"
            )
        else:
            wanted = {
                "VoiceUrl": answer,
                "VoiceMethod": "POST",
                "StatusCallback": status,
                "StatusCallbackMethod": "POST",
            }
            code, told = await _request(about, "POST", f"{account}/IncomingPhoneNumbers/{found['sid']}.json", wanted)
            good = code == 200
            yield (
                about.ok(f"{number}: set to {answer}")
                if good
                else about.error(f"{number}: Twilio answers {code}: {told.get('message', '')}")
            )


async def _request(
    about: Examination, method: str, url: str, form: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    twilio = about.config.calls.twilio
    headers = {"Authorization": aiohttp.encode_basic_auth(twilio.account_sid, twilio.auth_token.value)}
    try:
        async with about.http.request(method, url, data=form, headers=headers) as response:
            found = await response.json(content_type=None)
            return response.status, found if isinstance(found, dict) else {}
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return 0, {"message": f"{type(error).__name__}: {error}"}
