"""What happens when a hook raises, hangs past its limit or returns a wrong type: for each hook, as `hookspecs` says.

The plugin `faulty` fails where its config says; the log must name the hook and the plugin every time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from structlog.typing import EventDict

import hookline_faulty
from hookline.db import Op, Script
from hookline.deadletters import dead_letters, retry
from hookline.errors import GiveUp, HookError, ServiceUnavailable
from hookline.hookspecs import HOOKS, SERVICES, OnError, Scope, hookimpl
from hookline.message import Audio, Contact, Conversation, HandoffRequest, Job, Message, Prompt, Reply, Segment
from hookline.models import lane, message, outbox
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing import Bot, FrozenClock
from hookline.testing.blocking import BlockingWatch
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

FAULTS = ("raise", "hang", "wrong")
TOLD = {"raise": "fails on purpose", "hang": "still running after the limit", "wrong": "must return"}
OF_A_TURN = [
    "receive", "screen", "hold", "classify_intent", "extract_entities", "retrieve", "review_passages",
    "request_handoff", "respond", "score", "open_handoff", "review",
]  # fmt: skip


class Echo:
    """Answers, so that there is something to fail before and after."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        return HandoffRequest("asked for", priority=1) if turn.message.text == "a human" else None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        return Reply(f"you said {turn.message.text}")


echo = Plugin("echo", hooks=Echo)


def config(hook: str, fault: str, times: int = 0) -> str:
    """A tenant whose plugin `faulty` fails at the hook, with short limits and no waiting between tries."""
    return f"""
[turns]
attempts = 2
backoff = 0.01
hook_limits = {{ {hook} = 0.05 }}
[deliveries]
attempts = 2
backoff = 0.01
[plugins.faulty]
hook = "{hook}"
fault = "{fault}"
times = {times}
"""


def some_turn() -> Turn:
    """A turn at whose content nobody looks."""
    told = Message("m1", "c1", "loopback", "alice", "hi")
    return Turn(
        tenant="acme",
        message=told,
        conversation=Conversation("c1", "loopback", "alice", "a"),
        contact=Contact("a"),
        language="en",
    )


async def start(make_bot: MakeBot, hook: str, fault: str, times: int = 0) -> Bot:
    return await make_bot(plugins=[hookline_faulty.plugin, echo], config=config(hook, fault, times))


def named(logs: list[EventDict], hook: str, fault: str) -> bool:
    """Whether one line names hook and plugin and tells the fault."""
    return any(
        line.get("hook") == hook and line.get("plugin") == "faulty"
        and TOLD[fault] in str(line.get("reason") or line.get("exc_info"))
        for line in logs
    )  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hook", OF_A_TURN)
async def test_a_turn_survives_a_hook_that_fails_as_its_policy_says(make_bot: MakeBot, hook: str, fault: str) -> None:
    bot = await start(make_bot, hook, fault)
    with structlog.testing.capture_logs() as logs:
        said = await bot.say("a human" if hook == "open_handoff" else "hi", timeout=10)
    policy = HOOKS[hook].on_error
    expected = {
        OnError.LOG: "you said hi",
        OnError.NEXT: "you said hi",
        OnError.RETRY: bot.snapshot().settings.text("apology"),
        OnError.CLOSED: bot.snapshot().settings.text("safe" if hook == "review" else "apology"),
    }
    if hook == "review_passages":  # closed: none is used; who answers without passages still does
        expected[policy] = "you said hi"
    assert said.text == expected[policy]
    assert named(logs, hook, fault), logs


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_receive_is_retried_until_it_works(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "receive", fault, times=1)
    assert (await bot.say("hi")).text == "you said hi"
    assert len(bot.channel.sent) <= 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_message_that_could_not_be_concealed_is_refused_and_stored_nowhere(
    make_bot: MakeBot, fault: str
) -> None:
    bot = await start(make_bot, "conceal", fault, times=1)
    with pytest.raises(HookError, match="hook 'conceal' of plugin 'faulty'"):
        await bot.tell("my code is 482913")
    assert await bot.tenant().db.fetch(sa.select(message.c.id)) == []
    assert (await bot.say("hi")).text == "you said hi"


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_message_whose_delivery_can_not_be_decided_is_parked(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "before_deliver", fault, times=2)
    with structlog.testing.capture_logs() as logs:
        await bot.say("hi")
        await bot.channel.wait_for(1)
    assert [m.text for m in bot.channel.sent] == ["you said hi"]
    assert named(logs, "before_deliver", fault), logs


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("hook", "submit"), [("on_job", "job"), ("on_timer", "timer"), ("on_command", "command")])
async def test_addressed_work_that_fails_goes_to_the_dead_letters_with_its_cause(
    make_bot: MakeBot, hook: str, submit: str, fault: str
) -> None:
    bot = await start(make_bot, hook, fault)
    tenant = bot.tenant("faulty")
    with structlog.testing.capture_logs() as logs:
        if submit == "timer":
            await tenant.set_timer("work", 0.0, lane="faulty:work")
        elif submit == "job":
            await tenant.submit("work", {})
        else:
            await tenant.command("work", {}, lane="faulty:work", by="someone")
        await bot.until(lambda: any(line.get("dead") for line in logs))
    assert named(logs, hook, fault), logs


class Refused:
    """Its outside refuses for good."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        raise GiveUp("the CRM has no field 'colour'")


async def test_work_that_gives_up_is_a_dead_letter_after_its_first_try(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("refused", hooks=Refused)], config="[turns]\nattempts = 9\nbackoff = 60.0\n")
    await bot.tenant("refused").submit("work", {})
    await bot.idle()
    [letter] = await dead_letters(bot.runtime, "acme")
    assert letter.attempts == 1
    assert "the CRM has no field 'colour'" in letter.error


class Refusing:
    """Can't process what says "bad", and says so at once."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        if turn.message.text == "bad":
            raise GiveUp("nothing to be had of it")
        return turn.message


refusing = Plugin("refusing", Refusing)


async def dies(bot: Bot, inbox_id: int) -> None:
    """Try a dead letter again, and wait until it is one again."""
    assert await retry(bot.runtime, "acme", inbox_id)
    async with asyncio.timeout(10):
        while not await dead_letters(bot.runtime, "acme"):
            await asyncio.sleep(0.02)
    await bot.idle()


async def test_a_dead_letter_that_dies_again_is_one_again_and_the_customer_is_told_once(
    database_url: str, make_bot: MakeBot
) -> None:
    bot = await make_bot(plugins=[refusing, echo], database_url=database_url)
    apology = (await bot.say("bad")).text
    [letter] = await dead_letters(bot.runtime, "acme")
    await bot.idle()
    await dies(bot, letter.id)
    await dies(bot, letter.id)
    assert [told.text for told in bot.channel.sent] == [apology]
    said = await bot.say("hi")
    assert said.text == "you said hi", "what comes after it goes on"
    history = await bot.tenant().conversations.history(said.conversation)
    assert [told.text for told in history] == ["bad", apology, "hi", "you said hi"]


async def test_a_dead_letter_of_a_closed_conversation_dies_without_a_word(database_url: str, make_bot: MakeBot) -> None:
    clock, config = FrozenClock(), "[conversations]\nexpires_after = 600\n"
    bot = await make_bot(plugins=[refusing, echo], config=config, clock=clock, database_url=database_url)
    await bot.say("bad")
    await bot.idle()
    [letter] = await dead_letters(bot.runtime, "acme")

    def script() -> Script[None]:
        yield Op(sa.delete(outbox).where(outbox.c.tenant == "acme"))  # as if nobody had been told yet

    await bot.runtime.database.run(script(), tenant="acme")
    clock.advance(700)
    await bot.tenant().conversations.expire()
    await dies(bot, letter.id)
    assert len(bot.channel.sent) == 1


_TAKE_OVER = (
    sa.update(lane)
    .where(lane.c.tenant == "acme")
    .values(owner="another", fence=lane.c.fence + 1, lease_until=sa.bindparam("until", type_=sa.Double))
)


class Overtaken:
    """Fails, after so long that another process has taken its lane."""

    late = True
    bot: Any = None

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        if self.late:
            type(self).late = False
            await self.bot.runtime.database.run(take_over(time.time() + 600), tenant="acme")
            raise GiveUp("nothing to be had of it")
        return turn.message


def take_over(until: float) -> Script[None]:
    yield Op(_TAKE_OVER, {"until": until})


@pytest.mark.service("postgresql")
async def test_a_process_that_has_lost_a_lane_says_nothing_of_its_work(postgres_url: str, make_bot: MakeBot) -> None:
    hooks: Any = type("Hooks", (Overtaken,), {})
    bot = await make_bot(plugins=[Plugin("overtaken", hooks), echo], database_url=postgres_url)
    hooks.bot = bot
    with structlog.testing.capture_logs() as logs:
        inbox_id = await bot.tell("hi")
        await bot.until(lambda: any(told["event"] == "lease lost" for told in logs))
        assert await dead_letters(bot.runtime, "acme") == []
        assert bot.channel.sent == [], "nobody apologises for what the other may well do"
    await bot.runtime.database.run(take_over(0.0), tenant="acme")  # the other is gone, too
    replies = await bot.tenant().wait(inbox_id, 10)
    assert replies is not None
    assert [told.text for told in replies] == ["you said hi"]


@pytest.mark.parametrize("fault", ["raise", "hang"])
async def test_an_observer_that_fails_gets_the_record_again(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "turn_finished", fault, times=1)
    with structlog.testing.capture_logs() as logs:
        assert (await bot.say("hi")).text == "you said hi"
        await bot.until(lambda: named(logs, "turn_finished", fault))
    assert await bot.runtime.events.since("acme", 0)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_fails_is_a_typed_error_to_its_caller(make_bot: MakeBot, service: str, fault: str) -> None:
    if (service, fault) == ("call_function", "wrong"):
        return  # a function may return anything
    bot = await start(make_bot, service, fault)
    hooks = bot.snapshot().hooks
    calls: dict[str, Any] = {
        "embed": lambda: hooks.embed("faulty", ["x"]),
        "describe_embedder": lambda: hooks.describe_embedder("faulty"),
        "count_tokens": lambda: hooks.count_tokens("faulty", ["x"]),
        "generate": lambda: anext(hooks.generate("faulty", Prompt((("user", "x"),)))),
        "transcribe": lambda: hooks.transcribe("faulty", None),  # type: ignore[arg-type]  # it never looks
        "synthesize": lambda: hooks.synthesize("faulty", "x", "en"),
        "translate": lambda: hooks.translate("faulty", "x", "en", "fr"),
        "call_function": lambda: hooks.call_function(some_turn(), "faulty", {}),
    }
    with pytest.raises(ServiceUnavailable, match=f"hook '{service}' of plugin 'faulty': .*{TOLD[fault]}"):
        await calls[service]()


@pytest.mark.parametrize("fault", FAULTS)
async def test_whoever_asks_for_proof_learns_that_nobody_could_tell(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "require_identity", fault)
    with pytest.raises(HookError, match="hook 'require_identity' of plugin 'faulty'"):
        await bot.snapshot().hooks.require_identity(some_turn(), "flow:balance")
    bot = await start(make_bot, "find_account", fault)
    with pytest.raises(HookError, match="hook 'find_account' of plugin 'faulty'"):
        await bot.snapshot().hooks.find_account("C001")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_channel_learns_that_a_file_could_not_be_opened(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "open_file", fault)
    with pytest.raises(HookError, match="hook 'open_file' of plugin 'faulty'"):
        await bot.snapshot().hooks.open_file("/t/acme/faulty/files/1?sign=2")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_recorder_that_cannot_be_described_is_none(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "describe_recorder", fault)
    assert await bot.snapshot().hooks.describe_recorder() is None


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_recording_that_cannot_be_kept_is_an_error_to_the_caller(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "keep_recording", fault)
    with pytest.raises(HookError, match="hook 'keep_recording' of plugin 'faulty'"):
        await bot.snapshot().hooks.keep_recording(Audio(b"OggS", "audio/ogg"))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hook", ["find_contact", "export_contact", "erase_contact"])
async def test_a_data_hook_that_fails_aborts_and_names_its_plugin(make_bot: MakeBot, hook: str, fault: str) -> None:
    bot = await start(make_bot, hook, fault)
    with pytest.raises(HookError, match=f"hook '{hook}' of plugin 'faulty'"):
        await getattr(bot.snapshot().hooks, hook)("alice")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_panel_or_a_health_check_that_fails_is_left_out(make_bot: MakeBot, fault: str) -> None:
    bot = await start(make_bot, "check_health", fault)
    with structlog.testing.capture_logs() as logs:
        assert await bot.snapshot().hooks.check_health() == {}
    assert named(logs, "check_health", fault)
    bot = await start(make_bot, "console_panels", fault)
    with structlog.testing.capture_logs() as logs:
        assert await bot.snapshot().hooks.console_panels(None) == []  # type: ignore[arg-type]  # it never looks
    assert named(logs, "console_panels", fault)


@pytest.mark.parametrize("fault", ["raise", "hang"])
async def test_a_tenant_whose_plugin_does_not_start_is_out_of_service_alone(make_bot: MakeBot, fault: str) -> None:
    tenants = {"good": "", "bad": config("start", fault)}
    with pytest.raises(AssertionError, match="hook 'start' of plugin 'faulty'"):
        await make_bot(plugins=[hookline_faulty.plugin, echo], tenants=tenants)


async def test_a_failing_stop_is_logged_and_the_others_stop(make_bot: MakeBot) -> None:
    bot = await start(make_bot, "stop", "raise")
    with structlog.testing.capture_logs() as logs:
        await bot.runtime.close()
    assert named(logs, "stop", "raise")


async def test_a_stream_that_breaks_leaves_the_answer_to_the_next_plugin(make_bot: MakeBot) -> None:
    bot = await start(make_bot, "respond", "stream")
    with structlog.testing.capture_logs() as logs:
        assert (await bot.say("hi")).text == "you said hi"
    assert any(line.get("hook") == "respond" and "stream breaks" in str(line.get("reason")) for line in logs)


async def test_a_turn_past_its_limit_names_the_plugin_that_was_running(make_bot: MakeBot) -> None:
    text = config("retrieve", "hang").replace("backoff = 0.01\nhook", "backoff = 0.01\nlimit = 0.1\nhook", 1)
    bot = await make_bot(
        plugins=[hookline_faulty.plugin, echo], config=text.replace("retrieve = 0.05", "retrieve = 60.0")
    )
    with structlog.testing.capture_logs() as logs:
        assert (await bot.say("hi")).text == bot.snapshot().settings.text("apology")
    assert any(line.get("hook") == "retrieve" and line.get("plugin") == "faulty" for line in logs), logs


async def test_a_hook_that_blocks_the_event_loop_is_found_and_named(make_bot: MakeBot) -> None:
    bot = await make_bot(
        plugins=[hookline_faulty.plugin, echo], config=config("classify_intent", "block"), blocking=60.0
    )
    watch = BlockingWatch(bot.runtime.watchdog, 0.1).start()
    assert (await bot.say("hi")).text == "you said hi"
    watch.stop()
    (found,) = watch.found
    assert "plugin 'faulty', hook 'classify_intent'" in found
    assert "hooks.py" in found


def test_every_tenant_hook_is_tried_above() -> None:
    tried = {*OF_A_TURN, "before_deliver", "on_job", "on_timer", "on_command", "turn_finished", "start", "stop"}
    tried |= {*SERVICES, "require_identity", "find_account", "conceal"}
    tried |= {"find_contact", "export_contact", "erase_contact", "console_panels", "check_health"}
    tried |= {"open_file", "describe_recorder", "keep_recording"}
    tried |= {"deliver"}  # in test_delivery
    assert tried == {name for name, spec in HOOKS.items() if spec.scope is Scope.TENANT}
