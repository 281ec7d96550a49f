"""`[plugins.handoff.twilio]` and `[plugins.handoff.webhook]`: where the other desk is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import attrs
import msgspec

from hookline.settings import Secret

NO_SECRET = Secret("")
PositiveSeconds = Annotated[float, msgspec.Meta(gt=0)]


@attrs.frozen
class TwilioDesk:
    """A workspace of TaskRouter and a service of Conversations.

    account_sid, auth_token    the account; the token also proves who calls our routes
    workspace_sid              WS…; `workflow_sid` WW… decides who gets a task
    conversations_service_sid  IS…; "" for tasks without a conversation
    task_channel               name or sid of the channel that tasks count in
    task_timeout               seconds until TaskRouter gives a task up that nobody took
    activities                 whether an agent takes conversations in an activity of theirs; others do not
    taskrouter_url             where the API is
    conversations_url          where the API is
    """

    account_sid: str = ""
    auth_token: Secret = NO_SECRET
    workspace_sid: str = ""
    workflow_sid: str = ""
    conversations_service_sid: str = ""
    task_channel: str = "default"
    task_timeout: Annotated[int, msgspec.Meta(ge=1, le=1_209_600)] = 86_400
    activities: Mapping[str, bool] = attrs.Factory(lambda: {"Available": True, "Idle": True})
    taskrouter_url: str = "https://taskrouter.twilio.com"
    conversations_url: str = "https://conversations.twilio.com"

    def missing(self) -> list[str]:
        """The keys without which no task can be made."""
        needed = ("account_sid", "auth_token", "workspace_sid", "workflow_sid")
        return [name for name in needed if not getattr(self, name)]


@attrs.frozen
class WebhookDesk:
    """A system that takes signed webhooks and sends some back.

    url      where handoffs, messages and endings are sent
    secret   signs them, and what comes back
    timeout  seconds that it may take
    """

    url: str = ""
    secret: Secret = NO_SECRET
    timeout: PositiveSeconds = 10.0

    def missing(self) -> list[str]:
        """The keys without which nothing can be sent."""
        return [name for name in ("url", "secret") if not getattr(self, name)]
