"""Fetching what strangers name: only public addresses, only the address that was checked, nothing without a limit."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import socket
from collections import deque
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from hookline.addresses import Allowed, is_public, literal
from hookline.errors import ConfigError
from hookline.fetch import (
    AddressRefused,
    BadUrl,
    BodyTooLarge,
    Fetcher,
    FetchTimeout,
    Limits,
    TooManyRedirects,
    Unreachable,
    WrongType,
)


class Names(AbstractResolver):
    """A name server that answers as it is told: each question takes the next answer, the last one stays."""

    def __init__(self, **answers: list[str | list[str]]) -> None:
        self.answers = {name.replace("_", "."): deque(told) for name, told in answers.items()}
        self.asked: list[str] = []

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked.append(host)
        if host not in self.answers:
            raise OSError(None, "no such name")
        told = self.answers[host]
        found = told.popleft() if len(told) > 1 else told[0]
        return [
            {"hostname": host, "host": one, "port": port, "proto": 0, "flags": socket.AI_NUMERICHOST,
             "family": socket.AF_INET6 if ":" in one else socket.AF_INET}
            for one in ([found] if isinstance(found, str) else found)
        ]  # fmt: skip

    async def close(self):
        pass


@asynccontextmanager
async def serving(handler, host="127.0.0.1"):
    """A web server on loopback that gives every request to the handler, and notes them."""
    seen: list[web.Request] = []

    async def take(request):
        seen.append(request)
        answer = handler(request)
        return await answer if asyncio.iscoroutine(answer) else answer

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    server = TestServer(app, host=host)
    await server.start_server()
    server.seen = seen
    try:
        yield server
    finally:
        await server.close()


def page(request):
    return web.Response(text="hello", content_type="text/html")


def allowing(*servers, **more):
    return Fetcher(allowed=Allowed.parse(f"{one.host}:{one.port}" for one in servers), **more)


# -- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.3", "10.0.0.1", "172.31.9.9", "192.168.1.1", "169.254.169.254", "100.100.100.200",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.0.192", "198.18.0.1", "168.63.129.16", "::", "::1",
        "fe80::1", "fec0::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
        "::127.0.0.1", "2002:7f00:1::", "2002:c0a8:101::1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "3fff::1", "5f00::1", "100::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_network_is_no_public_one(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_open_network_is_a_public_one(address):
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_an_ipv6_one_is_judged_alike(address):
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")

    assert is_public(mapped) == is_public(address)


@pytest.mark.parametrize(
    ("entry", "told"), [("http://x/", "10.1.0.0/16"), ("a b", "it is no host"), ("x:99999", "port"), ("10.0.0.1/8", "host bits")]
)  # fmt: skip
def test_an_entry_of_the_allowed_hosts_that_is_none_is_named(entry, told):
    with pytest.raises(ConfigError, match="allowed host") as raised:
        Allowed.parse([entry])

    assert told in str(raised.value)


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "2130706433", "0177.0.0.1", "0x7f000001", "127.1",
        "0x7f.1", "127.0.0.1.", "017700000001", "[fe80::1]", "169.254.169.254", "[::]", "0.0.0.0", "0", "①②⑦.⓪.⓪.①",
        "localhost", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    ],
)  # fmt: skip
async def test_no_way_of_writing_it_leads_to_this_machine(host):
    async with serving(page) as server, Fetcher() as fetcher:
        with pytest.raises((AddressRefused, BadUrl)):
            await fetcher.get(f"http://{host}:{server.port}/")

        assert server.seen == []


async def test_the_socket_itself_is_refused_should_a_check_before_it_ever_fail():
    async with serving(page) as server, Fetcher() as fetcher:
        fetcher._vet = lambda target: None

        with pytest.raises(AddressRefused):
            await fetcher.get(f"http://127.0.0.1:{server.port}/")

        assert server.seen == []


async def test_a_name_for_a_private_address_is_refused_and_the_report_says_why():
    names = Names(inside_example=["10.1.2.3"])
    async with Fetcher(resolver=names) as fetcher:
        with pytest.raises(AddressRefused) as raised:
            await fetcher.get("http://inside.example/")

    assert str(raised.value) == (
        "inside.example:80: inside.example is at 10.1.2.3, which is no public address; "
        "allow the host in the configuration if this is meant"
    )


async def test_one_private_address_among_public_ones_is_enough_to_refuse():
    async with serving(page) as server:
        names = Names(mixed_example=[["8.8.8.8", "127.0.0.1"]])
        async with Fetcher(resolver=names) as fetcher:
            with pytest.raises(AddressRefused):
                await fetcher.get(f"http://mixed.example:{server.port}/")

        assert server.seen == []


async def test_a_redirect_to_a_private_address_is_refused():
    async with serving(page) as inside:
        onward = [f"http://localhost:{inside.port}/", f"http://2130706433:{inside.port}/", "http://169.254.169.254/x",
                  f"//[::ffff:127.0.0.1]:{inside.port}/", "http://inside.example/"]  # fmt: skip
        async with serving(lambda r: web.Response(status=302, headers={"Location": onward[int(r.path[1:])]})) as server:
            names = Names(localhost=["127.0.0.1"], inside_example=["192.168.0.1"])
            async with allowing(server, resolver=names) as fetcher:
                for at in range(len(onward)):
                    with pytest.raises(AddressRefused):
                        await fetcher.get(f"http://127.0.0.1:{server.port}/{at}")

        assert inside.seen == []


@pytest.mark.parametrize("onward", ["file:///etc/passwd", "ftp://host/x", "gopher://host:70/x", "http://host:22/"])
async def test_a_redirect_to_what_is_no_web_page_is_refused(onward):
    async with (
        serving(lambda r: web.Response(status=301, headers={"Location": onward})) as server,
        allowing(server) as fetcher,
    ):
        with pytest.raises(BadUrl):
            await fetcher.get(str(server.make_url("/")))


async def test_a_name_that_changes_its_address_after_the_check_gains_nothing():
    """DNS rebinding: the first answer is good, every later one leads inside."""
    async with serving(page) as good, serving(lambda r: web.Response(text="inside"), host="127.0.0.3") as _:
        names = Names(rebinding_example=["127.0.0.1", "127.0.0.3"])
        fetcher = Fetcher(allowed=Allowed.parse(["127.0.0.1/32"]), resolver=names)
        async with fetcher:
            got = await fetcher.get(f"http://rebinding.example:{good.port}/")

            assert got.body == b"hello"
            assert names.asked == ["rebinding.example"], "the connection went to the address of the one resolution"
            await fetcher.close()
            with pytest.raises(AddressRefused):
                await fetcher.get(f"http://rebinding.example:{good.port}/")


async def test_loopback_is_reached_where_it_is_allowed_and_only_by_that_name_and_port():
    async with serving(page) as server, serving(page) as other, allowing(server) as fetcher:
        assert (await fetcher.get(str(server.make_url("/")))).ok
        with pytest.raises(AddressRefused):
            await fetcher.get(str(other.make_url("/")))
        with pytest.raises(AddressRefused):
            await fetcher.get(f"http://localhost:{server.port}/")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "is no web address"),
        ("javascript:alert(1)", "is no web address"),
        ("example.com", "is no web address"),
        ("http://", "is no"),
        ("http://user:pw@example.com/", "has a user name or password in it"),
        ("http://example.com:25/", "port 25"),
        ("http://[::1", "is no proper URL"),
    ],
)
async def test_what_is_no_address_of_a_web_page_is_named(url, told):
    async with Fetcher() as fetcher:
        with pytest.raises(BadUrl) as raised:
            await fetcher.get(url)

    assert told in str(raised.value)
    assert "pw" not in str(raised.value)


async def test_the_environments_proxy_is_no_way_around_the_checks(monkeypatch):
    async with serving(page) as server:
        monkeypatch.setenv("http_proxy", str(server.make_url("/")))
        monkeypatch.setenv("HTTP_PROXY", str(server.make_url("/")))
        async with Fetcher(resolver=Names()) as fetcher:
            with pytest.raises(Unreachable, match="its name is not known"):
                await fetcher.get("http://unknown.example/")

        assert server.seen == []


# -- what is sent on -------------------------------------------------------------------------------------------------


async def test_credentials_stay_with_their_origin_and_cookies_are_never_kept():
    async with serving(page) as other:
        target = str(other.make_url("/end"))

        def go(request):
            headers = {"Location": target if request.path == "/away" else "/here2", "Set-Cookie": "a=b"}
            return page(request) if request.path == "/here2" else web.Response(status=307, headers=headers)

        async with serving(go) as server, allowing(server, other) as fetcher:
            key = {"Authorization": "Bearer secret"}
            await fetcher.get(str(server.make_url("/here")), credentials=key)
            got = await fetcher.get(str(server.make_url("/away")), credentials=key, headers={"Accept": "text/html"})

            assert [one.headers.get("Authorization") for one in server.seen] == ["Bearer secret"] * 3
            assert not any("Cookie" in one.headers for one in server.seen)
            [last] = other.seen
            assert "Authorization" not in last.headers
            assert "Referer" not in last.headers
            assert last.headers["Accept"] == "text/html"
            assert (got.url, got.redirects) == (target, (str(server.make_url("/away")),))


async def test_a_password_in_a_redirect_is_dropped():
    async with serving(page) as other:
        onward = f"http://me:pw@127.0.0.1:{other.port}/"
        async with (
            serving(lambda r: web.Response(status=302, headers={"Location": onward})) as server,
            allowing(server, other) as fetcher,
        ):
            await fetcher.get(str(server.make_url("/")))

        assert "Authorization" not in other.seen[0].headers


async def test_a_post_is_not_sent_on_by_a_redirect():
    async with (
        serving(lambda r: web.Response(status=307, headers={"Location": "/elsewhere"})) as server,
        allowing(server) as fetcher,
    ):
        got = await fetcher.request("POST", str(server.make_url("/")), body=b"{}")

    assert got.status == 307
    assert len(server.seen) == 1


# -- limits ----------------------------------------------------------------------------------------------------------


async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_told():
    async def streamed(request):
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 1000)
        return response

    for handler in (lambda r: web.Response(body=b"x" * 100_000), streamed):
        async with serving(handler) as server, allowing(server, limits=Limits(bytes=50_000)) as fetcher:
            with pytest.raises(BodyTooLarge, match="has more than 50,000 bytes; allow more, or leave it out"):
                await fetcher.get(str(server.make_url("/")))


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused():
    bomb = gzip.compress(bytes(200 * 2**20))

    def handler(request):
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handler) as server, allowing(server, limits=Limits(bytes=2**20)) as fetcher:
        with pytest.raises(BodyTooLarge):
            await fetcher.get(str(server.make_url("/")))


async def test_an_answer_that_drips_is_given_up_at_the_limit_of_the_whole():
    async def drip(request):
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b".")
                await asyncio.sleep(0.01)
        except ConnectionError:
            return response

    async with serving(drip) as server, allowing(server, limits=Limits(seconds=0.2)) as fetcher:
        with pytest.raises(FetchTimeout, match=r"took longer than 0\.2 s; try again later"):
            await fetcher.get(str(server.make_url("/")))


async def test_redirects_without_end_or_in_a_circle_are_given_up():
    def count(request):
        onward = "/circle" if request.path == "/circle" else f"/{int(request.path[1:] or 0) + 1}"
        return web.Response(status=302, headers={"Location": onward})

    async with serving(count) as server, allowing(server, limits=Limits(redirects=3)) as fetcher:
        with pytest.raises(TooManyRedirects, match="is redirected more than 3 times"):
            await fetcher.get(str(server.make_url("/0")))
        with pytest.raises(TooManyRedirects, match="is redirected in a circle"):
            await fetcher.get(str(server.make_url("/circle")))
        assert len(server.seen) == 5


async def test_a_content_type_that_was_not_asked_for_is_refused_before_its_body_is_read():
    async with (
        serving(lambda r: web.Response(body=b"x", content_type="video/mp4")) as server,
        allowing(server) as fetcher,
    ):
        with pytest.raises(WrongType, match=r"is video/mp4; give an address of image/\*, text/html"):
            await fetcher.get(str(server.make_url("/")), types=("text/html", "image/*"))
        assert (await fetcher.get(str(server.make_url("/")), types=("video/*",))).body == b"x"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "the connection broke off"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "answers with no proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "its answer broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "can't be decompressed"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", "answers with no proper HTTP"),
    ],
)
async def test_an_answer_that_is_broken_is_told_in_one_line(answer, told):
    async def take(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Fetcher(allowed=Allowed.parse(["127.0.0.1"])) as fetcher:
        with pytest.raises(Unreachable, match=told) as raised:
            await fetcher.get(f"http://127.0.0.1:{port}/?token=secret")

    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_an_error_status_is_an_answer_and_headers_are_found_in_any_case():
    def gone(request):
        return web.Response(status=410, text="gone", headers={"ETag": '"a"'})

    async with serving(gone) as server, allowing(server) as fetcher:
        got = await fetcher.get(str(server.make_url("/")))

    assert (got.status, got.ok, got.headers["etag"], got.charset, got.type) == (
        410,
        False,
        '"a"',
        "utf-8",
        "text/plain",
    )


@given(st.text(max_size=60))
def test_any_text_for_a_host_is_an_address_or_none(text):
    assert literal(text) is None or isinstance(literal(text), ipaddress.IPv4Address | ipaddress.IPv6Address)
