"""What `[plugins.guardrails]` in a tenant's config may say."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
import msgspec
import regex

Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Check = Literal["injection", "length", "leak", "secret", "abuse", "figures", "personal", "passages"]
ALL: tuple[Check, ...] = ("injection", "length", "leak", "secret", "abuse", "figures", "personal", "passages")


@attrs.frozen
class Config:
    """What is checked, and how strictly.

    checks              which checks run:
                        of messages: injection (attacks on the bot), length (messages too long to look at whole);
                        of replies: leak (the tenant's prompts), secret (keys, cards), abuse, figures and personal
                        (amounts, addresses and numbers that neither passages nor customer gave);
                        of documents: passages (such as give orders to a model)
    threshold           how sure (0..1) it must be that a message is an attack; lower catches more and stops more
    passage_threshold   the same for a passage of a document
    max_chars           a message longer than this can't be looked at whole, and is refused
    refuse              regular expressions of messages to refuse besides; `allow`: of messages never to refuse
    keep_secret         texts that must never be in a reply (a marker in a prompt, an internal name)
    verify              the plugins whose answers are held to the passages by figures and personal
    """

    checks: tuple[Check, ...] = ALL
    threshold: Share = 0.55
    passage_threshold: Share = 0.7
    max_chars: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 20_000
    refuse: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    keep_secret: tuple[str, ...] = ()
    verify: tuple[str, ...] = ("llm",)

    def __attrs_post_init__(self) -> None:
        """Check the patterns; raises ValueError that names the one that is none."""
        for key in ("refuse", "allow"):
            for pattern in getattr(self, key):
                try:
                    regex.compile(pattern)
                except regex.error as error:
                    raise ValueError(f"{key}: given {pattern!r}; allowed: a regular expression ({error})") from None
        if any(len(text.strip()) < 4 for text in self.keep_secret):
            raise ValueError("keep_secret: a text of fewer than 4 characters would be found in almost any reply")
