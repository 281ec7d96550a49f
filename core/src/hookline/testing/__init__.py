"""What the project's own tests and a plugin author's tests both use.

Installed with `hookline[testing]` it is a pytest plugin with the fixture `make_bot`:

    async def test_says_hello(make_bot):
        bot = await make_bot(plugins=[plugin])
        assert (await bot.say("hi")).text == "Hello!"
"""

from .bot import Bot
from .channel import Loopback
from .clock import FrozenClock
from .contract import PluginContract
from .isolation import IsolationContract

__all__ = ["Bot", "FrozenClock", "IsolationContract", "Loopback", "PluginContract"]
