"""What supervisors see: load, risk, reports and ratings, as it travels; see `deskbodies` for the routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from .deskbodies import Text
from .slabodies import SlaView


@attrs.frozen
class WhisperBody:
    """A note that the agent sees at once and the customer never."""

    text: Text


@attrs.frozen
class RiskView:
    """A handoff whose promise is late or will soon be."""

    handoff: str
    conversation: str
    contact: str
    name: str
    channel: str
    agent: str
    agent_name: str
    team: str
    sla: SlaView


@attrs.frozen
class AgentLoad:
    """An agent's work: open handoffs by state, those late, and today's figures."""

    id: str
    name: str
    availability: str
    present: bool
    load: int
    capacity: int
    waiting: int
    late: int
    resolved_today: int


@attrs.frozen
class Overview:
    """The floor as it is: `queue` counts by priority, `longest_wait` in seconds, risks by due time."""

    at: float
    waiting: int
    longest_wait: float
    claimed: int
    snoozed: int
    returned: int
    late: int
    agents: Sequence[AgentLoad]
    risks: Sequence[RiskView]
    csat_today: float | None
    ratings_today: int


@attrs.frozen
class Spread:
    """Durations in seconds: how many, the median and the 90th percentile; null where there are none."""

    count: int
    median: float | None
    p90: float | None


@attrs.frozen
class Figures:
    """One row of a report; `key` is an id or a day, `name` what to show.

    `conversations` had a message of a customer in the time; `bot_resolved` of them had no handoff; shares are 0..1,
    null where nothing was counted.  `csat` is the share of ratings of at least 4 in 5 (D06).
    """

    key: str
    name: str
    conversations: int
    handoffs: int
    claimed: int
    resolved: int
    returned: int
    messages_in: int
    messages_agent: int
    first_response: Spread
    resolution: Spread
    first_response_working: Spread
    resolution_working: Spread
    sla_promised: int
    sla_met: float | None
    ratings: int
    csat: float | None
    rating_mean: float | None
    bot_resolved: int
    bot_resolution_rate: float | None
    handoff_rate: float | None


@attrs.frozen
class Report:
    """A report: `since` and `until` (excluded) are the days' limits in the time zone."""

    by: str
    timezone: str
    since: float
    until: float
    rows: Sequence[Figures]
    reasons: Mapping[str, int]


@attrs.frozen
class RatingView:
    """A customer's rating of a handoff; `score` of `scale`."""

    handoff: str
    conversation: str
    contact: str
    channel: str
    agent: str
    team: str
    score: int
    scale: int
    comment: str
    asked_at: float
    rated_at: float


@attrs.frozen
class Ratings:
    """Newest first."""

    ratings: Sequence[RatingView]
    next: str
