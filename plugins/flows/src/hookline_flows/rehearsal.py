"""Flows tried out without a server: which ways the tenant's conversation files walk, and one played by hand."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hookline.catalogue import Catalogue
from hookline.errors import BadRequest
from hookline.models import event
from hookline.testing.conversation import Exchange, read
from hookline.testing.runner import Bench, Verdict, bench

from . import loading
from .coverage import Covered, begun_outside, covered, walked_in
from .loading import FOLDER, Flows

_PAGE = 500


async def measure(
    folder: Path, catalogue: Catalogue, env: dict[str, str], files: Sequence[Path] = ()
) -> tuple[list[Covered], list[Verdict]]:
    """Hold the tenant's conversations (or these files) and say what of each flow they walk; raises `ConfigError`."""
    found = [*files] or sorted((folder / "conversations").glob("*.yaml"))
    conversations = [(file, read(file)) for file in found]
    async with bench(folder, catalogue, env) as opened:
        verdicts = [await opened.converse(file, conversation) for file, conversation in conversations]
        walked = walked_in(await _paths(opened))
    loaded = {name: one.flow for name, one in loading.read(folder).by_name.items()}
    outside = begun_outside(loaded)
    return [
        covered(name, one.flow, walked.get(name, ()), {s.id: one.place("steps", s.id) for s in one.flow.steps})
        for name, one in loading.read(folder).by_name.items()
        if name not in outside or name in walked
    ], verdicts


async def _paths(opened: Bench) -> list[dict[str, Any]]:
    """The payloads of all `flows.step` events."""
    with opened.tenant.acquire() as snapshot:
        db = snapshot.core.db
    found: list[dict[str, Any]] = []
    last = 0
    while True:
        asked = sa.select(event.c.id, event.c.kind, event.c.payload).where(event.c.id > last)
        rows = await db.fetch(asked.order_by(event.c.id).limit(_PAGE))
        found += [row.payload for row in rows if row.kind == "flows.step"]
        if len(rows) < _PAGE:
            return found
        last = rows[-1].id


async def play(
    folder: Path,
    catalogue: Catalogue,
    env: dict[str, str],
    flow: str,
    *,
    language: str,
    hear: Callable[[], str | None],
    tell: Callable[[str, Sequence[str]], None],
) -> str:
    """Play the flow of that name, or of that file, against the tenant's own code; returns how it ended ("": it is not over).

    `hear` gives what the customer says next (None: nothing more), `tell` gets what the bot says and the buttons.
    """
    with _with(folder, flow) as (home, name):
        async with bench(home, catalogue, env) as opened:
            with opened.tenant.acquire() as snapshot:
                tenant = snapshot.tenants.get("flows")
            if tenant is None:
                raise BadRequest(
                    f"tenant {folder.name!r} does not have the plugin 'flows'; add it to plugins in its config"
                )
            given = {"flow": name, "channel": "loopback", "address": "you", "language": language}
            begun = await opened.commands.run("flows.start", home.name, given, lambda _told: None)
            for message in begun["messages"] or ():
                tell(message["text"], message["quick_replies"])
            while (said := await asyncio.to_thread(hear)) is not None:
                outcome = await opened.say("you", Exchange(say=said, language=language))
                for reply in outcome.replies:
                    tell(reply.text, reply.quick_replies)
                state = outcome.state.get("flows", {})
                if not state.get("stack"):
                    return str(state.get("last", {}).get("outcome", "done"))
    return ""


@contextmanager
def _with(folder: Path, flow: str) -> Iterator[tuple[Path, str]]:
    """The tenant's folder, with the file among its flows where one is named, and the flow's name."""
    file = Path(flow)
    if file.suffix != ".yaml":
        names = list(loading.read(folder).by_name)
        if flow not in names:
            raise BadRequest(f"there is no flow {flow!r}; flows: {', '.join(names) or 'none'}; or name a file.yaml")
        yield folder, flow
        return
    loading.load(file)
    with tempfile.TemporaryDirectory(prefix="hookline-flow-") as scratch:
        home = Path(scratch) / folder.name
        home.mkdir()
        for each in folder.iterdir():
            if each.name != FOLDER:
                (home / each.name).symlink_to(each.absolute())
        if (folder / FOLDER).is_dir():
            shutil.copytree(folder / FOLDER, home / FOLDER)
        else:
            (home / FOLDER).mkdir()
        shutil.copy(file, home / FOLDER / file.name)
        yield home, file.stem


def pictured(folder: Path, flow: str) -> tuple[str, Any]:
    """The flow of that name or file: its name and itself; raises `ConfigError` and `BadRequest`."""
    if flow.endswith(".yaml"):
        loaded = loading.load(Path(flow))
        return loaded.name, loaded.flow
    flows: Flows = loading.read(folder)
    found = flows.by_name.get(flow)
    if found is None:
        raise BadRequest(f"there is no flow {flow!r}; flows: {', '.join(flows.by_name) or 'none'}; or name a file.yaml")
    return found.name, found.flow
