"""The tenant-wide part of `tenant.toml`, as attrs classes; `config` decodes it strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs


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
    it; `purge_after`: seconds after the last message after which an expired one is removed (0: never); `sweep`: seconds
    between two looks."""

    expires_after: float = 86400.0
    purge_after: float = 0.0
    sweep: float = 60.0


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


@attrs.frozen
class Auth:
    """`open_routes`: admin routes ("POST /api/ingest") that need no key while the server is a loopback one."""

    open_routes: tuple[str, ...] = ()


@attrs.frozen
class Logging:
    """`file`: also log there (relative to the data folder); `level`: debug, info, warning or error."""

    file: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


@attrs.frozen
class Wire:
    """Field names of an alias: what the outside calls our fields, e.g. `{text = "message"}`."""

    request: Mapping[str, str] = attrs.Factory(dict)
    response: Mapping[str, str] = attrs.Factory(dict)


DEFAULT_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "apology": "Sorry, something went wrong on our side. Please try again in a moment.",
        "safe": "Sorry, I can't answer that.",
        "unknown": "I don't know that. I found nothing about it in our documents.",
        "greeting": "Hello! How can I help you?",
    },
    "fr": {
        "apology": "Désolé, un problème est survenu de notre côté. Veuillez réessayer dans un instant.",
        "safe": "Désolé, je ne peux pas répondre à cela.",
        "unknown": "Je ne sais pas. Je n'ai rien trouvé à ce sujet dans nos documents.",
        "greeting": "Bonjour ! Comment puis-je vous aider ?",
    },
    "hi": {
        "apology": "क्षमा करें, हमारी ओर से कुछ गड़बड़ हो गई। कृपया थोड़ी देर में फिर कोशिश करें।",
        "safe": "क्षमा करें, मैं इसका उत्तर नहीं दे सकता।",
        "unknown": "मुझे यह नहीं पता। हमारे दस्तावेज़ों में इसके बारे में कुछ नहीं मिला।",
        "greeting": "नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?",
    },
    "ta": {
        "apology": "மன்னிக்கவும், எங்கள் பக்கத்தில் ஏதோ தவறு நேர்ந்தது. சிறிது நேரத்தில் மீண்டும் முயற்சிக்கவும்.",
        "safe": "மன்னிக்கவும், இதற்கு என்னால் பதிலளிக்க முடியாது.",
        "unknown": "எனக்கு அது தெரியாது. எங்கள் ஆவணங்களில் இதைப் பற்றி எதுவும் கிடைக்கவில்லை.",
        "greeting": "வணக்கம்! நான் உங்களுக்கு எப்படி உதவலாம்?",
    },
}


@attrs.frozen
class Settings:
    """The tenant-wide settings; `[plugins.<name>]` is decoded by each plugin's own class.

    `plugins` is one list that orders every hook: listed first runs first.  `routes` maps the paths of a reference
    system to ours ("POST /api/ask" = "POST /ask"); `wire` maps field names for such an alias, by its left side.
    `hosts` are host names that mean this tenant on a server of several.  `texts` are the tenant's own words by
    language and key; what it leaves out comes from `DEFAULT_TEXTS`.
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
    routes: Mapping[str, str] = attrs.Factory(dict)
    wire: Mapping[str, Wire] = attrs.Factory(dict)
    texts: Mapping[str, Mapping[str, str]] = attrs.Factory(dict)

    def text(self, key: str, language: str = "") -> str:
        """The tenant's text for the key: its own in the language, the default in the language, then its own language.

        A language may be a BCP 47 tag; its first part decides.
        """
        wanted = [language, language.split("-", maxsplit=1)[0], self.language, "en"]
        for tag in wanted:
            found = self.texts.get(tag, {}).get(key) or DEFAULT_TEXTS.get(tag, {}).get(key)
            if found:
                return found
        raise KeyError(f"no text {key!r} in any language")
