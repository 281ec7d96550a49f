"""Fetching what somebody else names (a web page, a webhook, a medium) without being led inside one's own network.

- Every address is checked after it was resolved, and the connection goes to the address that was checked: there is no
  second resolution that could answer otherwise.  Each redirect starts again at the first check.
- Only public addresses; others when they are allowed by name or network (`Allowed`).  No proxy of the environment.
- Credentials go to the origin that they were given for, never on with a redirect.  No cookies are kept or sent.
- What comes is limited in bytes (after decompression), in time (as a whole, resolution included) and in redirects.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Mapping
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

import aiohttp
import attrs
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from .addresses import Address, Allowed, is_public, literal, looks_numeric
from .errors import HooklineError

_REDIRECTS = frozenset([301, 302, 303, 307, 308])
_CHUNK = 65_536
_USER_AGENT = f"hookline/{version('hookline')}"


class FetchError(HooklineError):
    """Something could not be fetched: `url` (without query and credentials), `reason`, and the `remedy`."""

    code = "fetch_error"

    def __init__(self, url: str, reason: str, remedy: str) -> None:
        super().__init__(url, reason, remedy)
        self.url = url
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}; {self.remedy}"


class BadUrl(FetchError):
    """The text is no http or https URL that can be fetched."""

    code = "bad_url"


class AddressRefused(FetchError):
    """The host is, or resolves to, an address that is not public and not allowed."""

    code = "address_refused"


class Unreachable(FetchError):
    """The name is not known, nobody answers, or what answers speaks no HTTP."""

    code = "unreachable"


class FetchTimeout(FetchError):
    """It took longer than the limit."""

    code = "timeout"


class BodyTooLarge(FetchError):
    """The answer has more bytes than the limit."""

    code = "too_large"


class WrongType(FetchError):
    """The answer is of a content type that was not asked for."""

    code = "wrong_type"


class TooManyRedirects(FetchError):
    """There were more redirects than the limit, or they go in a circle."""

    code = "too_many_redirects"


@attrs.frozen
class Limits:
    """How much one fetch may take: `bytes` of the body as read, `seconds` for all of it, `redirects`."""

    bytes: int = 10 * 2**20
    seconds: float = 20.0
    redirects: int = 5


@attrs.frozen
class Fetched:
    """An answer, whatever its status: `url` is where it came from in the end, `redirects` what was passed before.

    `headers` are looked up in any case; `type` is the content type in small letters without parameters, "" where none was said; `charset` likewise.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    type: str = ""
    charset: str = ""
    redirects: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is a body to use."""
        return 200 <= self.status < 300


def shown(url: URL | str) -> str:
    """A URL as it may stand in a log or report: without user, password, query and fragment."""
    try:
        one = URL(str(url))
        return str(one.with_user(None).with_query(None).with_fragment(None)) if one.absolute else str(one)[:200]
    except ValueError:
        return str(url)[:200]


def parse(url: URL | str) -> URL:
    """The URL, fit to be fetched.  Raises `BadUrl`."""
    told = shown(url)
    try:
        one = URL(str(url).strip())
        host, port = one.raw_host, one.port
    except ValueError as error:
        raise BadUrl(told, f"is no proper URL ({error})", "write it as https://host/path") from None
    if one.scheme not in ("http", "https") or not host:
        raise BadUrl(told, "is no web address", "write it as https://host/path")
    if one.user is not None or one.password is not None:
        raise BadUrl(told, "has a user name or password in it", "leave them out")
    if port not in (80, 443) and not (port or 0) >= 1024:
        raise BadUrl(told, f"names port {port}, which is no port of web servers", "use 80, 443 or one from 1024")
    return one.with_fragment(None)


class _CheckedResolver(AbstractResolver):
    """Resolves and checks: what it gives back is what is connected to."""

    def __init__(self, inner: AbstractResolver, fetcher: Fetcher) -> None:
        self._inner = inner
        self._fetcher = fetcher

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            self._fetcher.check(host, port, one["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


class Fetcher:
    """A pooled HTTP client for addresses that somebody else names.  Use it as an async context, or `close()` it.

    `resolver` is asked for the addresses of names; by default the system's.
    """

    def __init__(
        self,
        *,
        allowed: Allowed | None = None,
        limits: Limits | None = None,
        user_agent: str = _USER_AGENT,
        resolver: AbstractResolver | None = None,
        connections: int = 20,
    ) -> None:
        self.allowed = allowed or Allowed()
        self.limits = limits or Limits()
        self.user_agent = user_agent
        self._granted: set[str] = set()
        self._given = resolver
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def check(self, host: str, port: int, address: str) -> None:
        """Raise `AddressRefused` unless the host may be reached at this address."""
        found = literal(address.split("%", 1)[0])
        if found is None or not (is_public(found) or self._grants(host, port, found)):
            told = f"{host} is at {address}" if host.strip("[]") != address else address
            raise AddressRefused(
                f"{host}:{port}",
                f"{told}, which is no public address",
                "allow the host in the configuration if this is meant",
            )

    def _grants(self, host: str, port: int, address: Address) -> bool:
        if not self.allowed.covers(host, port, address):
            return False
        self._granted.add(str(address))
        return True

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The last door: whatever led here, a socket is made only for an address that passed."""
        family, kind, protocol, _, place = info
        address = literal(str(place[0]).split("%", 1)[0])
        if address is None or not (is_public(address) or str(address) in self._granted):
            raise AddressRefused(
                str(place[0]), "is no public address", "allow it in the configuration if this is meant"
            )
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections,
                resolver=_CheckedResolver(self._given or ThreadedResolver(), self),
                use_dns_cache=False,
                socket_factory=self._socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.user_agent},
                timeout=aiohttp.ClientTimeout(total=None),  # one deadline for all: see `request`
                trust_env=False,
            )
        return self._session

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        types: Collection[str] = (),
        limits: Limits | None = None,
    ) -> Fetched:
        """Fetch; see `request`."""
        return await self.request("GET", url, headers=headers, credentials=credentials, types=types, limits=limits)

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        types: Collection[str] = (),
        limits: Limits | None = None,
    ) -> Fetched:
        """Send a request and read the answer; redirects are followed for GET and HEAD alone.

        `credentials` are headers for the origin of `url` only.  `types` are the content types of a good answer
        ("text/html", "image/*"); an empty list takes any.  Raises a `FetchError`; an answer with an error's status is
        an answer.
        """
        bounds = limits or self.limits
        target = parse(url)
        try:
            async with asyncio.timeout(bounds.seconds):
                return await self._follow(method, target, body, headers or {}, credentials or {}, types, bounds)
        except TimeoutError:
            reason = f"took longer than {bounds.seconds:g} s"
            raise FetchTimeout(shown(target), reason, "try again later, or allow it more time") from None

    async def _follow(
        self,
        method: str,
        target: URL,
        body: bytes,
        headers: Mapping[str, str],
        credentials: Mapping[str, str],
        types: Collection[str],
        bounds: Limits,
    ) -> Fetched:
        origin = target.origin()
        passed: list[str] = []
        while True:
            self._vet(target)
            secret = credentials if target.origin() == origin else {}
            try:
                async with self._open().request(
                    method, target, data=body or None, headers={**headers, **secret}, allow_redirects=False
                ) as response:
                    onward = response.headers.get("Location", "") if response.status in _REDIRECTS else ""
                    if not onward or method not in ("GET", "HEAD"):
                        return await _read(response, target, tuple(passed), types, bounds)
            except aiohttp.ClientError as error:
                raise Unreachable(shown(target), _cause(error), "check the address, or try again later") from None
            passed.append(str(target))
            target = self._next(target, onward, passed, bounds)

    def _next(self, target: URL, onward: str, passed: list[str], bounds: Limits) -> URL:
        if len(passed) > bounds.redirects:
            reason = f"is redirected more than {bounds.redirects} times"
            raise TooManyRedirects(shown(passed[0]), reason, "give the address that it leads to")
        try:
            found = target.join(URL(onward))
            found = found.with_user(None) if found.absolute and found.user is not None else found
        except ValueError:
            reason = f"is redirected to {onward[:100]!r}, which is no address"
            raise BadUrl(shown(target), reason, "tell who runs the site") from None
        found = parse(found)
        if str(found) in passed:
            raise TooManyRedirects(shown(passed[0]), "is redirected in a circle", "tell who runs the site")
        return found

    def _vet(self, target: URL) -> None:
        """Check a host that is an address: no resolver would see it."""
        host, port = target.raw_host or "", target.port or 0
        found = literal(host.split("%", 1)[0])
        if found is not None:
            self.check(host, port, host)
        elif looks_numeric(host):
            reason = f"{host} is a way to write an address that hides it"
            raise AddressRefused(shown(target), reason, "write it as four numbers, or use a name")


async def _read(
    response: aiohttp.ClientResponse, target: URL, passed: tuple[str, ...], types: Collection[str], bounds: Limits
) -> Fetched:
    told = response.content_type.lower() if "Content-Type" in response.headers else ""
    good = 200 <= response.status < 300
    if good and types and told and not any(_matches(told, one) for one in types):
        raise WrongType(shown(target), f"is {told}", f"give an address of {', '.join(sorted(types))}")
    length = response.content_length
    too_large = BodyTooLarge(shown(target), f"has more than {bounds.bytes:,} bytes", "allow more, or leave it out")
    if length is not None and length > bounds.bytes and response.method != "HEAD":
        raise too_large
    body = bytearray()
    async for part in response.content.iter_chunked(_CHUNK):
        body += part
        if len(body) > bounds.bytes:
            raise too_large
    return Fetched(
        str(target), response.status, response.headers, bytes(body), told, (response.charset or "").lower(), passed
    )


def _matches(told: str, wanted: str) -> bool:
    return told == wanted or (wanted.endswith("/*") and told.startswith(wanted[:-1]))


def _cause(error: aiohttp.ClientError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not good"
        case aiohttp.ClientConnectorError():
            return "nobody answers there"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection broke off"
        case aiohttp.ClientPayloadError():
            return "its answer broke off, or can't be decompressed"
        case _:
            return f"answers with no proper HTTP ({type(error).__name__})"
