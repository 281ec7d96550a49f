"""`hookline identity`: done by the server that holds the data folder, where one runs, else here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa

from hookline.place import Place, place_options, shown_time

from . import limits, proofs, registered
from . import statements as sql
from .limits import Subject
from .models import count, proof
from .sealing import keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant

_CLI = "command line"
_MOST = 500


def register(router: Router) -> None:
    """Add what the command line reaches."""
    for name, handler in (("proofs", list_proofs), ("end", end_proof), ("locks", list_locks), ("unlock", unlock)):
        router.command(name, handler)


# -- in the server -----------------------------------------------------------------------------------------------------


async def list_proofs(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """`identity.proofs`: who is proved now."""
    del arguments
    now = tenant.clock.now()
    rows = await tenant.db.fetch(
        sa.select(proof).where(proof.c.expires_at > now).order_by(proof.c.proved_at).limit(_MOST)
    )
    wanted = ("conversation", "channel", "account", "method", "proved_at", "expires_at")
    return [{name: getattr(row, name) for name in wanted} for row in rows]


async def end_proof(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> bool:
    """`identity.end`: take a conversation's proof back; whether there was one."""
    conversation = str(arguments["conversation"])
    found = await proofs.find(tenant, conversation)
    if found.account:
        async with tenant.action(by=_CLI) as act:
            proofs.end(tenant, act, conversation, "staff")
            act.audit("identity.ended", conversation)
    return bool(found.account)


async def list_locks(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """`identity.locks`: the counts that stand at their limit now; what is counted for is a hash."""
    del arguments
    now, allowed = tenant.clock.now(), tenant.config.limits
    rows = await tenant.db.fetch(sa.select(count).order_by(count.c.key))
    found = []
    for row in rows:
        what, kind, _ = row.key.split(":")
        whose = "account" if kind == "claim" else kind  # a claim has its account's limits
        most = getattr(allowed, f"{whose}_{'sends' if what == 'send' else 'wrong'}")
        until = row.since + (allowed.send_seconds if what == "send" else allowed.wrong_seconds)
        if row.n >= most and until > now:
            found.append({"what": what, "kind": kind, "key": row.key, "n": row.n, "until": until})
    return found[:_MOST]


async def unlock(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`identity.unlock`: forget what was counted for a customer, or under a key of `identity.locks`."""
    given, keys = str(arguments["customer"]), await keys_of(tenant)
    if given.startswith(("send:", "wrong:")):
        gone = [given]
    else:
        who = registered.who_is(tenant, keys, await registered.account_of(tenant, given), given)
        subject = Subject(who, registered.claim_of(tenant, keys, given))
        gone = [c.key for what in ("send", "wrong") for c in limits.counters(tenant, keys, what, subject)]
    rows = await tenant.db.fetch(sql.COUNTS, {"p_keys": gone})
    async with tenant.action(by=_CLI) as act:
        act.write(sql.CLEAR, {"p_keys": gone})
        act.audit("identity.unlocked", "", {"counts": len(rows)})
    return {"cleared": len(rows)}


# -- at the terminal ---------------------------------------------------------------------------------------------------


@click.group("identity")
def identity_group() -> None:
    """Who has proved who they are, and who is locked out of it."""


@identity_group.command("proofs")
@place_options(tenant=True)
def proofs_(place: Place, tenant: str) -> None:
    """List who is proved now."""
    for one in place.run("identity.proofs", tenant):
        until = shown_time(one["expires_at"])
        click.echo(f"{one['conversation']}  {one['channel']:<10} {one['account']:<12} until {until}  {one['method']}")


@identity_group.command("end")
@click.argument("conversation")
@place_options(tenant=True)
def end_(place: Place, tenant: str, conversation: str) -> None:
    """Take back what a conversation has proved."""
    done = place.run("identity.end", tenant, {"conversation": conversation})
    click.echo("ended" if done else "nothing is proved in that conversation")


@identity_group.command("locks")
@place_options(tenant=True)
def locks_(place: Place, tenant: str) -> None:
    """List what may not ask, or not try, for a while."""
    for one in place.run("identity.locks", tenant):
        click.echo(f"{one['key']}  {one['n']} times  until {shown_time(one['until'])}")


@identity_group.command("unlock")
@click.argument("customer")
@place_options(tenant=True)
def unlock_(place: Place, tenant: str, customer: str) -> None:
    """Let a CUSTOMER (number, phone, e-mail, or a key from `locks`) ask and try again."""
    told = place.run("identity.unlock", tenant, {"customer": customer})
    click.echo(f"{told['cleared']} counts cleared")
