"""Signing in, staying signed in, and signing out.

A *login* begins with a password and ends with a sign-out, another password, a deactivated account, its age, or a
refresh token that comes a second time: then somebody else has it too, and all that came of the login ends.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from .audit import append
from .collect import Audited
from .db import Op, Script
from .errors import HooklineError, RateLimited
from .models import staff as staff_table
from .models import staff_login, staff_token
from .particulars import email_key, storable
from .passwords import Passwords
from .settings import Auth
from .staff import COLUMNS, END_LOGINS, Account, LinkEnded, StaffStore
from .throttle import Throttle
from .tokens import Claims, InvalidToken, Keyring, digest, random_token

b = sa.bindparam

GRACE = 10.0
"""Seconds in which a refresh token that comes again is taken for two pages that asked at once."""
RESET_SECONDS = 86400.0
"""How long a link to set a password holds."""
_REMEMBERED = 10_000
_MINE = (staff_login.c.tenant == b("p_tenant"), staff_login.c.id == b("p_id"))
_ALIVE = (
    sa.select(*COLUMNS, staff_login.c.expires_at)
    .join(
        staff_login,
        sa.and_(staff_login.c.tenant == staff_table.c.tenant, staff_login.c.staff == staff_table.c.id),
    )
    .where(*_MINE, staff_login.c.ended_at.is_(None), staff_table.c.disabled_at.is_(None))
)
_END = sa.update(staff_login).where(*_MINE, staff_login.c.ended_at.is_(None)).values(ended_at=b("p_now"))
_TOKEN = sa.select(staff_token.c.login, staff_token.c.expires_at, staff_token.c.used_at).where(
    staff_token.c.tenant == b("p_tenant"), staff_token.c.digest == b("p_digest")
)
_USE = (
    sa.update(staff_token)
    .where(
        staff_token.c.tenant == b("p_tenant"), staff_token.c.digest == b("p_digest"), staff_token.c.used_at.is_(None)
    )
    .values(used_at=b("p_now"))
)
_RETIRE = (
    sa.update(staff_token)
    .where(staff_token.c.tenant == b("p_tenant"), staff_token.c.login == b("p_id"), staff_token.c.used_at.is_(None))
    .values(used_at=b("p_now"))
)
_SEEN = (
    sa.update(staff_table)
    .where(
        staff_table.c.tenant == b("p_tenant"),
        staff_table.c.id == b("p_staff"),
        staff_table.c.version == b("p_version"),
        staff_table.c.disabled_at.is_(None),
    )
    .values(seen_at=b("p_now"))
)
_OLD = sa.delete(staff_login).where(staff_login.c.tenant == b("p_tenant"), staff_login.c.expires_at < b("p_before"))
_KEPT = 90 * 86400.0  # seconds after its end that a login is remembered: from where somebody has worked


class WrongPassword(HooklineError):
    """The address or the password is wrong; which of them, nobody is told."""

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is wrong")


class LoginEnded(HooklineError):
    """What was shown to stay signed in is not, or no longer, good; sign in again."""


class JustRefreshed(HooklineError):
    """Another page has refreshed the same login a moment ago; what it got is good for this one too."""


@attrs.frozen(repr=False)
class Signed:
    """What signing in gives: the access token, the refresh token, the seconds that the first holds, and whose it is."""

    account: Account
    login: str
    access: str
    refresh: str
    expires_in: int
    refresh_expires_in: int


class Logins:
    """The logins of all tenants of a process."""

    def __init__(self, staff: StaffStore, passwords: Passwords) -> None:
        self.staff = staff
        self.database = staff.database
        self.clock = staff.clock
        self.passwords = passwords
        self.throttle = Throttle(self.database, self.clock)
        self._alive: OrderedDict[tuple[str, str], tuple[int, Account, float]] = OrderedDict()

    # -- signing in and out ----------------------------------------------------------------------------------------------

    async def sign_in(
        self, keyring: Keyring, auth: Auth, email: str, password: str, *, address: str = "", client: str = ""
    ) -> Signed:
        """Begin a login; raises `WrongPassword`, and `RateLimited` that says how long to wait."""
        tenant, key = keyring.tenant, email_key(email)
        account = await self.staff.find(tenant, key)
        attempt = await self.throttle.begin(tenant, key, address, account.id if account else "")
        if attempt.wait:
            raise RateLimited(f"too many attempts to sign in; try again in {said(attempt.wait)}", attempt.wait)
        stored = account.password if account is not None and account.active else ""
        if not await self.passwords.verify(stored, password) or account is None:
            subject = account.id if account is not None else ""
            await self._audit(tenant, "public", "login.failed", subject, {"address": address})
            raise WrongPassword
        await self.throttle.succeeded(tenant, key, address, attempt)
        if self.passwords.outdated(stored):
            await self.staff.rehashed(tenant, account.id, stored, await self.passwords.hash(password))
        return await self.begin(keyring, auth, account, address=address, client=client)

    async def begin(
        self, keyring: Keyring, auth: Auth, account: Account, *, address: str = "", client: str = ""
    ) -> Signed:
        """Begin a login of somebody who has shown who they are; raises `LoginEnded` where the account is not any more as it
        was then: another password, say, ends all logins, and this one must not come after that."""
        tenant, now = keyring.tenant, self.clock.now()
        ident = secrets.token_hex(12)
        until = now + auth.login_seconds

        def script() -> Script[str]:
            seen = {"p_tenant": tenant, "p_staff": account.id, "p_version": account.version, "p_now": now}
            if (yield Op(_SEEN, seen)).rowcount != 1:
                raise LoginEnded("the account has changed just now; sign in again")
            yield Op(_OLD, {"p_tenant": tenant, "p_before": now - _KEPT})
            row = {"id": ident, "staff": account.id, "address": address, "client": storable(client)[:200]}
            yield Op(sa.insert(staff_login), {"tenant": tenant, **row, "created_at": now, "expires_at": until})
            refresh = yield from self._issue(tenant, ident, auth, now, until)
            yield from self._noted(tenant, f"staff:{account.id}", "login", account.id, {"address": address})
            return refresh

        refresh = await self.database.run(script(), tenant=tenant)
        return self._signed(keyring, auth, account, ident, refresh, until)

    async def refresh(self, keyring: Keyring, auth: Auth, token: str) -> Signed:
        """New tokens for a refresh token, which is good once.

        Raises `LoginEnded`, and `JustRefreshed` for the second of two pages that ask at the same time.
        """
        tenant, now, wanted = keyring.tenant, self.clock.now(), digest(token)
        whose = ""  # the account whose login ends

        def script() -> Script[tuple[str, Account | None, str, float, bool]]:
            nonlocal whose
            found = (yield Op(_TOKEN, {"p_tenant": tenant, "p_digest": wanted})).rows
            if not found:
                return "", None, "", 0.0, False
            known = found[0]
            used = yield Op(_USE, {"p_tenant": tenant, "p_digest": wanted, "p_now": now})
            rows = (yield Op(_ALIVE, {"p_tenant": tenant, "p_id": known.login})).rows
            if used.rowcount != 1:
                again = (yield Op(_TOKEN, {"p_tenant": tenant, "p_digest": wanted})).rows[0].used_at
                if again is not None and now - again <= GRACE:
                    return known.login, None, "", 0.0, True
                if rows:
                    yield Op(_END, {"p_tenant": tenant, "p_id": known.login, "p_now": now})
                    whose = Account(*rows[0][:-1]).id
                    yield from self._noted(tenant, "public", "login.refresh_reused", whose, {})
                return known.login, None, "", 0.0, False
            if not rows or known.expires_at <= now or rows[0].expires_at <= now:
                return known.login, None, "", 0.0, False
            refresh = yield from self._issue(tenant, known.login, auth, now, rows[0].expires_at)
            return known.login, Account(*rows[0][:-1]), refresh, rows[0].expires_at, False

        login, account, refresh, until, again = await self.database.run(script(), tenant=tenant)
        if again:
            raise JustRefreshed("another page has just refreshed this; ask again with what it got")
        if account is None:
            self._forget(tenant, login)
            if whose:
                self.staff.told(tenant, whose)
            raise LoginEnded("the refresh token is not good any more; sign in again")
        return self._signed(keyring, auth, account, login, refresh, until)

    async def renew(self, keyring: Keyring, auth: Auth, login: str) -> Signed:
        """New tokens for a login that goes on, as after another password, in place of those before; raises `LoginEnded`."""
        tenant, now = keyring.tenant, self.clock.now()

        def script() -> Script[tuple[Account, str, float] | None]:
            rows = (yield Op(_ALIVE, {"p_tenant": tenant, "p_id": login})).rows
            if not rows:
                return None
            yield Op(_RETIRE, {"p_tenant": tenant, "p_id": login, "p_now": now})
            refresh = yield from self._issue(tenant, login, auth, now, rows[0].expires_at)
            return Account(*rows[0][:-1]), refresh, rows[0].expires_at

        made = await self.database.run(script(), tenant=tenant)
        if made is None:
            raise LoginEnded("this login has ended; sign in again")
        account, refresh, until = made
        return self._signed(keyring, auth, account, login, refresh, until)

    async def sign_out(self, tenant: str, login: str) -> bool:
        """End a login; False if it had ended before."""
        now = self.clock.now()

        def script() -> Script[str]:
            rows = (yield Op(_ALIVE, {"p_tenant": tenant, "p_id": login})).rows
            ended = yield Op(_END, {"p_tenant": tenant, "p_id": login, "p_now": now})
            if ended.rowcount != 1 or not rows:
                return ""
            whose = Account(*rows[0][:-1]).id
            yield from self._noted(tenant, f"staff:{whose}", "logout", whose, {})
            return whose

        whose = await self.database.run(script(), tenant=tenant)
        self._forget(tenant, login)
        if whose:
            self.staff.told(tenant, whose)
        return bool(whose)

    async def end_all(self, tenant: str, staff: str, *, by: str) -> None:
        """End all logins of an account."""
        now = self.clock.now()

        def script() -> Script[None]:
            yield Op(END_LOGINS, {"p_tenant": tenant, "p_staff": staff, "p_now": now, "p_but": ""})
            yield from self._noted(tenant, by, "login.ended", staff, {})

        await self.database.run(script(), tenant=tenant)
        self.staff.told(tenant, staff)

    async def login_of(self, tenant: str, refresh: str) -> str:
        """The login that a refresh token belongs to; "" if it belongs to none."""
        rows = await self.database.fetch(_TOKEN, {"p_tenant": tenant, "p_digest": digest(refresh)}, tenant=tenant)
        return str(rows[0].login) if rows else ""

    # -- whether somebody is signed in ---------------------------------------------------------------------------------------

    async def alive(self, keyring: Keyring, token: str) -> tuple[Account, Claims]:
        """Whose access token it is; raises `InvalidToken` unless it holds, its login goes on, and its account is as it was."""
        now = self.clock.now()
        claims = keyring.read(token, now)
        account, until = await self._look(keyring.tenant, claims.login)
        if account.id != claims.staff or account.version != claims.version or until <= now:
            raise InvalidToken
        return account, claims

    async def _look(self, tenant: str, login: str) -> tuple[Account, float]:
        """One process owns an embedded database, so there it is asked once until something changes."""
        stamp = self.staff.stamp
        known = self._alive.get((tenant, login))
        if known is not None and known[0] == stamp and self.database.dialect == "sqlite":
            return known[1], known[2]
        rows = await self.database.fetch(_ALIVE, {"p_tenant": tenant, "p_id": login}, tenant=tenant)
        if not rows:
            raise InvalidToken
        account, until = Account(*rows[0][:-1]), float(rows[0].expires_at)
        self._alive[tenant, login] = stamp, account, until
        if len(self._alive) > _REMEMBERED:
            self._alive.popitem(last=False)
        return account, until

    def _forget(self, tenant: str, login: str) -> None:
        self._alive.pop((tenant, login), None)
        self.staff.stamp += 1

    # -- a password by a link ----------------------------------------------------------------------------------------------------

    async def offer_reset(self, tenant: str, staff: str, *, by: str) -> str:
        """The text of a link with which the account's password may be set, once, within a day; raises `UnknownStaff`."""
        text = random_token()
        await self.staff.offer_reset(tenant, staff, digest(text), self.clock.now() + RESET_SECONDS, by=by)
        return text

    async def use_reset(self, tenant: str, text: str, password: str) -> Account:
        """Set the password of the account that the link is of.

        Raises `LinkEnded` for a link that is not good (any more), `BadRequest` for a password that can't be.
        """
        link = digest(text)
        account = await self.staff.with_reset(tenant, link)
        if account is None:
            raise LinkEnded
        hashed = await self.set_up(password, account)
        changed = await self.staff.change(tenant, account.id, by=f"staff:{account.id}", link=link, password=hashed)
        await self.throttle.clear(tenant, email_key(account.email))
        return changed

    async def set_up(self, password: str, account: Account | None = None, *, about: tuple[str, ...] = ()) -> str:
        """The hash of a password that may be one; raises `BadRequest` else."""
        if account is not None:
            about = (account.name, *account.name.split(), account.email, account.email.partition("@")[0])
        return await self.passwords.hash(await self.passwords.check(password, about))

    # -- shared ------------------------------------------------------------------------------------------------------------------

    def _issue(self, tenant: str, login: str, auth: Auth, now: float, until: float) -> Script[str]:
        text = random_token()
        row = {"digest": digest(text), "login": login, "created_at": now}
        expires = min(now + auth.refresh_seconds, until)
        yield Op(sa.insert(staff_token), {"tenant": tenant, **row, "expires_at": expires})
        return text

    def _signed(self, keyring: Keyring, auth: Auth, account: Account, login: str, refresh: str, until: float) -> Signed:
        now = self.clock.now()
        seconds = auth.access_seconds
        claims = Claims(account.id, login, account.role, account.version, int(now), int(now) + seconds)
        rest = int(min(auth.refresh_seconds, until - now))
        return Signed(account, login, keyring.sign(claims), refresh, seconds, rest)

    async def _audit(self, tenant: str, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> None:
        await self.database.run(self._noted(tenant, who, what, subject, detail), tenant=tenant)

    def _noted(self, tenant: str, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> Script[None]:
        yield from append(self.database.dialect, tenant, [Audited(who, what, subject, detail)], self.clock.now())


def said(seconds: float) -> str:
    """A time to wait, in words."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} seconds"
    return f"{round(whole / 60)} minutes"
