"""The HTTP side of a process: tenants under `/t/{tenant}/`, one of them also at `/`, and the process's own routes."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web
from yarl import URL

from . import metrics, problems, wire
from .auth import ANYONE, Caller, KeyStore, host_of, is_loopback, is_opened
from .errors import StorageError, UnknownTenant
from .gate import Gate
from .ledger import new_id
from .problems import Problem
from .proxies import Proxies, bucket_of
from .ratelimit import TokenBuckets
from .routing import CORE, Found, Match, Routes, collect
from .settings import Limits, Settings

if TYPE_CHECKING:
    from .runtime import Runtime

log = structlog.get_logger("hookline.http")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

RUNTIME: web.AppKey[Runtime] = web.AppKey("hookline_runtime")
ROUTES: web.AppKey[Routes] = web.AppKey("hookline_routes")
KEYS: web.AppKey[KeyStore] = web.AppKey("hookline_keys")
GATE: web.AppKey[Gate] = web.AppKey("hookline_gate")
MOUNTED: web.AppKey[str] = web.AppKey("hookline_mounted")
EDGE: web.AppKey[Edge] = web.AppKey("hookline_edge")
REQUEST_ID: web.RequestKey[str] = web.RequestKey("hookline_request_id", str)
_CALLER: web.RequestKey[Caller] = web.RequestKey("hookline_caller", Caller)

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_BODY_BYTES = Limits().body_bytes  # what a request may have before its tenant is known
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(\s*,\s*[A-Za-z0-9-]+)*")
_NOTHING = "there is nothing here; /docs lists what there is"


def make_app(
    runtime: Runtime,
    *,
    tenant: str | None = None,
    host: str = "127.0.0.1",
    now: Callable[[], float] = time.monotonic,
    proxies: Proxies | None = None,
) -> web.Application:
    """The application of a started runtime; cheap, and as many in a process as one likes.

    `tenant` is also mounted at `/`.  `host` is what the server will listen on: `auth.open_routes` counts on a
    loopback address only.  `proxies` are those that are believed (default: on this machine).  Raises PluginError if a plugin's `add_routes` fails, UnknownTenant for `tenant`.
    """
    from . import api  # it has handlers for this module's applications

    if tenant is not None:
        runtime.tenants.get(tenant)
    app = web.Application(middlewares=[_answer], client_max_size=_BODY_BYTES)
    app[RUNTIME] = runtime
    app[ROUTES] = collect(runtime.hooks, api.tenant_routes())
    app[KEYS] = KeyStore(runtime.database, runtime.clock, runtime.live)
    app[GATE] = Gate(runtime, app[KEYS])
    app[MOUNTED] = tenant or ""
    app[EDGE] = Edge(app, loopback=is_loopback(host), now=now, proxies=proxies or Proxies.parse())
    api.add_process_routes(app.router)
    app.router.register_resource(_TenantResource(app))
    app.on_response_prepare.append(_set_headers)
    app.on_shutdown.append(_end_streams)
    app[EDGE].warn()
    return app


# -- finding the route -----------------------------------------------------------------------------------------------


class _TenantResource(web.AbstractResource):
    """Answers for every path that is not the process's own."""

    def __init__(self, app: web.Application) -> None:
        super().__init__()
        self._app = app
        self._route = web.ResourceRoute("*", self._handle, self)

    @property
    def canonical(self) -> str:
        return "/"

    def url_for(self, **_kwargs: str) -> NoReturn:
        raise TypeError("a tenant's routes have no one address")

    def add_prefix(self, _prefix: str) -> NoReturn:
        raise TypeError("this application is no sub-application")

    def get_info(self) -> Any:
        return {"path": "/"}

    def raw_match(self, _path: str) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        yield self._route

    async def resolve(self, request: web.Request) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        """The tenant and its route.  What can't be served gets a route that says so, as middlewares begin after this."""
        name, path = self._tenant(request)
        if not name:
            return None, set()
        if not path:
            query = request.rel_url.query_string
            return self._refuse(web.HTTPPermanentRedirect(URL.build(path=f"/t/{name}/", query_string=query)))
        try:
            tenant = self._app[RUNTIME].tenants.get(name)
        except UnknownTenant as error:
            return self._refuse(error)
        settings = tenant.settings if tenant.available else None
        method = request.method
        if method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            method = request.headers[hdrs.ACCESS_CONTROL_REQUEST_METHOD]
        found = self._app[ROUTES].find(method, path, name, settings)
        if isinstance(found, Found):
            return Match(name, found, self._route), set()
        return None, {m for m in found if m != "*"}

    def _tenant(self, request: web.Request) -> tuple[str, str]:
        path = request.rel_url.path_safe
        if path.startswith("/t/"):
            name, slash, rest = path[3:].partition("/")
            if name:
                return name, slash + rest
        if self._app[MOUNTED]:
            return self._app[MOUNTED], path
        host = host_of(request)
        tenants = self._app[RUNTIME].tenants
        for name in tenants.available:
            if host in tenants.get(name).settings.hosts:
                return name, path
        return "", path

    def _refuse(self, error: Exception) -> tuple[web.UrlMappingMatchInfo, set[str]]:
        async def refuse(_request: web.Request) -> NoReturn:
            raise error

        return web.UrlMappingMatchInfo({}, web.ResourceRoute("*", refuse, self)), set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        match = request.match_info
        assert isinstance(match, Match)
        return await self._app[EDGE].serve(request, match)


# -- the way of a request to a tenant ----------------------------------------------------------------------------------


class Edge:
    """What stands before every tenant route: origin, rate, size, access."""

    def __init__(self, app: web.Application, *, loopback: bool, now: Callable[[], float], proxies: Proxies) -> None:
        self.app = app
        self.loopback = loopback
        self.proxies = proxies
        self.buckets = TokenBuckets(now=now)
        self.meter = metrics.RequestMeter()
        self.streams: set[asyncio.Task[Any]] = set()
        self.log = log.bind()  # bound once: the lazy one binds anew for each line, also for those that are dropped

    async def serve(self, request: web.Request, match: Match) -> web.StreamResponse:
        """Check the request, then have the route's handler answer with the tenant's snapshot."""
        runtime = self.app[RUNTIME].tenants.get(match.tenant)
        route = match.found.route
        with runtime.acquire() as snapshot:
            settings = snapshot.settings
            tenant = snapshot.core if route.plugin == CORE else snapshot.plugin(route.plugin)
            if tenant is None:
                raise Problem(404, _NOTHING)
            self._check_origin(request, settings)
            if request.method == hdrs.METH_OPTIONS and route.method != "*":
                return self._preflight(request)
            if route.limited and not route.static and route.path != "/health":
                key = (match.tenant, bucket_of(client_address(request)), *(("page",) if route.page else ()))
                self.check_rate(key, settings.ratelimit.requests, settings)
            request = self._limited(request, settings)
            request[_CALLER] = await self._caller(request, match, settings)
            names = settings.wire.get(match.found.alias) if match.found.alias else None
            if not _streams(request):
                if names is None:
                    return await route.handler(request, tenant)
                return await wire.translated(request, names, lambda: route.handler(request, tenant))
        # A socket may live for days, and a snapshot is released after a reload.
        with self._stream(match.tenant):
            return await route.handler(request, tenant)

    def warn(self) -> None:
        """Say what is open, and which aliases lead nowhere."""
        for name in self.app[RUNTIME].tenants.available:
            settings = self.app[RUNTIME].tenants.get(name).settings
            for alias in self.app[ROUTES].dangling(settings):
                log.warning("an alias leads nowhere", tenant=name, alias=alias, target=settings.routes[alias])
            if settings.auth.open_routes:
                opened = self.loopback and not settings.public_url
                log.warning(
                    "routes are open without a key, to this machine only"
                    if opened
                    else "auth.open_routes is ignored: the server is reachable from outside",
                    tenant=name,
                    routes=list(settings.auth.open_routes),
                )

    async def _caller(self, request: web.Request, match: Match, settings: Settings) -> Caller:
        route = match.found.route
        if route.access == "public":
            return ANYONE
        if is_opened(request, settings, (match.found.alias, route.name), loopback=self.loopback):
            return Caller("open route", route.access, match.tenant)
        return await self.app[GATE].caller(request, match.tenant, route, settings)

    def _check_origin(self, request: web.Request, settings: Settings) -> None:
        """Refuse a preflight or a socket of a page that may not call; other requests the browser itself keeps from it."""
        origin = request.headers.get(hdrs.ORIGIN, "")
        if may_call(request, settings, origin):
            return
        if request.method == hdrs.METH_OPTIONS or _upgrades(request):
            raise Problem(
                403, f"pages of {origin[:200]} may not call this tenant; cors.allow_origins names those that may"
            )

    def check_rate(self, key: tuple[str, ...], requests: int, settings: Settings) -> None:
        """Take a token of the key's bucket, the first part of which is the tenant; raises `Problem` 429."""
        seconds = settings.ratelimit.seconds
        wait = self.buckets.take(key, requests, seconds)
        if wait:
            metrics.RATE_LIMITED.labels(key[0]).inc()
            raise Problem(
                429,
                f"more than {requests} requests in {seconds:g} seconds; slow down",
                headers={"Retry-After": str(math.ceil(wait))},
            )

    def _limited(self, request: web.Request, settings: Settings) -> web.Request:
        limit = settings.limits.body_bytes
        if (request.content_length or 0) > limit:
            raise Problem(413, f"the body has {request.content_length} bytes; at most {limit} are allowed")
        if limit == _BODY_BYTES or not request.can_read_body:
            return request
        return request.clone(client_max_size=limit)

    def _preflight(self, request: web.Request) -> web.Response:
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS, "")
        headers = {
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: request.headers[hdrs.ACCESS_CONTROL_REQUEST_METHOD],
            hdrs.ACCESS_CONTROL_MAX_AGE: "600",
        }
        if _HEADER_NAMES.fullmatch(asked):
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = asked
        return web.Response(status=204, headers=headers)

    @contextlib.contextmanager
    def _stream(self, tenant: str) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self.streams.add(task)
        try:
            with metrics.open_socket(tenant):
                yield
        finally:
            self.streams.discard(task)


def client_address(request: web.Request) -> str:
    """The address of the client; behind trusted proxies the one that they vouch for."""
    return request.app[EDGE].proxies.client_of(request)


def caller(request: web.Request) -> Caller:
    """Who makes the request, where its route asks for somebody; else `ANYONE`."""
    return request[_CALLER] if _CALLER in request else ANYONE  # noqa: SIM401  `get` is not typed by the key


def _streams(request: web.Request) -> bool:
    return _upgrades(request) or "text/event-stream" in request.headers.get(hdrs.ACCEPT, "")


def _upgrades(request: web.Request) -> bool:
    return request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


def may_call(request: web.Request, settings: Settings, origin: str) -> bool:
    """Whether a page of that origin may talk to the tenant: its own, and those of `cors.allow_origins`; no origin is no
    page."""
    if not origin or "*" in settings.cors.allow_origins or origin in settings.cors.allow_origins:
        return True
    try:
        netloc = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    own = urlsplit(settings.public_url).netloc.lower()
    return bool(netloc) and netloc in (request.headers.get(hdrs.HOST, "").lower(), own)


# -- around every request ----------------------------------------------------------------------------------------------


@web.middleware
async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Time it, count it, and turn whatever goes wrong into problem details."""
    started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else new_id()[-16:]  # its random part
    request[REQUEST_ID] = request_id
    match = request.match_info
    tenant = match.tenant if isinstance(match, Match) else ""
    try:
        response = await handler(request)
    except (asyncio.CancelledError, ConnectionResetError):
        raise
    except web.HTTPException as error:
        problem = problems.problem_of(error)
        if problem is None:  # a redirect
            response = web.Response(status=error.status, headers=error.headers)
        else:
            response = problem.response(request_id)
    except Exception as error:
        problem = problems.problem_of(error)
        if problem is None or (isinstance(error, StorageError) and problem.status >= 500):
            log.exception(
                "request failed", tenant=tenant, method=request.method, route=_pattern(request), request_id=request_id
            )
        if problem is None:
            problem = Problem(500, "something went wrong here; the log has it under this request_id")
        response = problem.response(request_id)
    seconds = time.perf_counter() - started
    method = request.method if request.method in hdrs.METH_ALL else "other"
    edge, route = request.app[EDGE], _pattern(request)
    edge.meter.count(tenant, method, route, response.status, seconds)
    edge.log.debug(
        "request",
        tenant=tenant,
        method=method,
        route=route,
        status=response.status,
        ms=round(seconds * 1e3, 2),
        request_id=request_id,
    )
    return response


def _pattern(request: web.Request) -> str:
    match = request.match_info
    if isinstance(match, Match):
        return match.found.alias.partition(" ")[2] or match.found.route.path
    resource = match.route.resource
    return resource.canonical if resource is not None else "none"


async def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What every response says, also streams and sockets, which are under way before a middleware sees them."""
    headers = response.headers
    headers.setdefault("X-Request-ID", request.get(REQUEST_ID, ""))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers[hdrs.SERVER] = "hookline"  # aiohttp has put its own and its version there
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if response.content_type == "text/html":
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        headers.setdefault(hdrs.CACHE_CONTROL, "no-cache")
    else:
        headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    match = request.match_info
    origin = request.headers.get(hdrs.ORIGIN, "")
    if origin and isinstance(match, Match):
        runtime = request.app[RUNTIME].tenants.get(match.tenant)
        if runtime.available:
            _set_cors(headers, runtime.settings, origin)


def _set_cors(headers: Any, settings: Settings, origin: str) -> None:
    origins = settings.cors.allow_origins
    if origin in origins:
        headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
    elif "*" in origins:
        headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
    else:
        return
    headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = "X-Request-ID, Retry-After"
    if "*" not in origins:
        headers[hdrs.VARY] = f"{headers[hdrs.VARY]}, Origin" if hdrs.VARY in headers else "Origin"


async def _end_streams(app: web.Application) -> None:
    """Sockets and event streams would hold up the shutdown; their clients come again."""
    for task in list(app[EDGE].streams):
        task.cancel()
