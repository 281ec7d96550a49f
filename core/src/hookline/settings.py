"""The tenant-wide part of `tenant.toml`, as attrs classes; `config` decodes it strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import msgspec

from .referenceformat import IdFormat


@attrs.frozen(repr=False)
class Secret:
    """A value that is never printed; `name` is the environment variable it came from ("" for a literal)."""

    value: str
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return f"Secret({self.name or 'literal'}{'' if self.value else ', unset'})"

    __str__ = __repr__


@attrs.frozen
class History:
    """What outlives delivery.  sql: messages stay in the database; memory: in the process only; none: nowhere.

    `turns` is how many earlier messages a turn sees.
    """

    store: Literal["sql", "memory", "none"] = "sql"
    turns: int = 20


@attrs.frozen
class Conversations:
    """`expires_after`: seconds without a message after which a conversation is expired (0: never), unless an agent holds
    it or a timer waits in it; `purge_after`: seconds after the last message after which an expired one is removed (0:
    never); `sweep`: seconds between two looks; `own_ids`: a session id that nobody has used yet opens that session."""

    expires_after: float = 86400.0
    purge_after: float = 0.0
    sweep: float = 60.0
    own_ids: bool = False


@attrs.frozen
class Turns:
    """`limit`: seconds a turn may take; `attempts`: tries before the dead letters; `backoff`: seconds before the
    second try, doubled each time, at most 60; `wait`: seconds a request waits for its reply before it answers 202;
    `hook_limits`: deadlines of hooks by name, in seconds, where they shall differ from `hookspecs`."""

    limit: float = 150.0
    attempts: int = 5
    backoff: float = 1.0
    wait: float = 30.0
    hook_limits: Mapping[str, float] = attrs.Factory(dict)


@attrs.frozen
class Deliveries:
    """`attempts`: tries before a message is flagged as failed; `backoff` as in `Turns`, at most 300 seconds."""

    attempts: int = 8
    backoff: float = 1.0


@attrs.frozen
class Cors:
    """Origins that may call from a browser; "*" allows all (with a warning unless `debug`)."""

    allow_origins: tuple[str, ...] = ()


@attrs.frozen
class RateLimit:
    """At most `requests` in `seconds` for each client address, and `contact_requests` messages for each contact's
    address on a channel; 0: no limit."""

    requests: int = 100
    contact_requests: int = 30
    seconds: float = 10.0


@attrs.frozen
class Limits:
    """The longest message (code points) and the largest request body (bytes)."""

    message_chars: int = 10_000
    body_bytes: int = 25 * 1024 * 1024


SHORTEST_SECRET = 32
"""In bytes, of what signs access tokens: as long as what HMAC-SHA-256 gives."""


@attrs.frozen
class Auth:
    """`open_routes`: admin routes ("POST /api/ingest") that need no key while the server is a loopback one.

    `secret` signs access tokens (at least 32 bytes; unset: a random one in the data folder), `previous_secrets` are
    still taken.  `access_seconds`: how long an access token holds; `refresh_seconds`: how long one may be away and stay signed
    in; `login_seconds`: how long at most until the password is asked for again.  `registration`: anybody may make
    themselves an account that may look (role viewer).
    """

    open_routes: tuple[str, ...] = ()
    secret: Secret = Secret("")
    previous_secrets: tuple[Secret, ...] = ()
    access_seconds: int = 28_800
    refresh_seconds: int = 604_800
    login_seconds: int = 2_592_000
    registration: bool = False


@attrs.frozen
class Locale:
    """How the tenant's customers write.  `number`: indian (12,50,000; lakhs), french (1 250 000,50) or english;
    `currency` an ISO 4217 code; `phone_region` an ISO 3166 code of two letters; `timezone` an IANA name.  "" is derived:
    the region from the tenant's language, the rest from the region (`formats`)."""

    number: Literal["", "indian", "french", "english"] = ""
    currency: Annotated[str, msgspec.Meta(pattern="^([A-Z]{3})?$")] = ""
    phone_region: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    timezone: str = ""

    def __attrs_post_init__(self) -> None:
        """Check the time zone; raises ValueError that names it."""
        if self.timezone:
            try:
                ZoneInfo(self.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f'timezone: given {self.timezone!r}; allowed: a name like "Asia/Kolkata"') from None


@attrs.frozen
class Logging:
    """`file`: also log there (relative to the data folder); `level`: debug, info, warning or error."""

    file: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


@attrs.frozen
class Wire:
    """Field names of an alias: what the outside calls our fields, e.g. `{text = "message"}`.

    In responses a name with dots means what lies deeper, as `"agents.id" = "agent_id"`.  `values` are the outside's
    words for our values, by our name of the field: `state = {queued = "pending"}`; in requests and responses.
    `statuses` are those of refusals by ours: `{400 = 422}`, where clients know a bad body by 422.
    """

    request: Mapping[str, str] = attrs.Factory(dict)
    response: Mapping[str, str] = attrs.Factory(dict)
    values: Mapping[str, Mapping[str, str]] = attrs.Factory(dict)
    statuses: Mapping[str, int] = attrs.Factory(dict)


@attrs.frozen
class Settings:
    """The tenant-wide settings; `[plugins.<name>]` is decoded by each plugin's own class.

    `plugins` is one list that orders every hook: listed first runs first.  `routes` maps the paths of a reference
    system to ours ("POST /api/ask" = "POST /ask"); `wire` maps field names for such an alias, by its left side.
    `hosts` are host names that mean this tenant on a server of several.  `texts` are the tenant's own words by
    language and key; what it leaves out comes from its files of phrases, the plugins' and the core's (`phrases`).  `ids` says by kind how reference ids look.
    """

    plugins: tuple[str, ...]
    title: str = "Assistant"
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    debug: bool = False
    hosts: tuple[str, ...] = ()
    public_url: str = ""
    port: int = 8080
    database: str = ""
    history: History = History()
    conversations: Conversations = Conversations()
    turns: Turns = Turns()
    deliveries: Deliveries = Deliveries()
    cors: Cors = Cors()
    ratelimit: RateLimit = RateLimit()
    limits: Limits = Limits()
    auth: Auth = Auth()
    logging: Logging = Logging()
    locale: Locale = Locale()
    ids: Mapping[str, IdFormat] = attrs.Factory(dict)
    routes: Mapping[str, str] = attrs.Factory(dict)
    wire: Mapping[str, Wire] = attrs.Factory(dict)
    texts: Mapping[str, Mapping[str, str]] = attrs.Factory(dict)

    def text(self, key: str, language: str = "") -> str:
        """The tenant's text for the key, where nothing but the config is at hand (else `Tenant.phrase`): its own in the
        language, the core's in the language, then in its own language.  Raises KeyError."""
        from . import languages
        from .phrasefile import core_text

        for tag in (*languages.lineage(language), *languages.lineage(self.language), "en"):
            found = self.texts.get(tag, {}).get(key) or core_text(key, tag)
            if found:
                return found
        raise KeyError(f"no text {key!r} in any language")
