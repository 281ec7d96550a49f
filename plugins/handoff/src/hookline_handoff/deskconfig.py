"""What `[plugins.handoff]` may say about the desk: promises of service, escalation, summaries, ratings, files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import attrs
import msgspec

from hookline.settings import Secret

from .hours import CalendarConfig

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
NO_SECRET = Secret("")
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


@attrs.frozen
class SlaPolicy:
    """One promise; the first whose conditions all hold counts.

    `first_response`, `next_reply`, `resolution`: working seconds, 0 for no promise.  `priorities` (-1 low … 2 urgent),
    `channels`, `teams`, `skills`: to what it applies, empty for all.  `calendar`: one of `calendars`.  `warn`: the share of
    the time after which a warning comes.  `pause_for_customer`: the resolution's clock stands still while the
    customer has to answer.
    """

    name: str
    first_response: NotNegative = 0.0
    next_reply: NotNegative = 0.0
    resolution: NotNegative = 0.0
    priorities: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    calendar: str = "default"
    warn: Share = 0.8
    pause_for_customer: bool = True


@attrs.frozen
class EscalationContact:
    """Who is told on a level of the matrix: `role` names the level; a member of the staff with this address or phone
    gets a notice, and `channel` with `address` (default: `phone`) a message."""

    role: str
    name: str = ""
    email: str = ""
    phone: str = ""
    channel: str = ""
    address: str = ""


@attrs.frozen
class EscalationBranch:
    """Another order of roles, for handoffs of these `skills`, `teams` or `reasons` (a reason begins with one of them)."""

    roles: tuple[str, ...]
    skills: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@attrs.frozen
class Escalation:
    """The matrix that an unresolved handoff climbs.

    `roles`: the levels in their order; none: no matrix.  `hours`: after how many hours since the request each level is
    reached (one a level; the last one's distance goes on for levels beyond).  `contacts`: who they are;
    `contacts_json`: the same as JSON text, for an environment variable.  `branches`: other orders.  `reasons`: which
    handoffs climb (a reason begins with one of them), empty for all.  `calendar`: count working hours of it; "" counts
    all.  `stale_days`: a handoff of that age is stale, 0 for never.  `webhook`, `webhook_secret`: where each notice is
    also posted, signed.  `plugin`: a plugin that gets each notice as a job `notify`, to send it by its own means.
    """

    roles: tuple[str, ...] = ()
    hours: tuple[NotNegative, ...] = (24.0, 72.0, 168.0, 336.0)
    contacts: tuple[EscalationContact, ...] = ()
    contacts_json: str = ""
    branches: tuple[EscalationBranch, ...] = ()
    reasons: tuple[str, ...] = ()
    calendar: str = ""
    stale_days: NotNegative = 15.0
    webhook: str = ""
    webhook_secret: Secret = NO_SECRET
    plugin: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse JSON that is none, and hours that do not rise."""
        self.everybody()
        if list(self.hours) != sorted(self.hours) or not self.hours:
            raise ValueError(
                f"hours: given {list(self.hours)}; allowed: at least one number, none below the one before"
            )

    def everybody(self) -> tuple[EscalationContact, ...]:
        """All contacts; those of `contacts_json` come after the others.  Raises ValueError."""
        if not self.contacts_json.strip():
            return self.contacts
        try:
            more = msgspec.json.decode(self.contacts_json, type=tuple[EscalationContact, ...])
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ValueError(
                f'contacts_json: {error}; allowed: [{{"role": "RM", "name": "…", "phone": "…"}}, …]'
            ) from None
        return (*self.contacts, *more)


@attrs.frozen
class SummaryConfig:
    """`generate`: the service (of `llm`) that writes it, "" for the customer's own sentences; `timeout`: seconds that it
    may take; `translate`: the service for translations beside the text, "" for none."""

    generate: str = ""
    timeout: Positive = 15.0
    translate: str = ""


@attrs.frozen
class Csat:
    """The question after a handoff is resolved.

    `enabled`; `scale`: the best rating, the worst being 1; `expires`: seconds in which it can be answered; `poor`: up to
    which rating it is poor; `comment`: asked for after "poor" ratings, "always" or "never"; `comment_expires`: seconds
    in which it counts; `escalate_poor`: a poor rating opens the handoff anew; `channels`: those on which it is asked,
    empty for all; `texts`: own words by language and key (ask, thanks, comment, noted, scale).
    """

    enabled: bool = False
    scale: Annotated[int, msgspec.Meta(ge=2, le=10)] = 5
    expires: Positive = 86_400.0
    poor: Annotated[int, msgspec.Meta(ge=0, le=9)] = 2
    comment: Annotated[str, msgspec.Meta(pattern="^(poor|always|never)$")] = "poor"
    comment_expires: Positive = 900.0
    escalate_poor: bool = False
    channels: tuple[str, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = attrs.Factory(dict)


@attrs.frozen
class Files:
    """`max_bytes`: the largest upload; `types`: media types that are taken, "image/*" for a family; `link_seconds`: how
    long a customer's link to a file works."""

    max_bytes: Annotated[int, msgspec.Meta(gt=0)] = 16 * 1024 * 1024
    types: tuple[str, ...] = (
        "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv",
        "audio/*", "video/mp4",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    )  # fmt: skip
    link_seconds: Positive = 7 * 86_400.0


@attrs.frozen
class Desk:
    """`tags`: those that are suggested; `merge`: the role from which on contacts may be merged; `timezone`: whose days
    reports count unless they are told."""

    tags: tuple[str, ...] = ()
    merge: Annotated[str, msgspec.Meta(pattern="^(agent|supervisor|admin)$")] = "agent"
    timezone: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse a zone that there is none of."""
        if self.timezone:
            CalendarConfig(self.timezone)
