"""Who a client is where proxies stand between: their word is believed from the right, as far as they are trusted."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from typing import Literal

import attrs
from aiohttp import web

from .errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Header = Literal["X-Forwarded-For", "Forwarded"]

HEADERS: tuple[Header, ...] = ("X-Forwarded-For", "Forwarded")
LOOPBACK = "127.0.0.0/8, ::1/128"
_LONGEST = 100  # hops that are looked at: no real chain is as long


@attrs.frozen
class Proxies:
    """The proxies that are trusted, and the one header in which they say for whom they ask.

    Only that header counts: the other is passed on by a proxy as its client has sent it.
    """

    networks: tuple[Network, ...]
    header: Header = "X-Forwarded-For"

    @classmethod
    def parse(cls, text: str = LOOPBACK, header: str = "X-Forwarded-For") -> Proxies:
        """Proxies by address or network (CIDR), separated by commas; "none" trusts nobody.  Raises `ConfigError`."""
        names = [part.strip() for part in text.split(",") if part.strip()]
        networks: list[Network] = []
        for name in [] if names == ["none"] else names:
            try:
                networks.append(ipaddress.ip_network(name))
            except ValueError as error:
                raise ConfigError(
                    f"trusted proxies: given {name!r} ({error}); "
                    f'allowed: addresses and networks such as "10.0.0.7, 192.168.0.0/24", or "none"'
                ) from None
        for known in HEADERS:
            if header.strip().lower() == known.lower():
                return cls(tuple(networks), known)
        raise ConfigError(f"proxy header: given {header!r}; allowed: {', '.join(HEADERS)}")

    def client_of(self, request: web.Request) -> str:
        """The address of whoever made the request; "" where the peer has none (a Unix socket).

        What a proxy adds stands at the right.  So the chain is read from there for as long as who says it is trusted:
        all that is further left may be made up.  An entry that is no address ends it too.
        """
        peer = request.remote or ""
        if self.header not in request.headers:
            return peer
        client = _address(peer)
        if client is None:
            return peer
        lines = request.headers.getall(self.header)
        chain = _listed(lines) if self.header == "X-Forwarded-For" else _forwarded(lines)
        for said in reversed(chain[-_LONGEST:]):
            if not self.trusts(client):
                break
            before = _address(said)
            if before is None:
                break
            client = before
        return str(client)

    def trusts(self, address: Address) -> bool:
        """Whether it is one of the proxies."""
        return any(address in network for network in self.networks)


def bucket_of(address: str) -> str:
    """What rate limits count as one client: an IPv4 address, or the /64 that one IPv6 customer has at hand."""
    found = _address(address)
    if found is None or found.version == 4:
        return address
    return str(ipaddress.ip_network((int(found), 64), strict=False))


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """The address, without port, brackets and zone; one of IPv4 within IPv6 is that of IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _listed(lines: Sequence[str]) -> list[str]:
    """The entries of X-Forwarded-For, the farthest first; several lines are one list."""
    return [part for line in lines for part in line.split(",") if part.strip()]


def _forwarded(lines: Sequence[str]) -> list[str]:
    """The `for` of each element of Forwarded (RFC 7239), the farthest first; "" where an element names none."""
    chain = []
    for line in lines:
        for element in _split(line, ","):
            if not element.strip():
                continue
            pairs = (pair.partition("=") for pair in _split(element, ";"))
            named = {name.strip().lower(): value.strip() for name, _, value in pairs}
            chain.append(named.get("for", ""))
    return chain


def _split(text: str, separator: str) -> list[str]:
    """Split where the separator is not within quotes."""
    parts, quoted, begin = [], False, 0
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]
