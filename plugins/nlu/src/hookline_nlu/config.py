"""What `[plugins.nlu]` in a tenant's config may say."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
import msgspec

from .options import ENTITIES, SENTIMENT, EntityOptions, SentimentOptions

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60)]


@attrs.frozen
class Config:
    """What is understood, and how.

    intents     the file of intents in the tenant's folder; "" is `intents.yaml`, if there is one
    embedder    the embedder whose vectors say what is near by meaning, by its name in `[plugins.embeddings.models]`;
                "" for none: words and characters alone decide
    threshold   a message is called out of scope where that, or another intent than the likeliest, is at least this
                likely.  It is reckoned as if every other message were out of scope, and near to what the tenant's
                intents are about; fewer are, so the default is above one half
    model       the name under which `generate` is asked where the classifier is unsure, such as "llm"; "" for none
    ask         when the model is asked: "unsure", or "no_rule": whenever no rule has decided
    sure        the classifier is unsure where neither an intent nor out of scope is this likely
    patience    seconds that the model may take; then the classifier's answer stands
    fallback    the intent of a message where the classifier is unsure, or there is none, and no model has answered; ""
                for none
    most        how many intents a message has at most, the likeliest
    entities    which facts are looked for (`[plugins.nlu.entities]`); `sentiment`: how a message sounds
    """

    intents: str = ""
    embedder: str = "default"
    threshold: Share = 0.88
    model: str = ""
    ask: Literal["unsure", "no_rule"] = "unsure"
    sure: Share = 0.6
    patience: Seconds = 4.0
    fallback: str = ""
    most: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    entities: EntityOptions = ENTITIES
    sentiment: SentimentOptions = SENTIMENT
