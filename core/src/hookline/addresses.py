"""Which addresses of the network may be reached on behalf of somebody else: public ones, and what the config allows.

The special ranges are those of the IANA registries (RFC 6890 and its updates), and what clouds answer at besides.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

import attrs

from .errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Besides what Python's own tables call not global: they differ between its versions.
_SPECIAL = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a cloud's own services, behind an address that looks public
        "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def is_public(address: Address) -> bool:
    """Whether the address is one of the open network, and every address that it carries within itself is too.

    IPv6 addresses that stand for IPv4 ones (mapped, compatible, 6to4, Teredo, NAT64) are judged by those.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner:
            return all(is_public(one) for one in inner)
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> list[Address]:
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return [*address.teredo]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return []


def literal(host: str) -> Address | None:
    """The address that a URL's host is, written as it must be; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def looks_numeric(host: str) -> bool:
    """Whether a host is one of the other ways to write an address: 2130706433, 127.1, 0177.0.0.1, 0x7f000001.

    Resolvers and sockets take them for addresses, checks that read them as names don't (WHATWG URL, "ends in a
    number").
    """
    last = host.rstrip(".").rsplit(".", 1)[-1].lower()
    return last.isdigit() or (last.startswith("0x") and all(c in "0123456789abcdef" for c in last[2:]))


@attrs.frozen
class Allowed:
    """What is allowed although it is not public.

    `hosts` are names or addresses as they stand in URLs, with port (0: any); `networks` hold addresses after
    resolution, whatever the name.
    """

    hosts: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Allowed:
        """From config: "intranet", "intranet:8080", "127.0.0.1:8080", "[::1]:8080", "10.1.0.0/16".

        Raises `ConfigError` naming the entry.
        """
        hosts: set[tuple[str, int]] = set()
        networks: list[Network] = []
        for entry in entries:
            try:
                if "/" in entry:
                    networks.append(ipaddress.ip_network(entry))
                    continue
                name, port = _split(entry.strip().lower())
            except ValueError as error:
                raise ConfigError(
                    f"allowed host {entry!r} can't be used ({error}); write a host, host:port or a network as 10.1.0.0/16"
                ) from None
            hosts.add((name, port))
        return cls(frozenset(hosts), tuple(networks))

    def covers(self, host: str, port: int, address: Address) -> bool:
        """Whether this address may be reached as that host and port."""
        name = host.strip("[]").rstrip(".").lower()
        if (name, port) in self.hosts or (name, 0) in self.hosts:
            return True
        return any(address.version == network.version and address in network for network in self.networks)


def _split(entry: str) -> tuple[str, int]:
    if literal(entry) is not None:
        return entry.strip("[]"), 0
    name, colon, port = entry.rpartition(":")
    if not colon:
        name, port = entry, "0"
    name = name.strip("[]").rstrip(".")
    if not name or any(c.isspace() or c in "/@*" for c in name):
        raise ValueError("it is no host")
    number = int(port)
    if not 0 <= number <= 65_535:
        raise ValueError("its port is out of range")
    return name, number
