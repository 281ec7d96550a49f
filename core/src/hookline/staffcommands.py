"""The commands on accounts and the audit log, which need the database alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import msgspec

from . import audit
from .control import Commands
from .errors import BadRequest
from .logins import RESET_SECONDS, Logins
from .particulars import email_key
from .plugin import Progress
from .roles import check_role
from .staff import Account

BY = "command line"


def register_staff(commands: Commands, logins: Logins) -> None:
    """What `hookline user` and `hookline audit` have a process do."""
    staff, database = logins.staff, logins.database

    async def named(tenant: str, who: Any) -> Account:
        found = await staff.find(tenant, str(who)) or await staff.get(tenant, str(who))
        if found is None:
            raise BadRequest(f"tenant {tenant!r} has no account {str(who)!r}; `hookline user list` shows them")
        return found

    async def link(tenant: str, ident: str) -> dict[str, Any]:
        text = await logins.offer_reset(tenant, ident, by=BY)
        return {"reset_token": text, "reset_until": logins.clock.now() + RESET_SECONDS}

    async def create(tenant: str, given: Mapping[str, Any], _progress: Progress) -> Any:
        name, email, password = str(given.get("name", "")), str(given["email"]), str(given.get("password", ""))
        check_role(str(given["role"]))
        hashed = await logins.set_up(password, about=(name, email, email.partition("@")[0])) if password else ""
        made = await staff.create(
            tenant,
            email,
            str(given["role"]),
            by=BY,
            name=name,
            phone=str(given.get("phone", "")),
            language=str(given.get("language", "")),
            password=hashed,
        )
        return {**_shown(made), **({} if password else await link(tenant, made.id))}

    async def list_(tenant: str, _given: Mapping[str, Any], _progress: Progress) -> Any:
        return [_shown(account) for account in await staff.list(tenant)]

    async def change(tenant: str, given: Mapping[str, Any], _progress: Progress) -> Any:
        account = await named(tenant, given["who"])
        values = {key: given[key] for key in ("role", "active") if key in given}
        return _shown(await staff.change(tenant, account.id, by=BY, **values))

    async def password(tenant: str, given: Mapping[str, Any], _progress: Progress) -> Any:
        account = await named(tenant, given["who"])
        if not given.get("password"):
            return {**_shown(account), **await link(tenant, account.id)}
        hashed = await logins.set_up(str(given["password"]), account)
        changed = await staff.change(tenant, account.id, by=BY, password=hashed)
        await logins.throttle.clear(tenant, email_key(account.email))
        return _shown(changed)

    async def verify(tenant: str, _given: Mapping[str, Any], _progress: Progress) -> Any:
        return attrs.asdict(await audit.verify(database, tenant))

    async def log(tenant: str, given: Mapping[str, Any], _progress: Progress) -> Any:
        found = await audit.entries(database, tenant, limit=int(given.get("limit", 100)))
        return [attrs.asdict(entry) for entry in reversed(found)]

    for name, handler in (
        ("user.create", create),
        ("user.list", list_),
        ("user.change", change),
        ("user.password", password),
        ("audit.verify", verify),
        ("audit.list", log),
    ):
        commands.register(name, handler)


def _shown(account: Account) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(account.staff)
    return told
