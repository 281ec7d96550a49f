"""What other plugins ask of the queue for a person: `tenant.command(kind, …, plugin="handoff")`.

`join`: the person takes the conversation if it waits for somebody.  `reply`: their words to the customer, once for each
`client_id`.  The payload of these has `conversation` and `actor` (id, name, role, kind).  `task`: something for the staff to
do; the payload is a `TaskBody` (title, detail, due_at, reference, contact, conversation, kind, agent, team), all but the
title being optional; without a conversation it is the one of the turn that submits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.errors import GiveUp
from hookline.problems import Problem

from . import handling, records, tasks
from .life import TRANSFERRED, WAITING
from .records import Actor

if TYPE_CHECKING:
    from hookline.message import Command
    from hookline.tenant import Tenant
    from hookline.turn import Turn


async def obey(tenant: Tenant, turn: Turn, command: Command) -> None:
    """Do it; who comes too late is only noted, as who asked sees who has the conversation."""
    if command.kind == "task":
        await tasks.submit(tenant, turn, command)
        return
    if command.kind not in ("join", "reply"):
        raise GiveUp(f"the plugin handoff knows no command {command.kind!r}; it knows join, reply and task")
    payload = command.payload
    by, ident = Actor(**payload["actor"]), str(payload["conversation"])
    try:
        if command.kind == "join":
            seen = await records.open_one(tenant, ident)
            if seen is not None and seen.state in (*WAITING, TRANSFERRED):
                await handling.claim(tenant, ident, by)
        else:
            await handling.reply(tenant, ident, by, payload["text"], payload["client_id"])
    except Problem as problem:
        tenant.log.info("a command is refused", command=command.kind, conversation=ident, reason=problem.detail)
