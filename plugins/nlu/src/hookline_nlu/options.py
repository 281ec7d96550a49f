"""What `[plugins.nlu.entities]` and `[plugins.nlu.sentiment]` may say."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
import msgspec

from .fields import GENERAL

Preset = Literal["contact", "money", "time", "person", "ids", "places", "vehicle", "property", "banking", "feedback"]
Secretive = Literal["pan", "aadhaar", "iban"]


@attrs.frozen
class EntityOptions:
    """Which facts are looked for in a message.

    on        whether any are
    presets   the fields that come with the plugin, by their groups
    file      the tenant's own fields, a file in its folder; "" is `entities.yaml`, if there is one
    keep      names of personal fields whose value is kept whole; all others, and cards always, are masked
    kal       what "kal" means where neither verb nor part of the day tells
    day_first 3/4 is the third of April; false: the fourth of March
    """

    on: bool = True
    presets: tuple[Preset, ...] = GENERAL  # type: ignore[assignment]  # the names are those of Preset
    file: str = ""
    keep: tuple[str, ...] = ()
    kal: Literal["tomorrow", "yesterday"] = "tomorrow"
    day_first: bool = True

    def __attrs_post_init__(self) -> None:
        """Check what may be kept; raises ValueError."""
        if "card" in self.keep:
            raise ValueError("keep: the number of a card is never kept whole")


@attrs.frozen
class SentimentOptions:
    """How a message sounds.

    on        whether it is judged
    model     the name under which `generate` is asked where the words don't tell; "" for none
    patience  seconds that the model may take; then the words decide
    """

    on: bool = True
    model: str = ""
    patience: Annotated[float, msgspec.Meta(gt=0, le=60)] = 3.0


ENTITIES = EntityOptions()
SENTIMENT = SentimentOptions()
