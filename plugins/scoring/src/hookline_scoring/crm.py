"""What the clients of all CRMs have in common: one HTTP call, what its failures mean, and access tokens."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import attrs
import msgspec

from hookline.errors import HooklineError

if TYPE_CHECKING:
    from hookline.clock import Clock

    from .lead import Lead

_LONGEST_WAIT = 86400.0
_CAUSE = 500
_EARLY = 60.0  # seconds before its end that a token is not used any more


class CrmError(HooklineError):
    """The CRM did not take a lead."""


class CrmUnavailable(CrmError):
    """Not now: it is down, slow, limits the rate, or refuses our credentials; `retry_after` in seconds, if it said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CrmRefused(CrmError):
    """Never in this form: a field is wrong or missing.  The text is the CRM's cause; sending it again won't help."""


class Unauthorized(CrmError):
    """The access token is not good any more; a new one may be."""


@attrs.frozen
class Answer:
    """What a CRM said; `body` is its JSON, or None."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def good(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def cause(self) -> str:
        """Status and text, for people."""
        return f"HTTP {self.status}: {self.text[:_CAUSE]}"


class Crm(Protocol):
    """One CRM, as the router sees it."""

    name: str

    async def send(self, lead: Lead, told: Mapping[str, Any]) -> str:
        """Make or update the lead's record, safe to repeat; the record's id.

        `told` are the values for the mapping.  Raises `CrmUnavailable` or `CrmRefused`.
        """

    async def erased(self, ident: str, crm_id: str) -> None:
        """Tell the people who work in the CRM that the lead's data was erased here and must be there too."""


@attrs.define(eq=False)
class Http:
    """HTTP to a CRM: redirects are not followed, because credentials go to their own host only."""

    session: aiohttp.ClientSession
    clock: Clock
    timeout: float

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make the call.  What only time can mend raises `CrmUnavailable`; 401 raises `Unauthorized`."""
        told = dict(headers or {})
        data: Any = form
        if json is not None:
            body = msgspec.json.encode(json)
        if body is not None:
            data = body
            told.setdefault("Content-Type", "application/json")
        try:
            async with self.session.request(
                method,
                url,
                headers=told,
                data=data,
                params=query,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self.timeout),
            ) as response:
                text = (await response.content.read(1_000_000)).decode(errors="replace")
                answer = Answer(response.status, _json(text), response.headers, text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            said = str(error) or type(error).__name__
            raise CrmUnavailable(f"no answer: {said[:_CAUSE]}") from error
        if answer.status == 401:
            raise Unauthorized(answer.cause())
        if answer.status in (408, 425, 429) or answer.status >= 500:
            raise CrmUnavailable(answer.cause(), self._retry_after(answer.headers.get("Retry-After", "")))
        return answer

    def _retry_after(self, text: str) -> float | None:
        """Seconds, or a date (RFC 9110, 10.2.3)."""
        if not text.strip():
            return None
        try:
            seconds = float(text)
        except ValueError:
            try:
                seconds = email.utils.parsedate_to_datetime(text).timestamp() - self.clock.now()
            except ValueError:
                return None
        return min(_LONGEST_WAIT, max(0.0, seconds))


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return None


@attrs.define(eq=False)
class Tokens:
    """The access tokens of a tenant's CRM; fetched when one is needed, by one who asks for all who wait."""

    token: str = ""
    good_until: float = 0.0
    lock: asyncio.Lock = attrs.Factory(asyncio.Lock)

    async def get(self, now: float, fetch: Callable[[], Awaitable[tuple[str, float]]], *, not_this: str = "") -> str:
        """A token that is good, and is not the one that was just refused.  `fetch` gives one and its seconds."""
        async with self.lock:
            if not self.token or now >= self.good_until or self.token == not_this:
                self.token, seconds = await fetch()
                self.good_until = now + max(0.0, seconds - _EARLY)
            return self.token


def token_of(answer: Answer, seconds: float) -> tuple[str, float]:
    """The token in an OAuth answer (RFC 6749, 5.1); Zoho says its errors with a 200.  Raises `CrmUnavailable`.

    Refused credentials are no fault of a lead: it waits until somebody has set them right.
    """
    body = answer.body if isinstance(answer.body, Mapping) else {}
    token = body.get("access_token")
    if not answer.good or not isinstance(token, str) or not token:
        said = body.get("error_description") or body.get("error") or f"HTTP {answer.status}"
        raise CrmUnavailable(f"no access token: {str(said)[:_CAUSE]}; check the credentials")
    given = body.get("expires_in")
    return token, float(given) if isinstance(given, int | float) else seconds


@attrs.define(eq=False)
class Authorized:
    """Calls with an access token; one that was refused is replaced, once."""

    http: Http
    tokens: Tokens
    scheme: str
    fetch: Callable[[], Awaitable[tuple[str, float]]]

    async def call(self, method: str, url: str, **more: Any) -> Answer:
        """As `Http.call`; a second 401 in a row is `CrmUnavailable`."""
        refused = ""
        for attempt in (1, 2):
            token = await self.tokens.get(self.http.clock.now(), self._fetched, not_this=refused)
            try:
                return await self.http.call(method, url, headers={"Authorization": f"{self.scheme} {token}"}, **more)
            except Unauthorized as error:
                refused = token
                if attempt == 2:
                    raise CrmUnavailable(f"a new access token was refused too: {error}") from error
        raise AssertionError  # the loop returns or raises

    async def _fetched(self) -> tuple[str, float]:
        try:
            return await self.fetch()
        except Unauthorized as error:
            raise CrmUnavailable(f"no access token: {error}; check the credentials") from error
