"""Files of ours on their way out.

Meta gets their bytes by upload, so nothing of ours has to be public.  Twilio and Gupshup fetch a file themselves: they get a signed address
on `public_url` that ends, behind which the file is opened when they ask.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import attrs

from hookline import media
from hookline.errors import HookError
from hookline.problems import Problem
from hookline.sealing import derived_key
from hookline.tenant import ResourceKey

from . import kinds
from .failures import SendDelayed, SendRefused
from .parts import MediaPart
from .providers import sender_of

if TYPE_CHECKING:
    from hookline.message import File, Message
    from hookline.tenant import Tenant

    from .config import Number

LINKS = "/whatsapp/sent/"
_LINK_SECONDS = 6 * 3600  # Twilio and Gupshup keep a message for hours where a number is slow
_UPLOADED_SECONDS = 25 * 86400.0  # Meta keeps an upload for 30 days
_REMEMBERED = 1000


class Uploads:
    """What was uploaded lately, so that a file that goes to many is uploaded once; by number and content."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, float]] = {}

    def find(self, number: str, digest: str, now: float) -> str:
        """The provider's id, or "" where there is none that still works."""
        ident, until = self._known.get((number, digest), ("", 0.0))
        return ident if now < until else ""

    def keep(self, number: str, digest: str, ident: str, now: float) -> None:
        """Remember an upload."""
        while len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[number, digest] = (ident, now + _UPLOADED_SECONDS)

    def forget(self, ident: str) -> None:
        """The provider does not take it."""
        for key, (known, _) in list(self._known.items()):
            if known == ident:
                del self._known[key]


async def uploads_of(tenant: Tenant) -> Uploads:
    """What the tenant has uploaded; outlives reloads."""

    async def make() -> Uploads:
        return Uploads()

    return await tenant.keep(ResourceKey[Uploads]("uploads"), make)


async def typed(tenant: Tenant, message: Message) -> Message:
    """The message with the types of its files that nobody has said."""
    if all(kinds.bare(one.media_type) not in ("", kinds.UNKNOWN) for one in message.attachments):
        return message
    told = []
    for one in message.attachments:
        if kinds.bare(one.media_type) in ("", kinds.UNKNOWN) and (file := await _opened(tenant, one.url)):
            one = attrs.evolve(one, media_type=file.media_type, name=one.name or file.name)  # noqa: PLW2901  the same, better known
        told.append(one)
    return attrs.evolve(message, attachments=tuple(told))


async def ready(tenant: Tenant, number: Number, part: MediaPart) -> MediaPart:
    """The part as the provider gets it: uploaded, or at an address that it can reach; raises the errors of `failures`."""
    able, carrier = sender_of(tenant).abilities(tenant), tenant.config.carrier
    file = await _opened(tenant, part.url)
    if file is None:
        if part.size is not None:
            kinds.check_size(carrier, part.kind, part.size, part.name)
        return attrs.evolve(part, url=_whole(tenant, part.url, near=able.relative))
    name = part.name or file.name
    kind = kinds.kind_of(file.media_type, name)
    if kind != part.kind:
        raise SendRefused(
            f"the file {name} is {file.media_type}, and was to be sent as {part.kind}: say its type as it is"
        )
    kinds.check_size(carrier, kind, len(file.data), name)
    kinds.check_sound(file.data, file.media_type, name)
    part = attrs.evolve(part, name=name, voice=kinds.bare(file.media_type) in ("audio/ogg", "audio/opus"))
    if able.uploads:
        return attrs.evolve(part, media=await _uploaded(tenant, number, attrs.evolve(file, name=name)))
    if able.relative:
        return part
    return attrs.evolve(part, url=await link(tenant, part.url, name))


async def _uploaded(tenant: Tenant, number: Number, file: File) -> str:
    digest = (await tenant.compute.run(hashlib.sha256, file.data)).hexdigest() + file.name
    uploads, now = await uploads_of(tenant), tenant.clock.now()
    known = uploads.find(number.id, digest, now)
    if not known:
        known = await sender_of(tenant).upload(tenant, number, file)
        uploads.keep(number.id, digest, known, now)
    return known


# -- addresses -----------------------------------------------------------------------------------------------------------


def own_path(tenant: Tenant, url: str) -> str:
    """The path of an address on this server, without its query; "" for an address elsewhere."""
    base = tenant.settings.public_url.rstrip("/")
    if base and url.startswith(f"{base}/"):
        url = url[len(base) :]
    if not url.startswith("/") or url.startswith("//"):
        return ""
    return urlsplit(url).path


async def _opened(tenant: Tenant, url: str) -> File | None:
    path = own_path(tenant, url)
    if not path:
        return None
    try:
        return await tenant.hooks.open_file(unquote(path))
    except HookError as error:
        raise SendDelayed(f"a file can't be opened: {error}") from None


def _whole(tenant: Tenant, url: str, *, near: bool) -> str:
    """The address as the provider can fetch it."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = "none"
    if not scheme and not (near and own_path(tenant, url)):
        base = tenant.settings.public_url.rstrip("/")
        if not base:
            raise SendRefused(
                "a file can't be sent: its address is relative, no plugin here has it, and public_url is not set"
            )
        return f"{base}/{url.lstrip('/')}"
    if scheme not in ("", "http", "https"):
        raise SendRefused("a file can't be sent: its address is none of the web")
    return url


async def link(tenant: Tenant, url: str, name: str) -> str:
    """An address on `public_url` at which the provider gets the file for some hours."""
    base = tenant.settings.public_url.rstrip("/")
    if not base:
        raise SendRefused(
            f"a file can't be sent: {tenant.config.carrier} fetches it from this server, and public_url is not set"
        )
    path, until = own_path(tenant, url), int(tenant.clock.now()) + _LINK_SECONDS
    signature = media.sign(await _key(tenant), _about(tenant, path), until)
    where = f"{base}/t/{quote(tenant.name)}{LINKS}{quote(media.safe_name(name), safe='')}"
    return f"{where}?file={quote(path, safe='')}&until={until}&sign={signature}"


async def linked(tenant: Tenant, path: str, until: str, signature: str) -> File:
    """The file behind such an address; raises `Problem` 403 and 404."""
    if not media.signed(await _key(tenant), _about(tenant, path), until, signature, tenant.clock.now()):
        raise Problem(403, "this link does not work, or not any more")
    file = await tenant.hooks.open_file(unquote(path))
    if file is None:
        raise Problem(404, "the file is not there any more")
    return file


def _about(tenant: Tenant, path: str) -> str:
    return f"{tenant.name}{path}"


async def _key(tenant: Tenant) -> str:
    return (await derived_key(tenant, tenant.config.secret, "links")).hex()
