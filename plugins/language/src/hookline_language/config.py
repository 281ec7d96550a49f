"""What `[plugins.language]` in a tenant's config may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60)]


@attrs.frozen
class Translation:
    """What is translated, and by which model.

    model      the name under which `generate` is asked, such as "llm"; "" for none: nothing is translated
    name       the name that others use for the translator, such as `summary.translate` of the plugin handoff
    replies    translate replies that are in another language than the customer's, such as quoted documents
    messages   the language that customers' messages are translated into, beside the text, for agents; "" for none
    works_in   the one language that the rest of the bot works in: whatever follows reads a customer's message in it, and
               replies go back in the customer's; what is stored and shown stays what the customer wrote.  "" for none
    patience   seconds that the model may take
    cached     how many translations are kept
    max_chars  a longer text is not translated
    """

    model: str = ""
    name: str = "language"
    replies: bool = False
    messages: str = ""
    works_in: str = ""
    patience: Seconds = 15.0
    cached: Count = 2000
    max_chars: Count = 4000


TRANSLATION = Translation()


@attrs.frozen
class Config:
    """How a conversation's language is chosen.

    explicit     what the `language` field of a message does: a "hint" where the words show no other language, and a wish
                 when it changes; it wins "always"; or it wins at the "start" of a conversation alone
    sure         how sure a message must be in another language for the conversation to change, in 0..1
    words        how many words must speak for the other language
    instead      what is spoken with customers of a language that is not spoken here: {gu = "hi"}; else the tenant's own
    notes        tell the customer, once, that a language is not spoken here, and which one is used
    translation  see `Translation`
    """

    explicit: Literal["hint", "always", "start"] = "hint"
    sure: Share = 0.8
    words: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    instead: Mapping[str, str] = attrs.Factory(dict)
    notes: bool = True
    translation: Translation = TRANSLATION
