"""What other plugins meet of this one."""

from __future__ import annotations


async def test_what_only_the_customer_may_know_is_said_to_nobody_else(make_bot, bank):
    config = bank.config.replace("[plugins.identity]", '[plugins.identity]\nguard = ["secret \\\\w+"]')
    branch = bank.branch(await make_bot(plugins=bank.plugins, config=config))
    assert (await branch.say("the secret word")).text == branch.tenant.phrase("identity-guarded", "en")
    await branch.prove()
    assert (await branch.say("the secret word")).text == "bank: the secret word"
