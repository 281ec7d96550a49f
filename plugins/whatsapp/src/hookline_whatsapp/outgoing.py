"""A message of ours as parts of WhatsApp: files, text in pieces, quick replies as buttons, list or numbers, templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .failures import SendRefused
from .formatting import whatsapp_text
from .incoming import CHOICE
from .kinds import bare, kind_of
from .parts import ChoicePart, MediaPart, Option, Part, TemplatePart, TextPart
from .splitting import length, split

if TYPE_CHECKING:
    from hookline.message import Attachment, Message
    from hookline.tenant import Tenant

    from .parts import Abilities

_BUTTONS, _ROWS = 3, 10
_BUTTON, _TITLE, _DESCRIPTION, _ID = 20, 24, 72, 200
_NOTES = ("audio/ogg", "audio/opus")
_SPACES = re.compile(r"\s+")


@attrs.frozen
class Composed:
    """The parts, and the choices that are sent as numbers."""

    parts: tuple[Part, ...]
    numbered: tuple[str, ...] = ()


def compose(tenant: Tenant, message: Message, abilities: Abilities) -> Composed:
    """What is sent for the message; raises `SendRefused` where there is nothing that could be."""
    template = message.data.get("template")
    if isinstance(template, Mapping):
        return Composed((_template(tenant, message, template),))
    text = whatsapp_text(message.text, len(message.citations))
    if tenant.config.show_sources and (sources := _sources(message)):
        text = f"{text}\n\n_{tenant.phrase('whatsapp-sources', message.language, titles=sources)}_"
    replies = list(dict.fromkeys(_SPACES.sub(" ", one).strip() for one in message.quick_replies if one.strip()))
    files = [_file(one) for one in message.attachments]
    if files and text and not replies and _captioned(files[0], text, abilities):
        files[0] = attrs.evolve(files[0], caption=text)
        text = ""
    said, numbered = _said(tenant, message, text, replies, abilities)
    if not (files or said):
        raise SendRefused("the message is empty: there is neither text, nor file, nor template in it")
    return Composed((*files, *said), numbered)


def _captioned(file: MediaPart, text: str, abilities: Abilities) -> bool:
    return file.kind in ("image", "video", "document") and length(text) <= abilities.caption


def _said(
    tenant: Tenant, message: Message, text: str, replies: Sequence[str], abilities: Abilities
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Text and quick replies."""
    if not replies:
        return tuple(TextPart(piece) for piece in split(text, abilities.text)), ()
    text = text or tenant.phrase("whatsapp-choose", message.language)
    options = _options(replies)
    if not abilities.choices or options is None:
        lines = "\n".join(f"{n}. {one}" for n, one in enumerate(replies, 1))
        return tuple(TextPart(piece) for piece in split(f"{text}\n\n{lines}", abilities.text)), tuple(replies)
    *before, last = split(text, abilities.text)
    if length(last) > abilities.body:
        *more, last = split(last, abilities.body)
        before += split("\n".join(more), abilities.text)
    listed = len(replies) > _BUTTONS or any(length(one) > _BUTTON for one in replies)
    button = tenant.phrase("whatsapp-options", message.language)[:_BUTTON]
    choice = ChoicePart(last, options, listed, button if listed else "")
    return (*(TextPart(piece) for piece in before), choice), ()


def _options(replies: Sequence[str]) -> tuple[Option, ...] | None:
    """As options of buttons or of a list; None where they fit neither."""
    if len(replies) > _ROWS or any(len(one.encode()) > _ID for one in replies):
        return None
    options = []
    for one in replies:
        fits = length(one) <= _TITLE
        title = one if fits else split(one, _TITLE - 1)[0] + "…"
        if length(one) > _DESCRIPTION:
            return None
        options.append(Option(CHOICE + one, title, "" if fits else one))
    return tuple(options) if len({one.title for one in options}) == len(options) else None


def _sources(message: Message) -> str:
    return "; ".join(dict.fromkeys(one.title for one in message.citations if one.title))


def _file(one: Attachment) -> MediaPart:
    """A file by what is said of it; it is opened when it is its turn to be sent."""
    kind = kind_of(one.media_type, one.name)
    return MediaPart(kind, one.url, name=one.name, size=one.size, voice=bare(one.media_type) in _NOTES)


def _template(tenant: Tenant, message: Message, told: Mapping[str, Any]) -> TemplatePart:
    """A template, from `before_deliver` or from whoever sends the message: {"name", "language"?, "variables"?}."""
    name, language = str(told.get("name", "")), str(told.get("language", "") or "")
    if not name:
        raise SendRefused("a template without a name can't be sent")
    variables = told.get("variables") or {}
    if not isinstance(variables, Mapping):
        variables = {str(n): value for n, value in enumerate(variables, 1)}
    clean = {str(key): _SPACES.sub(" ", str(value)).strip() or "-" for key, value in variables.items()}
    if all(key.isdecimal() for key in clean):  # they go out by their place, whatever order they were written in
        clean = dict(sorted(clean.items(), key=lambda one: int(one[0])))
    return TemplatePart(name, language or template_language(tenant, message.language), clean)


def template_language(tenant: Tenant, language: str) -> str:
    """The template's language for one of a message."""
    return template_code(tenant.config.window.languages, language or tenant.settings.language)


def template_code(known: Mapping[str, str], chosen: str) -> str:
    """As WhatsApp writes the language `chosen`: by `known`, else as it is."""
    return known.get(chosen) or known.get(chosen.partition("-")[0]) or chosen.replace("-", "_")
