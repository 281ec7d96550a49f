"""What one message of ours is on WhatsApp: parts, in their order."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Option:
    """A choice: `title` is shown, `description` below it in a list, `id` comes back."""

    id: str
    title: str
    description: str = ""


@attrs.frozen
class TextPart:
    """A text."""

    text: str


@attrs.frozen
class ChoicePart:
    """A text with up to three buttons, or a list of up to ten behind the button `button`."""

    text: str
    options: tuple[Option, ...]
    listed: bool = False
    button: str = ""


@attrs.frozen
class MediaPart:
    """A file; `kind` is image, video, audio, sticker or document.

    url    where the provider gets it, unless it was uploaded
    size   in bytes, where it is known
    media  the provider's id of it, where it was uploaded
    voice  whether it is shown as a voice note
    """

    kind: str
    url: str
    caption: str = ""
    name: str = ""
    size: int | None = None
    media: str = ""
    voice: bool = False


@attrs.frozen
class TemplatePart:
    """An approved template; `variables` in the order of its parameters, by name or number."""

    name: str
    language: str
    variables: Mapping[str, str] = attrs.Factory(dict)


Part = TextPart | ChoicePart | MediaPart | TemplatePart


@attrs.frozen
class Abilities:
    """What a provider takes: the longest text and caption, whether there are buttons, and messages a second.

    `relative`: whether a file of ours may be named by its address on this server.  `uploads`: whether it takes files' bytes.
    """

    text: int = 4096
    body: int = 1024
    caption: int = 1024
    choices: bool = True
    per_second: float = 80.0
    relative: bool = False
    uploads: bool = False
