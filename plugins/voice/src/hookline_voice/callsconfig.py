"""What `[plugins.voice.calls]` in a tenant's config may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.settings import Secret

Count = Annotated[int, msgspec.Meta(gt=0, le=100)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
NONE = Secret("")
_PATH = re.compile(r"/[A-Za-z0-9_./-]+")


def _phone(key: str, given: str) -> None:
    if given and not _PHONE.fullmatch(given):
        raise ValueError(f"{key}: given {given!r}; allowed: a number such as '+919812345678'")


@attrs.frozen
class Pages:
    """Where the provider finds a step of the flow.

    say   the address that says it; "" for `/voice/calls/steps/STEP`
    hear  the address that takes the answer; "" for `/voice/calls/steps/STEP/answer`
    """

    say: str = ""
    hear: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse what is no path."""
        for name, path in (("say", self.say), ("hear", self.hear)):
            if path and not _PATH.fullmatch(path):
                raise ValueError(f"{name}: given {path!r}; allowed: a path such as '/voice-confirm-identity'")


@attrs.frozen
class Account:
    """Twilio's account; `auth_token` also signs what Twilio asks.  `url` is where its API is."""

    account_sid: str = ""
    auth_token: Secret = NONE
    url: str = "https://api.twilio.com"


@attrs.frozen
class Transfer:
    """What becomes of a call when a person is asked for.  The request is in the console in each case.

    kind          callback: the caller is told that somebody calls back; enqueue: it waits in TaskRouter's workflow; dial: the
                  `number` is called; conference: it waits in a room of its own, which agents call into
    workflow_sid  TaskRouter's workflow, for enqueue
    number        for dial
    """

    kind: Literal["callback", "enqueue", "dial", "conference"] = "callback"
    workflow_sid: str = ""
    number: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse what would strand a caller."""
        if self.kind == "dial" and not self.number:
            raise ValueError("number: missing; allowed: the number that is called, as '+911234567890'")
        _phone("number", self.number)


@attrs.frozen
class Outbound:
    """Calls that the bot places.

    attempts       how often somebody who does not answer is called
    retry_seconds  between two calls to them
    ring_seconds   how long it rings
    machine        what is done when a machine answers: hang up, or leave the flow's first words as a message
    quiet_from     no call from this hour on, where the customer is
    quiet_until    until this one
    answered_seconds  after which a call that was placed and of which nothing was heard is asked about
    lookup_seconds    for which a call that a crash left open is looked for before it is placed again
    """

    attempts: Count = 3
    retry_seconds: Seconds = 1800.0
    ring_seconds: Annotated[int, msgspec.Meta(ge=5, le=600)] = 30
    machine: Literal["hangup", "speak", "ignore"] = "hangup"
    quiet_from: str = "20:00"
    quiet_until: str = "09:00"
    answered_seconds: Seconds = 900.0
    lookup_seconds: Seconds = 60.0

    def __attrs_post_init__(self) -> None:
        """Refuse hours that are none."""
        for name, told in (("quiet_from", self.quiet_from), ("quiet_until", self.quiet_until)):
            if not _TIME.fullmatch(told):
                raise ValueError(f"{name}: given {told!r}; allowed: a time such as '20:00'")


@attrs.frozen
class Recording:
    """Whether calls are recorded.

    mode       off; announce: the caller is told, then it is recorded; ask: only who says yes is recorded
    keep_days  after which a recording is removed at the provider's
    """

    mode: Literal["off", "announce", "ask"] = "off"
    keep_days: Seconds = 30.0


@attrs.frozen
class Calls:
    """Phone calls by Twilio.

    flow          the flow that a call walks; "": callers say what they want
    mode          ivr: questions one by one, answered by voice or keys; relay: a conversation, by Twilio's ConversationRelay
    numbers       the tenant's numbers; a call to or from another is refused.  (): any of the account
    languages     what calls are held in; (): the tenant's languages
    locales       what Twilio calls a language, where it is not as here: `{en = "en-GB"}`
    voices        Twilio's voices by language
    steps         the addresses of steps, in the order of the call: `[plugins.voice.calls.steps.STEP]`
    wait          seconds until a caller whose answer takes longer hears a pause
    timeout       seconds of silence after which a question counts as not answered
    silences      how often in a row, until the call ends
    stale_seconds after the end of a call in which its requests are still answered
    keep_days     how long calls are kept
    """

    flow: str = ""
    mode: Literal["ivr", "relay"] = "ivr"
    numbers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    locales: Mapping[str, str] = attrs.Factory(dict)
    voices: Mapping[str, str] = attrs.Factory(dict)
    steps: Mapping[str, Pages] = attrs.Factory(dict)
    wait: Annotated[float, msgspec.Meta(gt=0, le=14)] = 9.0
    timeout: Annotated[int, msgspec.Meta(ge=1, le=60)] = 6
    silences: Count = 3
    stale_seconds: Seconds = 600.0
    keep_days: Seconds = 90.0
    twilio: Account = Account()
    transfer: Transfer = Transfer()
    outbound: Outbound = Outbound()
    recording: Recording = Recording()

    def __attrs_post_init__(self) -> None:
        """Refuse what would only show in a call."""
        for number in self.numbers:
            _phone("numbers", number)
        told = [path for pages in self.steps.values() for path in (pages.say, pages.hear) if path]
        for path in told:
            if told.count(path) > 1:
                raise ValueError(f"steps: the address {path!r} is given twice; each step has its own")
