"""The people who work for a tenant, as a plugin sees them."""

from __future__ import annotations

from typing import Any

from .staff import Staff, StaffStore


class StaffDirectory:
    """The staff of one tenant, as a plugin sees them: `tenant.staff`."""

    def __init__(self, store: StaffStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

    async def list(self, role: str = "", *, active: bool | None = None) -> list[Staff]:
        """The accounts, the oldest first; only those with that very role, or that may (not) sign in, where it is given."""
        found = [account.staff for account in await self._store.list(self._tenant)]
        return [one for one in found if (not role or one.role == role) and (active is None or one.active == active)]

    async def get(self, ident: str) -> Staff | None:
        """The account with that id; None if there is none."""
        found = await self._store.get(self._tenant, ident)
        return found.staff if found is not None else None

    async def find(self, email: str) -> Staff | None:
        """The account with that e-mail address; None if there is none."""
        found = await self._store.find(self._tenant, email)
        return found.staff if found is not None else None

    async def note(self, ident: str, key: str, value: Any) -> Staff:
        """Keep a JSON value with the account, under a key of `Staff.data`; None takes it away.

        Raises `UnknownStaff`.
        """
        return (await self._store.note(self._tenant, ident, key, value)).staff
