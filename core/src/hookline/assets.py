"""Files of plugin packages, served with validators made from their content."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

if TYPE_CHECKING:
    from .tenant import Tenant

_HASHED = re.compile(r"[-.](?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{8,}\.[a-z0-9]+$")  # what a bundler puts into a name
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".map": "application/json",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
}
UNBUILT = (
    "The pages are not built: run `make web` in the repository, or install a released wheel. "
    "The API works without them; /docs lists it.\n"
)
_COMPRESSED = ("text/", "application/json", "image/svg+xml", "application/manifest+json")


@attrs.frozen
class _File:
    stamp: tuple[int, int]
    body: bytes
    zipped: bytes
    etag: str
    media_type: str


class Assets:
    """The files below `folder` of a package.  A file may change on disk (`make web`): it is looked at each time."""

    def __init__(self, package: str, folder: str) -> None:
        spec = importlib.util.find_spec(package)
        places = list(spec.submodule_search_locations or ()) if spec else []
        root = Path(places[0]) / folder if places else None
        self.root = root.resolve() if root is not None and root.is_dir() else None
        self._files: dict[str, _File] = {}

    def read(self, name: str) -> _File | None:
        """The file of that relative name; None for one that is not there, is hidden or lies outside."""
        if self.root is None or "\x00" in name or "\\" in name or any(p.startswith(".") for p in name.split("/")):
            return None
        try:
            path = (self.root / name).resolve()
            if not path.is_relative_to(self.root) or not path.is_file():
                return None
            status = path.stat()
        except OSError:  # a name too long for any file, or a file that is just being replaced
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._files.get(name)
        if known is None or known.stamp != stamp:
            body = path.read_bytes()
            media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            zipped = gzip.compress(body, 6, mtime=0) if media_type.startswith(_COMPRESSED) and len(body) > 1024 else b""
            known = _File(stamp, body, zipped, hashlib.sha256(body).hexdigest()[:20], media_type)
            self._files[name] = known
        return known

    async def serve(self, request: web.Request, tenant: Tenant) -> web.StreamResponse:
        """A file of the plugin's pages."""
        name = request.match_info["file"]
        file = await tenant.compute.run(self.read, name)
        if file is None:
            raise web.HTTPNotFound
        hashed = _HASHED.search(name) is not None or request.query.get("v") == file.etag
        headers = {
            "ETag": f'"{file.etag}"',
            "Cache-Control": _FOREVER if hashed else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if f'"{file.etag}"' in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        body = file.body
        if file.zipped and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = file.zipped
            headers["Content-Encoding"] = "gzip"
        charset = "utf-8" if file.media_type.startswith("text/") else None
        return web.Response(body=body, content_type=file.media_type, charset=charset, headers=headers)


async def show_page(request: web.Request, tenant: Tenant, package: str, name: str) -> web.Response:
    """A page that `make web` builds, with the tenant's base address in place of `__BASE__`; 503 where it is not built."""
    file = await tenant.compute.run(Assets(package, "static").read, name)
    if file is None:
        return web.Response(status=503, text=UNBUILT)
    return web.Response(
        text=file.body.decode().replace("__BASE__", base_of(request, tenant.name)), content_type="text/html"
    )


def base_of(request: web.Request, tenant: str) -> str:
    """Where the tenant's paths begin in this request: "/t/<tenant>", or "" where it is mounted at `/`."""
    prefix = f"/t/{tenant}"
    return prefix if request.path.startswith(f"{prefix}/") else ""
