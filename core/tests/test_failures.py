"""What happens when a hook raises, hangs past its limit or returns a wrong type: for each hook, as `hookspecs` says.

The plugin `faulty` fails where its config says; the log must name the hook and the plugin every time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from structlog.typing import EventDict

import hookline_faulty
from hookline.errors import ServiceUnavailable
from hookline.hookspecs import HOOKS, SERVICES, OnError, Scope, hookimpl
from hookline.message import Prompt, Reply, Segment
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing import Bot
from hookline.testing.blocking import BlockingWatch
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

FAULTS = ("raise", "hang", "wrong")
TOLD = {"raise": "fails on purpose", "hang": "still running after the limit", "wrong": "must return"}
OF_A_TURN = [
    "receive", "screen", "hold", "classify_intent", "extract_entities", "retrieve", "review_passages",
    "request_handoff", "respond", "score", "review",
]  # fmt: skip


class Echo:
    """Answers, so that there is something to fail before and after."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

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
        said = await bot.say("hi", timeout=10)
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
    }
    with pytest.raises(ServiceUnavailable, match=f"hook '{service}' of plugin 'faulty': .*{TOLD[fault]}"):
        await calls[service]()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hook", ["find_contact", "export_contact", "erase_contact"])
async def test_a_data_hook_that_fails_aborts_and_names_its_plugin(make_bot: MakeBot, hook: str, fault: str) -> None:
    from hookline.errors import HookError

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
    tried |= {*SERVICES}
    tried |= {"find_contact", "export_contact", "erase_contact", "console_panels", "check_health"}
    tried |= {"deliver"}  # in test_delivery
    assert tried == {name for name, spec in HOOKS.items() if spec.scope is Scope.TENANT}
