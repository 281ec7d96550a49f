"""Whether the channel may run and how it does; releasing what was parked; removing what is kept too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.errors import ConfigError
from hookline.models import outbox
from hookline.settings import Secret

from . import statements as sql
from .files import Files
from .incoming import CHANNEL
from .models import sent
from .numbers import SIMULATED
from .providers import sender_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.message import Job, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

LANE = "whatsapp:upkeep"
_RELEASES = "whatsapp:releases"
_FIRST, _EVERY = 60.0, 3600.0
_SENT_KEPT = 90 * 86400.0
_LATELY = 3600.0
_AGAIN = 20.0
_SOON = 2.0  # seconds after which a new configuration has taken the place of the one before
_FAILED = sa.select(sa.func.count().label("n")).where(
    sent.c.state == "failed", sent.c.at > sa.bindparam("p_after")
)  # fmt: skip

_PARKED = sa.select(outbox.c.conversation).where(outbox.c.channel == CHANNEL, outbox.c.state == "parked").distinct()


async def ready(tenant: Tenant) -> None:
    """Refuse a provider that is not configured at all, say what is not set, and begin the upkeep."""
    config = tenant.config
    where = f"tenant {tenant.name!r}: plugins.whatsapp"
    if config.carrier == "simulator":
        if tenant.settings.public_url:
            tenant.log.warning("the simulator reaches nobody, and this tenant has a public_url", key="provider")
    else:
        table = getattr(config, config.provider)
        if all(number.id == SIMULATED.id for number in config.numbers.values()):
            raise ConfigError(
                f'{where}.provider is "{config.provider}", which needs a number: add [plugins.whatsapp.numbers.NAME] with its '
                'id, or write provider = "simulator"'
            )
        if not any(getattr(table, one.name) for one in attrs.fields(type(table)) if isinstance(one.default, Secret)):
            raise ConfigError(
                f'{where}.provider is "{config.provider}", which needs its credentials: add '
                f'[plugins.whatsapp.{config.provider}], or write provider = "simulator"'
            )
        for key in sender_of(tenant).lacks(tenant):
            tenant.log.warning("not set: what needs it is refused", key=f"plugins.whatsapp.{key}")
    await sender_of(tenant).ready(tenant)
    await tenant.set_timer("upkeep", _FIRST, lane=LANE, key="upkeep")
    if config.window.template:  # which may be new
        await tenant.set_timer("parked", _SOON, lane=LANE, key="parked")


async def keep_up(tenant: Tenant, turn: Turn) -> None:
    """Remove old files and reports, and come again."""
    turn.timer("upkeep", _EVERY, lane=LANE, key="upkeep")
    turn.write(sql.FORGET_SENT, {"p_before": tenant.clock.now() - _SENT_KEPT})
    removed = await Files(tenant).purge()
    if removed:
        tenant.log.info("files removed whose time was up", files=removed)


async def work(tenant: Tenant, turn: Turn, job: Job) -> None:
    """The customer has written again: what waited for that may go out.

    Once more after a while, as another server may have been about to park something at that very moment.
    """
    conversation = str(job.payload["conversation"])
    await tenant.release(conversation)
    turn.timer("release", _AGAIN, payload={"conversation": conversation}, lane=_RELEASES, key=conversation)


async def ring(tenant: Tenant, turn: Turn, timer: Timer) -> None:
    """What is due: the upkeep, or to look once more at what was parked, in one conversation or in all."""
    if timer.kind == "release":
        await tenant.release(str(timer.payload["conversation"]))
    elif timer.kind == "parked":
        for row in await tenant.db.fetch(_PARKED):
            await tenant.release(row.conversation)
    else:
        await keep_up(tenant, turn)


async def state(tenant: Tenant) -> Mapping[str, Any]:
    """What is set up, and whether messages were not delivered lately."""
    config = tenant.config
    if config.carrier == "simulator":
        return {"whatsapp": {"status": "ok", "provider": "simulator", "detail": "the simulator reaches nobody"}}
    lacking = sender_of(tenant).lacks(tenant)
    told = {"provider": config.provider, "numbers": len(config.numbers)}
    if lacking:
        return {"whatsapp": {"status": "down", **told, "detail": f"not set: {', '.join(lacking)}"}}
    (found,) = await tenant.db.fetch(_FAILED, {"p_after": tenant.clock.now() - _LATELY})
    if found.n:
        return {"whatsapp": {"status": "degraded", **told, "detail": f"{found.n} not delivered in the last hour"}}
    return {"whatsapp": {"status": "ok", **told}}
