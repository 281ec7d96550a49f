"""The API page and its OpenAPI document, made from the routes as they are registered."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import Any

import msgspec
from aiohttp import web

from .routing import Route, Routes
from .settings import Settings

PACKAGE = "hookline"
_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(:(?:[^{}]|\{[^{}]*\})*)?\}")
_PROCESS = (
    ("/health", "The process answers."),
    ("/ready", "Whether traffic may come: the database answers, and a tenant serves."),
    ("/metrics", "The figures, for Prometheus."),
    ("/api/v1/tenants", "The tenants that the key may see."),
    ("/openapi.json", "This document."),
    ("/docs", "This document as a page."),
)
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.45 system-ui, "Noto Sans", sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
details { border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: .5rem 0 }
summary { cursor: pointer; display: flex; gap: .75rem; flex-wrap: wrap; align-items: baseline }
summary b { min-width: 4.5rem; font-size: .8rem } code, pre { font: .85rem/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem; border-radius: 8px; background: color-mix(in srgb, currentcolor 8%, transparent) }
.quiet { opacity: .75 } .key { font-size: .8rem; border: 1px solid; border-radius: 4px; padding: 0 .3rem }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def describe(routes: list[Route], *, base: str, title: str, settings: Settings | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document; `base` stands before each tenant path, aliases are those of the settings."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for path, summary in _PROCESS:
        paths[path] = {"get": {"summary": summary, "tags": ["process"], "responses": {"200": {"description": "OK"}}}}
    for route in sorted(routes, key=lambda r: (r.plugin != "core", r.plugin, r.path)):
        _add(paths, base + route.path, route.method, _operation(route, schemas))
    for alias, target in (settings.routes if settings else {}).items():
        method, _, path = alias.partition(" ")
        _add(paths, base + path, method, _alias_operation(target, routes, schemas))
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": _version()},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


async def document(request: web.Request) -> web.Response:
    """The OpenAPI document."""
    return web.Response(body=msgspec.json.encode(_of(request)), content_type="application/json")


async def page(request: web.Request) -> web.Response:
    """The API page; it needs no script and nothing from elsewhere."""
    return web.Response(
        text=render(_of(request)), content_type="text/html", headers={"Content-Security-Policy": _POLICY}
    )


def render(found: dict[str, Any]) -> str:
    """The document as HTML."""
    title = html.escape(found["info"]["title"])
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style><body><main><h1>{title}</h1>",
        (
            '<p class="quiet">Keys are sent as <code>X-API-Key</code> or <code>Authorization: Bearer</code>; '
            "<code>hookline key create</code> makes one. So are access tokens, which <code>POST /auth/login</code> gives. "
            "Beside each route stand the least role that opens it, and the scope for keys that have some. Errors are problem details (RFC 9457). "
            '<a href="/openapi.json">openapi.json</a></p>'
        ),
    ]
    by_tag: dict[str, list[str]] = {}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_section(path, method, operation, found))
    for tag, sections in by_tag.items():
        parts += [f"<h2>{html.escape(tag)}</h2>", *sections]
    return "".join([*parts, "</main></body></html>"])


def _section(path: str, method: str, operation: dict[str, Any], found: dict[str, Any]) -> str:
    access = operation.get("x-access", "public")
    scope = f" · {operation['x-scope']}" if "x-scope" in operation else ""
    key = "" if access == "public" else f' <span class="key">{html.escape(access + scope)}</span>'
    lines = [f"curl -X {method.upper()} http://localhost:8080{path}"]
    if access != "public":
        lines.append("  -H 'X-API-Key: hk_...'")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        name = body.get("$ref", "").rpartition("/")[2]
        schema = found["components"]["schemas"].get(name, body)
        example = {k: _example(v) for k, v in schema.get("properties", {}).items() if k in schema.get("required", [k])}
        lines += ["  -H 'Content-Type: application/json'", f"  -d '{msgspec.json.encode(example).decode()}'"]
    curl = html.escape(" \\\n".join(lines))
    return (
        f"<details><summary><b>{method.upper()}</b><code>{html.escape(path)}</code>"
        f"<span class=quiet>{html.escape(operation.get('summary', ''))}</span>{key}</summary><pre>{curl}</pre></details>"
    )


def _example(schema: dict[str, Any]) -> Any:
    kinds = {"string": "…", "integer": 0, "number": 0.0, "boolean": False, "array": [], "object": {}}
    return schema.get("default") or kinds.get(schema.get("type", ""), "…")


def _of(request: web.Request) -> dict[str, Any]:
    from .app import MOUNTED, ROUTES, RUNTIME

    mounted = request.app[MOUNTED]
    registered: Routes = request.app[ROUTES]
    routes = list(registered)
    if not mounted:
        return describe(routes, base="/t/{tenant}", title="Hookline API")
    tenant = request.app[RUNTIME].tenants.get(mounted)
    settings = tenant.settings if tenant.available else None
    if settings is not None:
        routes = [route for route in routes if route.plugin in ("core", *settings.plugins)]
    return describe(routes, base="", title=f"{settings.title if settings else mounted}: API", settings=settings)


def _add(paths: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> None:
    shown = _VARIABLE.sub(r"{\1}", path)
    variables = [m[1] for m in _VARIABLE.finditer(path)]
    if variables:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in variables
        ]
    for one in ("get", "post") if method == "*" else (method.lower(),):
        paths.setdefault(shown, {}).setdefault(one, operation)


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    summary = "Files of the pages." if route.static else route.summary
    operation: dict[str, Any] = {
        "summary": summary,
        "tags": [route.plugin],
        "x-access": route.access,
        "responses": {
            "200": {"description": "OK"},
            "default": {
                "description": "A problem",
                "content": {"application/problem+json": {"schema": {"type": "object"}}},
            },
        },
    }
    if route.access != "public":
        operation["x-scope"] = f"{route.area}:{route.verb}"
        operation["responses"] |= {
            "401": {"description": "Nobody is known by what was shown"},
            "403": {"description": "The role or the scope is too small"},
        }
        operation["security"] = [{"key": []}, {"bearer": []}]
    if route.body is not None:
        (schema,), definitions = msgspec.json.schema_components(
            [route.body], ref_template="#/components/schemas/{name}"
        )
        schemas.update(definitions)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _alias_operation(target: str, routes: list[Route], schemas: dict[str, Any]) -> dict[str, Any]:
    for route in routes:
        if route.name == target:
            operation = _operation(route, schemas)
            operation["description"] = f"Another name for {target}."
            return operation
    return {"summary": f"Another name for {target}.", "tags": ["core"], "responses": {"200": {"description": "OK"}}}


def _version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return "0"
