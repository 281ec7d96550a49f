"""Twilio's own client, one an account, and what its failures mean; neither code nor number is in their words."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from hookline.errors import GiveUp, PluginError, ServiceUnavailable
from hookline.tenant import ResourceKey

if TYPE_CHECKING:
    from twilio.rest import Client

    from hookline.tenant import Tenant

    from .config import Twilio, TwilioVerify

T = TypeVar("T")
_MODULES = (
    "twilio.http.async_http_client",
    "twilio.rest.api.v2010.account.message",
    "twilio.rest.api.v2010.account.call",
    "twilio.rest.verify.v2.service.verification",
    "twilio.rest.verify.v2.service.verification_check",
)
_SECONDS = 20.0
_QUIET = logging.getLogger("hookline.identity.twilio")
_QUIET.disabled = True  # the client logs what it asks for, with numbers


class Refused(GiveUp):
    """Twilio refuses it; `status` is HTTP's, `code` Twilio's own."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"Twilio answered {status} (code {code}: https://www.twilio.com/docs/errors/{code})")
        self.status = status
        self.code = code


class Busy(ServiceUnavailable):
    """Twilio has had too many requests (429); `code` is its own, of what there were too many."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio answered 429 (code {code}: https://www.twilio.com/docs/errors/{code})")
        self.code = code


class _Pool:
    """The client of one account, kept over reloads, closed with the tenant."""

    def __init__(self, config: Twilio | TwilioVerify) -> None:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        self._http = AsyncTwilioHttpClient(timeout=_SECONDS, logger=_QUIET)
        self.client: Client = Client(config.account_sid, config.auth_token.value, http_client=self._http)
        self.client.api.base_url = config.url
        self.client.verify.base_url = config.url

    async def close(self) -> None:
        """Hang up."""
        session = self._http.session
        if session is not None:
            await session.close()


async def client_of(tenant: Tenant, config: Twilio | TwilioVerify) -> Client:
    """The client of the account; raises `PluginError` where Twilio's package is not installed."""

    async def make() -> _Pool:
        await asyncio.to_thread(load)
        return _Pool(config)

    key = f"twilio:{config.account_sid}:{config.url}"
    return (await tenant.keep(ResourceKey[_Pool](key), make)).client


def load() -> None:
    """Import the client, which takes a second."""
    try:
        for name in _MODULES:
            importlib.import_module(name)
    except ImportError:
        raise PluginError(
            "plugin 'identity': the backends twilio and twilio_verify need Twilio's client: "
            "pip install 'hookline-identity[twilio]'"
        ) from None


async def done(work: Awaitable[T]) -> T:
    """Await a call of the client; raises `Refused`, and `ServiceUnavailable` (429: `Busy`)."""
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return await work
    except TwilioRestException as error:
        if error.status == 429:
            raise Busy(int(error.code or 0)) from None
        if error.status >= 500:
            raise ServiceUnavailable(f"Twilio answered {error.status}") from None
        raise Refused(error.status, int(error.code or 0)) from None
    except (TwilioException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ServiceUnavailable(f"Twilio does not answer: {type(error).__name__}") from None
