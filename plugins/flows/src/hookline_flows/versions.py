"""The definitions that running conversations are on: a flow that was changed goes on as it was, or moves by rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from .loading import Loaded
from .model import END, Flow
from .models import definition

if TYPE_CHECKING:
    from .service import Service
    from .stack import Frame

b = sa.bindparam
_KEEP = insert(definition).on_conflict_do_nothing()
_FIND = sa.select(definition.c.body).where(definition.c.flow == b("p_flow"), definition.c.digest == b("p_digest"))
_MOST = 256


class Versions:
    """The definitions that one snapshot of a tenant can run."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._kept: dict[tuple[str, str], Flow | None] = {}

    async def keep(self) -> None:
        """Store the definitions of now, so that conversations that begin on them can end on them."""
        tenant = self.service.tenant
        now = tenant.clock.now()
        rows: list[Mapping[str, Any]] = [
            {
                "flow": name,
                "digest": loaded.digest,
                "version": loaded.flow.version,
                "body": msgspec.json.encode(loaded.flow).decode(),
                "stored_at": now,
            }
            for name, loaded in self.service.flows.by_name.items()
        ]
        for row in rows:
            await tenant.db.write((_KEEP, row))

    async def definition(self, frame: Frame) -> Flow:
        """The definition that the frame runs on: its own; the one of now where that is the same version, or has a rule for it.

        Where neither can be had (the file is gone, and nothing was kept), a flow of one step that ends it.
        """
        loaded = self.service.flows.by_name.get(frame.flow)
        if loaded is not None and loaded.digest == frame.digest:
            return loaded.flow
        if loaded is not None and self._moves(frame, loaded):
            return loaded.flow
        own = await self._own(frame)
        if own is not None:
            return own
        if loaded is not None:  # nobody knows the old one: from the first question that is still open
            frame.digest, frame.version = loaded.digest, loaded.flow.version
            if loaded.flow.step(frame.step) is None:
                frame.step, frame.waiting = loaded.flow.steps[0].id, ""
            return loaded.flow
        frame.step, frame.waiting = END, ""
        return Flow(title=frame.flow)

    def _moves(self, frame: Frame, loaded: Loaded) -> bool:
        """Whether the frame goes on with the flow of now; it is moved then."""
        flow = loaded.flow
        rule = flow.migrate.get(str(frame.version))
        if rule is None and flow.version != frame.version:
            return False
        target = (rule or {}).get(frame.step, frame.step)
        step = flow.step(target)
        if (
            step is None
            or (frame.waiting == "ask" and step.kind != "ask")
            or (frame.waiting == "sub" and step.kind != "flow")
        ):
            if rule is None or step is None:
                return False
            frame.waiting = ""
        if frame.waiting == "confirm" and step.kind != "confirm":
            frame.waiting = ""
        frame.step, frame.digest, frame.version = target, loaded.digest, flow.version
        frame.slots = {name: value for name, value in frame.slots.items() if name in flow.slots}
        frame.asked = [name for name in frame.asked if name in flow.slots]
        return True

    async def _own(self, frame: Frame) -> Flow | None:
        key = (frame.flow, frame.digest)
        if key not in self._kept:
            rows = await self.service.tenant.db.fetch(_FIND, {"p_flow": frame.flow, "p_digest": frame.digest})
            try:
                found = msgspec.json.decode(rows[0].body, type=Flow) if rows else None
            except msgspec.DecodeError:  # written by a version of the plugin that knew other keys
                found = None
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = found
        return self._kept[key]
