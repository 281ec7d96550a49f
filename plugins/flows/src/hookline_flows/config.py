"""What `[plugins.flows]` in a tenant's config may say."""

from __future__ import annotations

from typing import Annotated

import attrs
import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]


@attrs.frozen
class Config:
    """How flows behave.

    buttons       the channels that show buttons; on others the choices are also listed with numbers
    resume_after  seconds of silence after which the customer is told where the talk was
    keep          seconds after which a flow that nobody goes on with is given up, without a word
    remind        whether the open question is repeated under the answer to a question in between
    sure          how sure an intent must be to begin a flow or to be taken as a transition (0 to 1)
    """

    buttons: tuple[str, ...] = ("webchat", "whatsapp", "api", "ask")
    resume_after: Seconds = 21600.0
    keep: Seconds = 604800.0
    remind: bool = True
    sure: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
