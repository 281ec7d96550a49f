"""Roles, scopes, and who a caller is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

import attrs

from .errors import BadRequest

Role = Literal["admin", "supervisor", "agent", "viewer"]
ROLES: tuple[str, ...] = get_args(Role)
RANK = {"viewer": 1, "agent": 2, "supervisor": 3, "admin": 4}

_SCOPE = re.compile(r"(?:\*|[a-z][a-z0-9_-]*):(?:read|write)|(?:GET|POST|PUT|PATCH|DELETE) /\S*")


@attrs.frozen
class Caller:
    """Who makes a request.

    `kind` is "staff" for somebody who signed in, "key" for the holder of an API key, "public" for anybody else.
    `id` is that of the staff account or of the key, "" for anybody else.  `scopes` are those of a key; empty: all
    that its role opens.
    """

    name: str
    role: str
    tenant: str = ""
    id: str = ""
    kind: Literal["staff", "key", "public"] = "public"
    scopes: tuple[str, ...] = ()
    login: str = ""
    until: float = 0.0

    @property
    def who(self) -> str:
        """As the audit log names it: "staff:<id>", "key:<id>" or "public"."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def has(self, role: str) -> bool:
        """Whether the caller's role is that one or a higher one."""
        return RANK.get(self.role, 0) >= RANK[role]


ANYONE = Caller("", "public")


def check_role(role: str) -> str:
    """The role, if it is one; raises `BadRequest`."""
    if role not in ROLES:
        raise BadRequest(f"role: given {role[:40]!r}; allowed: {', '.join(ROLES)}", "role")
    return role


def check_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes, each once; raises `BadRequest` for one that is none."""
    found = tuple(dict.fromkeys(scope.strip() for scope in scopes if scope.strip()))
    for scope in found:
        if not _SCOPE.fullmatch(scope):
            raise BadRequest(
                f'scopes: given {scope[:80]!r}; allowed: an area and read or write, as "knowledge:write" or '
                f'"*:read", or one route, as "POST /rag/search"',
                "scopes",
            )
    return found


def opens(scopes: Iterable[str], area: str, verb: str, route: str) -> bool:
    """Whether one of the scopes opens the route of that area; `verb` is "read" or "write", and write is both."""
    for scope in scopes:
        if scope == route:
            return True
        named, _, allowed = scope.partition(":")
        if named in ("*", area) and allowed in (verb, "write"):
            return True
    return False
