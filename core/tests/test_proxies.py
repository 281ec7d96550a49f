"""Whose word is believed about the client's address."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from hookline.errors import ConfigError
from hookline.proxies import Proxies, bucket_of


def client(proxies, peer, *headers):
    request = make_mocked_request("GET", "/", headers=CIMultiDict(headers)).clone(remote=peer)
    return proxies.client_of(request)


XFF = "X-Forwarded-For"


@pytest.mark.parametrize(
    ("peer", "lines", "expected"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("198.51.100.4", ["203.0.113.9"], "198.51.100.4"),  # nobody that is trusted says so
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),  # what is further left may be made up
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 127.0.0.1, 127.0.0.2"], "203.0.113.9"),
        ("127.0.0.1", ["127.0.0.5, 127.0.0.4"], "127.0.0.5"),
        ("127.0.0.1", ["203.0.113.9:51234"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("127.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", ["fe80::1%eth0"], "fe80::1"),
        ("127.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, ' OR 1=1"], "127.0.0.1"),
        ("127.0.0.1", ["1.2.3.4, 203.0.113.9, 300.1.1.1"], "127.0.0.1"),
        ("127.0.0.1", [" , ,203.0.113.9 , "], "203.0.113.9"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [", ".join(["127.0.0.1"] * 5000)], "127.0.0.1"),
        ("127.0.0.1", ["9" * 8000], "127.0.0.1"),
    ],
)
def test_x_forwarded_for_is_read_from_the_right_as_far_as_it_is_trusted(peer, lines, expected):
    assert client(Proxies.parse(), peer, *((XFF, line) for line in lines)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for=203.0.113.9"], "203.0.113.9"),
        (["For=203.0.113.9;proto=https;by=10.0.0.1"], "203.0.113.9"),
        (['for="[2001:db8:cafe::17]:4711"'], "2001:db8:cafe::17"),
        (["for=1.1.1.1, for=203.0.113.9"], "203.0.113.9"),
        (["for=1.1.1.1", "for=203.0.113.9;host=x"], "203.0.113.9"),
        (["for=203.0.113.9, for=10.0.0.2"], "203.0.113.9"),
        (['for=203.0.113.9;secret="a,for=6.6.6.6;b"'], "203.0.113.9"),
        (["for=203.0.113.9, for=unknown"], "10.0.0.1"),
        (["for=203.0.113.9, for=_hidden"], "10.0.0.1"),
        (["for=203.0.113.9, proto=https"], "10.0.0.1"),
        (['for="203.0.113.9'], "203.0.113.9"),
    ],
)
def test_forwarded_is_read_where_it_is_the_proxy_s_header(lines, expected):
    proxies = Proxies.parse("10.0.0.0/8", "forwarded")
    assert client(proxies, "10.0.0.1", *(("Forwarded", line) for line in lines)) == expected


def test_the_header_that_the_proxy_does_not_write_is_its_client_s_and_does_not_count():
    both = ((XFF, "203.0.113.9"), ("Forwarded", "for=6.6.6.6"))
    assert client(Proxies.parse("10.0.0.1"), "10.0.0.1", *both) == "203.0.113.9"
    assert client(Proxies.parse("10.0.0.1", "Forwarded"), "10.0.0.1", *both) == "6.6.6.6"


def test_a_chain_of_proxies_is_followed_by_their_networks():
    proxies = Proxies.parse("10.0.0.0/8, 2001:db8:1::/48, 192.0.2.7")
    assert client(proxies, "2001:db8:1::9", (XFF, "203.0.113.9, 192.0.2.7, 10.9.9.9")) == "203.0.113.9"
    assert client(proxies, "127.0.0.1", (XFF, "203.0.113.9")) == "127.0.0.1", "the list is what is written"
    assert client(Proxies.parse("none"), "127.0.0.1", (XFF, "203.0.113.9")) == "127.0.0.1"
    assert client(proxies, None, (XFF, "203.0.113.9")) == "", "a Unix socket has no address"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "localhost", "10.0.0.1/8", "none, 10.0.0.1"])
def test_a_list_that_can_not_be_used_says_what_is_allowed(text):
    with pytest.raises(ConfigError, match=r"trusted proxies: given .*; allowed: addresses and networks such as"):
        Proxies.parse(text)


def test_an_unknown_header_is_refused():
    with pytest.raises(ConfigError, match=r"proxy header: given 'X-Real-IP'; allowed: X-Forwarded-For, Forwarded"):
        Proxies.parse("none", "X-Real-IP")


def test_one_ipv6_customer_is_one_bucket():
    assert bucket_of("2001:db8:0:1::5") == bucket_of("2001:db8:0:1:ffff::9") != bucket_of("2001:db8:0:2::5")
    assert bucket_of("203.0.113.9") == "203.0.113.9"
    assert bucket_of("") == ""
