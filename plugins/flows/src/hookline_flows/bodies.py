"""What programs send to this plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class NamedStartBody:
    """Where a flow begins: in the `conversation`, or in that of the customer with this `channel` and `address` (it is opened where
    there is none).  `slots` are slots and other values that are known from the start; with a `key` it begins only once."""

    conversation: str = ""
    channel: str = ""
    address: str = ""
    name: str = ""
    slots: Mapping[str, Any] = attrs.Factory(dict)
    language: str = ""
    key: str = ""


@attrs.frozen(kw_only=True)
class StartBody(NamedStartBody):
    """The same with the name of the flow."""

    flow: str
