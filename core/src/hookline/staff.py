"""The people who work for a tenant: agents, supervisors, admins, and those who may only look.

`StaffStore` keeps the accounts of all tenants of a process; what a plugin sees is its tenant's (`directory`).
"""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from .audit import append
from .clock import Clock
from .collect import Audited
from .db import ConstraintViolated, Database, Op, Result, Script
from .errors import BadRequest, Conflict, HooklineError
from .live import Live
from .models import staff, staff_login
from .particulars import checked_email, checked_language, checked_name, checked_phone, email_key
from .roles import check_role

b = sa.bindparam

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_DATA = 16_384

COLUMNS = (
    staff.c.id,
    staff.c.email,
    staff.c.name,
    staff.c.phone,
    staff.c.role,
    staff.c.language,
    staff.c.data,
    staff.c.password,
    staff.c.version,
    staff.c.reset_digest,
    staff.c.reset_until,
    staff.c.created_at,
    staff.c.disabled_at,
    staff.c.seen_at,
)
_LIST = sa.select(*COLUMNS).where(staff.c.tenant == b("p_tenant")).order_by(staff.c.created_at, staff.c.id)
_GET = sa.select(*COLUMNS).where(staff.c.tenant == b("p_tenant"), staff.c.id == b("p_id"))
_FIND = sa.select(*COLUMNS).where(staff.c.tenant == b("p_tenant"), staff.c.email_key == b("p_email"))
_RESET = sa.select(*COLUMNS).where(staff.c.tenant == b("p_tenant"), staff.c.reset_digest == b("p_digest"))
_LOCKED = _GET.with_for_update()
_ADMINS = (
    sa.select(staff.c.id)
    .where(staff.c.tenant == b("p_tenant"), staff.c.role == "admin", staff.c.disabled_at.is_(None))
    .order_by(staff.c.id)
    .with_for_update()
)
_MINE = (staff.c.tenant == b("p_tenant"), staff.c.id == b("p_id"))
END_LOGINS = (
    sa.update(staff_login)
    .where(
        staff_login.c.tenant == b("p_tenant"),
        staff_login.c.staff == b("p_staff"),
        staff_login.c.ended_at.is_(None),
        staff_login.c.id != b("p_but"),
    )
    .values(ended_at=b("p_now"))
)


class UnknownStaff(HooklineError):
    """The tenant has no account with that id."""


class LinkEnded(BadRequest):
    """A link to set a password was used, or is too old."""

    def __init__(self) -> None:
        super().__init__("this link was used, or is too old; ask an admin for another one", "token")


@attrs.frozen
class Staff:
    """Somebody who works for the tenant, as it may be shown.  Times are in seconds since the epoch.

    `active`: may sign in.  `data` is what plugins keep with the account, by key.  `invited`: has no password yet.
    """

    id: str
    email: str
    name: str
    phone: str
    role: str
    active: bool
    language: str
    created_at: float
    data: Mapping[str, Any] = attrs.Factory(dict)
    invited: bool = False
    seen_at: float | None = None

    @property
    def shown_name(self) -> str:
        """What to call them: the name, or the address."""
        return self.name or self.email


@attrs.frozen(repr=False)
class Account:
    """A row of the table: `Staff`, and what signing in needs."""

    id: str
    email: str
    name: str
    phone: str
    role: str
    language: str
    data: Mapping[str, Any]
    password: str
    version: int
    reset_digest: str
    reset_until: float
    created_at: float
    disabled_at: float | None
    seen_at: float | None

    @property
    def active(self) -> bool:
        """Whether it may sign in."""
        return self.disabled_at is None

    @property
    def staff(self) -> Staff:
        """What of it may be shown."""
        return Staff(
            self.id,
            self.email,
            self.name,
            self.phone,
            self.role,
            self.active,
            self.language,
            self.created_at,
            self.data,
            not self.password,
            self.seen_at,
        )


class StaffStore:
    """The staff of all tenants of a process.

    Whatever ends or lessens what somebody may do (another role, another password, deactivated) raises the account's
    version and ends its logins; it is told on the live topic `staff:<id>`, kind "changed".  Each change has its row in the audit log.
    """

    def __init__(self, database: Database, clock: Clock, live: Live | None = None) -> None:
        self.database = database
        self.clock = clock
        self.live = live
        self.stamp = 0  # rises with each change in this process

    # -- reading -----------------------------------------------------------------------------------------------------

    async def list(self, tenant: str) -> list[Account]:
        """All accounts, the oldest first."""
        rows = await self.database.fetch(_LIST, {"p_tenant": tenant}, tenant=tenant)
        return [Account(*row) for row in rows]

    async def get(self, tenant: str, ident: str) -> Account | None:
        """The account with that id."""
        return self._one(await self.database.fetch(_GET, {"p_tenant": tenant, "p_id": ident}, tenant=tenant))

    async def find(self, tenant: str, email: str) -> Account | None:
        """The account with that address, however it is written."""
        values = {"p_tenant": tenant, "p_email": email_key(email)}
        return self._one(await self.database.fetch(_FIND, values, tenant=tenant))

    async def with_reset(self, tenant: str, digest: str) -> Account | None:
        """The account whose link to set a password has that digest, if it holds still."""
        found = self._one(
            await self.database.fetch(_RESET, {"p_tenant": tenant, "p_digest": digest}, tenant=tenant) if digest else ()
        )
        return found if found is not None and found.active and found.reset_until > self.clock.now() else None

    @staticmethod
    def _one(rows: Any) -> Account | None:
        return Account(*rows[0]) if rows else None

    # -- changing ----------------------------------------------------------------------------------------------------

    async def create(
        self,
        tenant: str,
        email: str,
        role: str,
        *,
        by: str,
        name: str = "",
        phone: str = "",
        language: str = "",
        ident: str = "",
        password: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> Account:
        """Make an account; `password` is a hash, "" where one shall be set by a link.

        Raises `BadRequest` for what can't be, `Conflict` where the address or the id is taken.
        """
        now = self.clock.now()
        if ident and not _ID.fullmatch(ident):
            raise BadRequest(f"id: given {ident[:80]!r}; allowed: 1 to 64 letters, digits, '.', '_' and '-'", "id")
        made = Account(
            id=ident or secrets.token_hex(8),
            email=checked_email(email),
            name=checked_name(name),
            phone=checked_phone(phone),
            role=check_role(role),
            language=checked_language(language),
            data=dict(data or {}),
            password=password,
            version=0,
            reset_digest="",
            reset_until=0.0,
            created_at=now,
            disabled_at=None,
            seen_at=None,
        )

        def script() -> Script[None]:
            yield Op(sa.insert(staff), {"tenant": tenant, "email_key": email_key(made.email), **attrs.asdict(made)})
            yield from self._audited(tenant, by, "staff.created", made.id, {"role": made.role})

        try:
            await self.database.run(script(), tenant=tenant)
        except ConstraintViolated:
            raise Conflict("there is an account with this address or id already") from None
        self.told(tenant, made.id)
        return made

    async def change(
        self, tenant: str, ident: str, *, by: str, but: str = "", link: str = "", **values: Any
    ) -> Account:
        """Change `email`, `name`, `phone`, `language`, `role`, `active`, `password` (a hash) of an account.

        `but` is the login that stays when the others end; `link` the digest of the link with which it is done, which is
        good once.  Raises `UnknownStaff`, `BadRequest`, and `Conflict` where the address is taken or the tenant would
        be left without an admin.
        """
        columns = _checked(values, self.clock.now())

        def script() -> Script[Account]:
            # all admins first, in one order: two of them that leave at once wait, and neither for the other
            admins = (yield Op(_ADMINS, {"p_tenant": tenant})).rows if {"role", "disabled_at"} & set(columns) else ()
            before = yield from self._locked(tenant, ident)
            if link and before.reset_digest != link:
                raise LinkEnded
            changed = {key: value for key, value in columns.items() if getattr(before, key) != value}
            if "disabled_at" in changed and (before.disabled_at is None) == (changed["disabled_at"] is None):
                del changed["disabled_at"]  # it was before
            if not changed:
                return before
            after = attrs.evolve(before, **changed)
            if _is_admin(before) and not _is_admin(after) and {row.id for row in admins} <= {ident}:
                raise Conflict("this is the only admin; make another account admin first")
            if {"role", "disabled_at", "password", "email"} & set(changed):
                after = attrs.evolve(after, version=before.version + 1)
                changed["version"] = after.version
                if "password" in changed or "disabled_at" in changed:
                    yield Op(END_LOGINS, _ended(tenant, ident, self.clock.now(), but))
            noted = [Audited(by, *told) for told in _told(before, after, set(changed))]
            if {"disabled_at", "password", "email"} & set(changed):  # a link may have gone to the address before
                changed |= {"reset_digest": "", "reset_until": 0.0}
            yield from _update(tenant, ident, changed)
            yield from append(self.database.dialect, tenant, noted, self.clock.now())
            return after

        try:
            after = await self.database.run(script(), tenant=tenant)
        except ConstraintViolated:
            raise Conflict("there is an account with this address already") from None
        self.told(tenant, ident)
        return after

    async def note(self, tenant: str, ident: str, key: str, value: Any) -> Account:
        """Keep a JSON value with the account under the key; None takes it away.  Raises `UnknownStaff`."""
        import msgspec

        def script() -> Script[Account]:
            before = yield from self._locked(tenant, ident)
            data = {k: v for k, v in {**before.data, key: value}.items() if v is not None}
            if len(msgspec.json.encode(data)) > _MOST_DATA:
                raise BadRequest(f"data: more than {_MOST_DATA} bytes can't be kept with an account", "data")
            yield from _update(tenant, ident, {"data": data})
            return attrs.evolve(before, data=data)

        after = await self.database.run(script(), tenant=tenant)
        self.told(tenant, ident)
        return after

    async def offer_reset(self, tenant: str, ident: str, digest: str, until: float, *, by: str) -> Account:
        """Let whoever has the text of that digest set the account's password, until then; one link at a time."""

        def script() -> Script[Account]:
            before = yield from self._locked(tenant, ident)
            yield from _update(tenant, ident, {"reset_digest": digest, "reset_until": until})
            yield from self._audited(tenant, by, "staff.reset_offered", ident, {})
            return before

        return await self.database.run(script(), tenant=tenant)

    async def rehashed(self, tenant: str, ident: str, before: str, after: str) -> None:
        """Put the same password's new hash in place of its old one; nothing else changes."""

        def script() -> Script[None]:
            yield Op(
                sa.update(staff).where(*_MINE, staff.c.password == b("p_before")).values(password=b("p_after")),
                {"p_tenant": tenant, "p_id": ident, "p_before": before, "p_after": after},
            )

        await self.database.run(script(), tenant=tenant)

    def told(self, tenant: str, ident: str) -> None:
        """Say that something about the account, or what it signed in with, has changed."""
        self.stamp += 1
        if self.live is not None:
            self.live.publish(tenant, f"staff:{ident}", "changed", {"id": ident})

    def _locked(self, tenant: str, ident: str) -> Script[Account]:
        found: Result = yield Op(_LOCKED, {"p_tenant": tenant, "p_id": ident})
        if not found.rows:
            raise UnknownStaff("there is no such account here")
        return Account(*found.rows[0])

    def _audited(self, tenant: str, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> Script[None]:
        yield from append(self.database.dialect, tenant, [Audited(who, what, subject, detail)], self.clock.now())


# -- what may be changed ------------------------------------------------------------------------------------------------


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "email": checked_email,
    "name": checked_name,
    "phone": checked_phone,
    "language": checked_language,
    "role": check_role,
    "password": str,
}


def _checked(values: Mapping[str, Any], now: float) -> dict[str, Any]:
    columns = {key: _CHECKS[key](value) for key, value in values.items() if key != "active"}
    if "active" in values:
        columns["disabled_at"] = None if values["active"] else now
    return columns


def _update(tenant: str, ident: str, changed: Mapping[str, Any]) -> Script[None]:
    values = dict(changed)
    if "email" in values:
        values["email_key"] = email_key(values["email"])
    yield Op(
        _updating(tuple(sorted(values))),
        {"p_tenant": tenant, "p_id": ident, **{f"p_{key}_": value for key, value in values.items()}},
    )


@functools.lru_cache(maxsize=64)
def _updating(columns: tuple[str, ...]) -> sa.Update:
    values = {key: b(f"p_{key}_", type_=staff.c[key].type) for key in columns}
    return sa.update(staff).where(*_MINE).values(**values)


def _is_admin(account: Account) -> bool:
    return account.role == "admin" and account.active


def _ended(tenant: str, ident: str, now: float, but: str) -> dict[str, Any]:
    return {"p_tenant": tenant, "p_staff": ident, "p_now": now, "p_but": but}


def _told(before: Account, after: Account, changed: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the audit log says of a change: which, of whom, and the roles; no addresses and no numbers."""
    if "role" in changed:
        yield "staff.role_changed", before.id, {"from": before.role, "to": after.role}
    if "disabled_at" in changed:
        yield ("staff.activated" if after.active else "staff.deactivated"), before.id, {}
    if "password" in changed:
        yield "staff.password_changed", before.id, {}
    others = sorted(changed - {"role", "disabled_at", "password", "version"})
    if others:
        yield "staff.changed", before.id, {"fields": others}
