"""What the plugin does for one snapshot of a tenant's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hookline import languages
from hookline.errors import ServiceError
from hookline.message import Reply

from . import model
from .choice import Chooser, Chosen
from .classifier import classifiers
from .names import names
from .translation import Translator
from .words import lexicon

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

NAME = "language"


class Service:
    """Chooses the language of each message, tells the customer what is to be told, translates."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._config: Config = tenant.config
        self.chooser = Chooser(tenant.settings.language, tenant.settings.languages, self._config)
        self.translator = Translator(tenant, self._config.translation)

    @property
    def serves(self) -> Mapping[str, tuple[str, ...]]:
        """The translator, where there is a model for it."""
        return {"translate": (self._config.translation.name,)} if self._config.translation.model else {}

    async def start(self) -> None:
        """Read the models, before a message waits for them."""
        await self._tenant.compute.run(_load, self.chooser.tags)

    async def receive(self, turn: Turn) -> Message:
        """The message with its language; the state remembers what the conversation is held in."""
        told, state = turn.message, turn.state(NAME)
        state.pop("note", None)
        chosen = self.chooser.choose(told.text, told.language, turn.contact.language, dict(state))
        state.update(chosen.state)
        if chosen.note:
            state["note"] = _note(chosen)
        heard = attrs.evolve(told, language=chosen.language)
        config = self._config.translation
        if config.works_in and not _is_button(turn):
            said = await self._into(config.works_in, told.text, chosen.language)
            if said is not None:
                turn.keep(told.text)
                heard = attrs.evolve(heard, text=said)
        if config.messages:
            same = config.messages == config.works_in and heard.text != told.text
            beside = heard.text if same else await self._into(config.messages, told.text, chosen.language)
            if beside is not None:
                told_in = {"language": config.messages, "text": beside}
                heard = attrs.evolve(heard, data={**told.data, "translation": told_in})
        return heard

    async def _into(self, target: str, text: str, language: str) -> str | None:
        """A customer's words in that language; None where they are in it already, or can't be translated."""
        config = self._config.translation
        if not (config.model and text) or languages.first(target) == languages.first(language):
            return None
        try:
            return await self._tenant.hooks.translate(config.name, text, language, target)
        except ServiceError as error:
            self._tenant.log.warning("message not translated", reason=str(error))
            return None

    def respond(self, turn: Turn) -> Reply | None:
        """To a message that asks for a language and nothing else: yes, or why not."""
        note = turn.state(NAME).get("note")
        return Reply(self._say(note, turn.language)) if note and note["bare"] else None

    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """The reply in the customer's language, with what is to be said of that once."""
        if not reply.text:
            return reply
        said = await self._translated(turn, reply)
        if reply.partial:
            return said
        note = turn.state(NAME).get("note")
        if note and not note["bare"] and note["kind"] == "unlisted" and self._config.notes:
            said = attrs.evolve(said, text=f"{self._say(note, turn.language)}\n\n{said.text}")
        return said

    async def _translated(self, turn: Turn, reply: Reply) -> Reply:
        config = self._config.translation
        if not ((config.replies or config.works_in) and config.model and turn.language):
            return reply
        guess = self.chooser.detector.detect(reply.text)
        source = guess.foreign or guess.tag
        if not source or guess.evidence < 3 or languages.first(source) == languages.first(turn.language):
            return reply
        try:
            text = await self._tenant.hooks.translate(config.name, reply.text, source, turn.language)
            if reply.partial:  # segments are joined as they are
                text = _spaced(text, reply.text)
        except ServiceError as error:
            self._tenant.log.warning("reply not translated", reason=str(error))
            return reply
        return attrs.evolve(reply, text=text, data={**reply.data, "translated": {"from": source, "text": reply.text}})

    def _say(self, note: Mapping[str, Any], language: str) -> str:
        return self._tenant.phrase(
            f"language-{note['kind']}",
            language,
            language=languages.shown(note["about"], language),
            used=languages.shown(language, language),
        )

    def health(self) -> Mapping[str, Any]:
        """The part "translation"."""
        model_name = self._config.translation.model
        if not model_name:
            return {"translation": {"status": "off", "detail": "plugins.language.translation.model names no model"}}
        return {"translation": {"status": "ok", "detail": f"by {model_name}"}}


def _spaced(text: str, like: str) -> str:
    """The text with the spaces that `like` begins and ends with."""
    return like[: len(like) - len(like.lstrip())] + text.strip() + like[len(like.rstrip()) :]


def _is_button(turn: Turn) -> bool:
    """Whether the customer chose one of the answers just offered, which is looked for as it was offered."""
    last = next((one for one in reversed(turn.history) if one.author != "contact"), None)
    return last is not None and turn.message.text in last.quick_replies


def _note(chosen: Chosen) -> dict[str, Any]:
    return {"kind": chosen.note, "about": chosen.about, "bare": chosen.bare}


def _load(tags: tuple[str, ...]) -> None:
    names(tags)
    lexicon()
    classifiers()
    model.load()
