"""Twilio's own client for calls, kept over reloads of the config and closed with the tenant."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING, Any

import aiohttp

from hookline.errors import HooklineError, PluginError
from hookline.tenant import ResourceKey

if TYPE_CHECKING:
    from twilio.rest import Client

    from hookline.tenant import Tenant

    from .callsconfig import Account

_SECONDS = 20.0
_TOO_MANY, _THEIR_FAULT = 429, 500
_QUIET = logging.getLogger("hookline.voice.twilio")
_QUIET.disabled = True  # the client logs what it sends, with numbers


class CallRefused(HooklineError):
    """Twilio refuses for good; the text has its code."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class CallDelayed(HooklineError):
    """Twilio can't now: try again.  `declined`: it has said so, and certainly done nothing."""

    def __init__(self, message: str, *, declined: bool = False) -> None:
        super().__init__(message)
        self.declined = declined


class Pool:
    """The client of one account."""

    def __init__(self, account: Account) -> None:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        self._http = AsyncTwilioHttpClient(timeout=_SECONDS, logger=_QUIET)
        self.client: Client = Client(account.account_sid, account.auth_token.value, http_client=self._http)
        self.client.api.base_url = account.url

    async def close(self) -> None:
        """Hang up."""
        session = self._http.session
        if session is not None:
            await session.close()


def _load() -> None:
    try:
        import twilio.http.async_http_client
        import twilio.rest.api.v2010.account.call  # noqa: F401  which takes a second
    except ImportError:
        raise PluginError("calls need Twilio's library: pip install 'hookline-voice[twilio]'") from None


async def client_of(tenant: Tenant) -> Client:
    """The account's client; raises `CallRefused` where the account is not set."""
    account: Account = tenant.config.calls.twilio
    if not account.account_sid or not account.auth_token:
        raise CallRefused("plugins.voice.calls.twilio.account_sid and auth_token are not set: no call can be placed")

    async def make() -> Pool:
        await asyncio.to_thread(_load)
        return Pool(account)

    secret = hashlib.sha256(account.auth_token.value.encode()).hexdigest()[:12]
    key = ResourceKey[Pool](f"calls:{account.account_sid}:{secret}:{account.url}")
    return (await tenant.keep(key, make)).client


async def told(work: Any) -> Any:
    """What Twilio answers; raises `CallRefused` and `CallDelayed`."""
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return await work
    except TwilioRestException as error:
        cause = f"Twilio answers {error.status}, code {error.code}: {error.msg}"
        raise _refusal(error.status, cause, error.code or 0) from error
    except TwilioException as error:  # as of a list: the status is in the response that it comes with
        status = next((one.status_code for one in error.args if hasattr(one, "status_code")), 0)
        if not status:
            raise CallDelayed(f"Twilio is out of reach: {error}") from error
        raise _refusal(status, f"Twilio answers {status}: {error.args[0]}", 0) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CallDelayed(f"Twilio is out of reach: {type(error).__name__}: {error}") from error


def _refusal(status: int, cause: str, code: int) -> HooklineError:
    if status == _TOO_MANY or status >= _THEIR_FAULT:
        return CallDelayed(cause, declined=status == _TOO_MANY)
    return CallRefused(cause, code)
