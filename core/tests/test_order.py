"""The order of all hooks, stated once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from hookline.hookspecs import HOOKS, Mode, Scope, hookimpl
from hookline.ledger import Inbound
from hookline.message import (
    Drop,
    Entity,
    HandoffRequest,
    Hold,
    Intent,
    Job,
    Message,
    Park,
    Passage,
    Receipt,
    Record,
    Refusal,
    Reply,
    Score,
    Segment,
    Send,
    Template,
    Timer,
)
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


def recorder(name: str, met: list[str]) -> Plugin:
    """A plugin that notes each hook that it meets, and lets everything pass."""

    class TenantHooks:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

        def note(self, hook: str) -> None:
            met.append(f"{name}.{hook}")

        @hookimpl
        async def start(self) -> None:
            self.note("start")

        @hookimpl
        async def stop(self) -> None:
            self.note("stop")

        @hookimpl
        async def conceal(self, inbound: Inbound) -> Inbound:
            self.note("conceal")
            return inbound

        @hookimpl
        async def receive(self, turn: Turn) -> Message:
            self.note("receive")
            return turn.message

        @hookimpl
        async def screen(self) -> Refusal | None:
            self.note("screen")

        @hookimpl
        async def hold(self) -> Hold | None:
            self.note("hold")

        @hookimpl
        async def classify_intent(self) -> Sequence[Intent]:
            self.note("classify_intent")
            return ()

        @hookimpl
        async def extract_entities(self) -> Sequence[Entity]:
            self.note("extract_entities")
            return ()

        @hookimpl
        async def retrieve(self) -> Sequence[Passage]:
            self.note("retrieve")
            return ()

        @hookimpl
        async def review_passages(self, passages: Sequence[Passage]) -> Sequence[Passage]:
            self.note("review_passages")
            return passages

        @hookimpl
        async def request_handoff(self) -> HandoffRequest | None:
            self.note("request_handoff")

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
            self.note("respond")
            if name == "b":
                turn.job("tidy", {})
                turn.timer("later", 0.0)
                return Reply("done")
            return None

        @hookimpl
        async def score(self) -> Sequence[Score]:
            self.note("score")
            return ()

        @hookimpl
        async def review(self, reply: Reply) -> Reply:
            self.note("review")
            return reply

        @hookimpl
        async def before_deliver(self) -> Send | Template | Park | Drop | None:
            self.note("before_deliver")
            return Send()

        @hookimpl
        async def on_job(self, job: Job) -> None:
            self.note(f"on_job {job.kind}")

        @hookimpl
        async def on_timer(self, timer: Timer) -> None:
            self.note(f"on_timer {timer.kind}")

        @hookimpl
        async def turn_finished(self, record: Record) -> None:
            self.note("turn_finished")

        @hookimpl
        async def check_health(self) -> Mapping[str, Any]:
            self.note("check_health")
            return {name: {"status": "ok"}}

    return Plugin(name, hooks=TenantHooks)


@pytest.mark.row("A156", "X02")
async def test_a_turn_meets_the_hooks_in_this_order(make_bot: MakeBot) -> None:
    met: list[str] = []
    bot = await make_bot(plugins=[recorder("a", met), recorder("b", met)])
    assert met == ["a.start", "b.start"]
    met.clear()

    assert (await bot.say("hello")).text == "done"
    await bot.channel.wait_for(1)
    await bot.until(lambda: "b.on_job tidy" in met and "b.on_timer later" in met)
    await bot.until(lambda: sum(m.endswith("turn_finished") for m in met) == 6)  # of the turn, the job and the timer
    in_the_turn = [m for m in met if m.split(".")[1].split()[0] not in ("on_job", "on_timer", "turn_finished")]

    assert in_the_turn == [
        "a.conceal", "b.conceal",  # before anything is stored
        "a.receive", "b.receive",
        "a.screen", "b.screen",
        "a.hold", "b.hold",
        "a.classify_intent", "b.classify_intent", "a.extract_entities", "b.extract_entities",
        "a.request_handoff", "b.request_handoff",  # what was said
        "a.retrieve", "b.retrieve",
        "a.review_passages", "b.review_passages",
        "a.respond", "b.respond",
        "a.score", "b.score",
        "a.request_handoff", "b.request_handoff",  # how the answer went
        "b.review", "a.review",  # in reverse: the first listed has the last word
        "a.before_deliver", "b.before_deliver",
    ]  # fmt: skip
    met.clear()
    await bot.runtime.close()
    assert met == ["b.stop", "a.stop"]


def test_the_specifications_are_in_the_order_in_which_a_turn_meets_them() -> None:
    in_a_turn = [
        "conceal", "receive", "screen", "hold", "classify_intent", "extract_entities", "retrieve", "review_passages",
        "request_handoff", "respond", "score", "open_handoff", "review", "before_deliver", "deliver",
    ]  # fmt: skip
    assert [name for name in HOOKS if name in in_a_turn] == in_a_turn


@pytest.mark.row("A156")
async def test_a_turns_trace_lists_the_stages_in_order(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[recorder("b", [])])
    turn = await bot.ask("hello")
    assert [name for name, _ in turn.stages] == [
        "receive", "screen", "hold", "understand", "request_handoff", "retrieve", "review_passages", "respond",
        "score", "request_handoff", "review",
    ]  # fmt: skip
    assert all(seconds >= 0 for _, seconds in turn.stages)


@pytest.mark.row("A155")
async def test_intents_and_entities_are_found_side_by_side_and_one_may_fail(make_bot: MakeBot) -> None:
    import asyncio

    together = asyncio.Barrier(2)  # opens only if both hooks run at the same time

    class TenantHooks:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

        @hookimpl
        async def classify_intent(self) -> Sequence[Intent]:
            await together.wait()
            return [Intent("roaming", 0.4), Intent("billing", 0.9)]

        @hookimpl
        async def extract_entities(self) -> Sequence[Entity]:
            await together.wait()
            raise RuntimeError("no entities today")

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
            return Reply(f"{turn.intents[0].name}, {len(turn.entities)} entities")

    bot = await make_bot(plugins=[Plugin("side", hooks=TenantHooks)])
    assert (await bot.say("hello", timeout=10)).text == "billing, 0 entities"


def test_each_hook_has_a_mode_a_failure_policy_and_a_docstring_that_tells_it() -> None:
    from hookline.hookspecs import HookSpecs

    for name in HOOKS:
        text = getattr(HookSpecs, name).__doc__
        assert text
        if name != "add_routes":
            assert "ailure" in text, f"{name} does not say what happens on failure"
    assert {spec.mode for spec in HOOKS.values()} == set(Mode)
    assert {name for name, spec in HOOKS.items() if spec.scope is Scope.PROCESS} == {"add_routes", "add_commands"}


async def test_a_hook_that_does_not_fit_its_specification_is_refused_by_name(make_bot: MakeBot) -> None:
    class Sync:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        def screen(self) -> None: ...

    class Typo:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def respnd(self, turn: Turn) -> None: ...

    class Argument:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def respond(self, message: Message) -> None: ...

    class Default:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def respond(self, turn: Turn = None) -> None: ...  # type: ignore[assignment]  # the fault under test

    class First:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl(tryfirst=True)
        async def hold(self) -> None: ...

    class Process:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        def add_routes(self, router: object) -> None: ...

    for hooks, told in (
        (Sync, "plugin 'odd': hook 'screen': must be an async def"),
        (Typo, "respnd"),
        (Argument, "message"),
        (Default, "hook 'respond': arguments with defaults never get a value; remove turn"),
        (First, "tryfirst"),
        (Process, "add_routes is a hook of the process"),
    ):
        with pytest.raises(AssertionError, match=told):
            await make_bot(plugins=[Plugin("odd", hooks=hooks)])


async def test_two_plugins_that_serve_the_same_channel_are_refused(make_bot: MakeBot) -> None:
    class Nothing:
        def __init__(self, tenant: Tenant) -> None: ...

        @hookimpl
        async def deliver(self) -> Receipt:
            return Receipt()

    with pytest.raises(AssertionError, match="plugins 'one' and 'two' both serve channel 'fax'"):
        await make_bot(plugins=[Plugin(n, hooks=Nothing, channels=("fax",)) for n in ("one", "two")])
