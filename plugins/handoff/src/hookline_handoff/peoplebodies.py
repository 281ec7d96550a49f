"""Agents and teams, as they travel between the console and this plugin; see `bodies` for all routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import attrs
import msgspec

from .bodies import Availability, View, Words


@attrs.frozen
class AgentView:
    """A person of the staff as the console shows them.

    `availability` is what they chose, `present` whether a page of theirs gave a sign of life lately; they are assigned
    conversations while both hold and `load` is below `capacity` (0: no limit).  `is_available` says `availability` as
    yes or no.
    """

    id: str
    name: str
    role: str = "agent"
    email: str = ""
    phone: str = ""
    availability: Availability = "offline"
    present: bool = False
    seen_at: float | None = None
    skills: Sequence[str] = ()
    languages: Sequence[str] = ()
    teams: Sequence[str] = ()
    capacity: int = 0
    load: int = 0
    is_available: bool = False


@attrs.frozen
class Agents:
    """All agents, by name."""

    agents: Sequence[AgentView]


@attrs.frozen
class TeamView:
    """A team; whoever is in it may claim what is transferred to it.  `skills` are those that it takes."""

    id: str
    name: str
    skills: Words = ()
    members: Annotated[Sequence[str], msgspec.Meta(max_length=1000)] = ()


@attrs.frozen
class Teams:
    """All teams, by name."""

    teams: Sequence[TeamView]


@attrs.frozen
class Me:
    """The caller: the profile, and what the console needs to begin.

    `views` are those that the caller may open, `channels` those of the tenant; `language` of the interface, "" where the
    account names none: then it is the browser's.
    """

    agent: AgentView
    language: str
    languages: Sequence[str]
    views: Sequence[View]
    channels: Sequence[str]
    teams: Sequence[TeamView]
    title: str = ""
    heartbeat: float = 20.0


@attrs.frozen
class MyProfileBody:
    """What people change of their own; a field left out stays."""

    availability: Availability | None = None
    languages: Words | None = None


@attrs.frozen
class ProfileBody:
    """What a supervisor sets of an agent; a field left out stays."""

    skills: Words | None = None
    languages: Words | None = None
    teams: Words | None = None
    capacity: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None
    availability: Availability | None = None


@attrs.frozen
class AvailabilityBody:
    """Whether an agent takes conversations."""

    availability: Availability


@attrs.frozen
class AvailableBody:
    """The same as yes or no: yes is "available", no is "away"."""

    is_available: bool


@attrs.frozen
class TeamBody:
    """A team as it shall be."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    skills: Sequence[str] = ()
    members: Sequence[str] = ()
