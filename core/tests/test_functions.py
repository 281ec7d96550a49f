"""A tenant's own functions, guidance for models, and messages that are stored otherwise than they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
import structlog

from hookline.errors import FunctionRefused, ServiceNotFound
from hookline.hookspecs import hookimpl
from hookline.message import Account, Message, Reply
from hookline.models import message
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn


class Branch:
    """A branch's own code."""

    serves: Mapping[str, tuple[str, ...]] = {"call_function": ("opening_hours", "book")}

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def call_function(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name == "book":
            raise FunctionRefused("We are closed on Sundays.")
        return {"day": arguments["day"], "from": 9}

    @hookimpl
    async def find_account(self, claim: str) -> Account | None:
        return Account("C001", (("sms", "+221771234567"),)) if claim == "C001" else None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        if turn.message.text == "book":
            try:
                await self.tenant.hooks.call_function(turn, "book", {})
            except FunctionRefused as why:
                return Reply(str(why))
        hours = await self.tenant.hooks.call_function(turn, "opening_hours", {"day": turn.message.text})
        return Reply(f"{hours['day']} from {hours['from']}")


async def test_code_of_the_tenant_is_called_by_its_name(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("tenant_branch", hooks=Branch)])
    assert (await bot.say("Monday")).text == "Monday from 9"
    assert bot.snapshot().hooks.functions == ["book", "opening_hours"]


async def test_a_function_says_why_not_in_words_for_the_customer(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("tenant_branch", hooks=Branch)])
    assert (await bot.say("book")).text == "We are closed on Sundays."


async def test_an_unknown_function_is_an_error_that_names_those_there_are(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("tenant_branch", hooks=Branch)])
    hooks = bot.snapshot().hooks
    with pytest.raises(ServiceNotFound, match=r"serves call_function for 'cancel' \(served: book, opening_hours\)"):
        await hooks.call_function(None, "cancel", {})  # type: ignore[arg-type]  # it never gets there


async def test_an_account_is_found_by_what_the_tenant_knows_it_by(make_bot: MakeBot) -> None:
    bot = await make_bot(plugins=[Plugin("tenant_branch", hooks=Branch)])
    assert await bot.snapshot().hooks.find_account("C001") == Account("C001", (("sms", "+221771234567"),))
    assert await bot.snapshot().hooks.find_account("C002") is None


class Proof:
    """Takes a code out of what is stored, and has the question that waited for it answered."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        if turn.message.text != "482913":
            return turn.message
        turn.prove("C001")
        turn.redact("••••••")
        return attrs.evolve(turn.message, text="What is my balance?")

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        said = [m.text for m in turn.history if m.direction == "inbound"]
        return Reply(f"{turn.account or 'nobody'} asks {turn.message.text!r} after {said}")


class Interpreter:
    """The rest of the turn reads the message in another language than the customer wrote it in."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        turn.keep(turn.message.text)
        said = turn.message.text.replace("Bonjour", "Hello")
        return attrs.evolve(turn.message, text=said, data={"translation": {"language": "en", "text": said}})


@pytest.mark.parametrize("store", ["sql", "memory"])
async def test_what_the_customer_wrote_is_stored_where_the_turn_goes_on_with_a_translation(
    make_bot: MakeBot, store: str
) -> None:
    plugins = [Plugin("interpreter", hooks=Interpreter), Plugin("proof", hooks=Proof)]
    bot = await make_bot(plugins=plugins, config=f'[history]\nstore = "{store}"\n')
    assert (await bot.say("Bonjour")).text == "nobody asks 'Hello' after []"
    await bot.say("482913")
    told = await bot.say("Bonjour encore")
    assert told.text == "nobody asks 'Hello encore' after ['Bonjour', '••••••']", "what was taken out stays out"
    bodies = await bot.tenant("proof").db.fetch(sa.select(message.c.body))
    assert "482913" not in str(bodies), "nor is it beside the text"


@pytest.mark.parametrize("store", ["sql", "memory"])
async def test_a_code_is_in_no_row_and_no_history_once_it_was_used(make_bot: MakeBot, store: str) -> None:
    bot = await make_bot(plugins=[Plugin("proof", hooks=Proof)], config=f'[history]\nstore = "{store}"\n')
    with structlog.testing.capture_logs() as logs:
        told = await bot.say("482913")
        assert told.text == "C001 asks 'What is my balance?' after []"
        assert (await bot.say("And now?")).text == "nobody asks 'And now?' after ['••••••']"
    bodies = await bot.tenant("proof").db.fetch(sa.select(message.c.body))
    assert "482913" not in str([*bodies, *logs])
