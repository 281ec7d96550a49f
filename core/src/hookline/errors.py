"""Typed errors, each named for the failure.

The text of an error says what happened, where (tenant, plugin, file, key) and
what to do about it; it may be shown to an operator as it stands.  None of it
is ever shown to a customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tenantfiles import TenantFiles


class HooklineError(Exception):
    """The root of all errors that Hookline raises on purpose."""


class ConfigError(HooklineError):
    """A configuration file or value can't be used.

    Remedy: the text names file, tenant, key, what was given and what is allowed.  `files` are those that were read of
    the tenant, where it is one's: a change of them may mend it.
    """

    files: TenantFiles | None = None


class UnknownTenant(HooklineError):
    """No tenant of that name is configured on this server."""


class TenantUnavailable(HooklineError):
    """The tenant exists, but one of its plugins failed to start; `hookline doctor` shows the cause."""


class PluginError(HooklineError):
    """A plugin can't be loaded, registered or started; the text names it and the cause."""


class HookError(HooklineError):
    """A hook implementation raised, hung or returned a wrong type.

    `hook` and `plugin` name the place; `__cause__` is the original error, if any.
    """

    def __init__(self, hook: str, plugin: str, reason: str) -> None:
        super().__init__(f"hook {hook!r} of plugin {plugin!r}: {reason}")
        self.hook = hook
        self.plugin = plugin
        self.reason = reason


class HookFailed(HookError):
    """The implementation raised an exception."""


class HookTimeout(HookError):
    """The implementation was running when the deadline of its hook or of the turn struck."""


class HookReturnedWrongType(HookError):
    """The implementation returned something that the hook's specification does not allow."""


class ServiceError(HooklineError):
    """A service hook (embed, generate, transcribe, synthesize, translate, call_function) could not serve its caller."""


class FunctionRefused(ServiceError):
    """A function of the tenant says why not: its text is for the customer, in the customer's language."""


class PhraseMissing(HooklineError):
    """No language of the tenant has a phrase of that key; it is written into the tenant's `locales/`."""


class PhraseFailed(HooklineError):
    """A phrase can't be said with the values given; the text names the key, its file and line, and the value."""


class ServiceNotFound(ServiceError):
    """No plugin of the tenant serves a service under that config name."""


class ServiceUnavailable(ServiceError):
    """The service is configured and does not answer (down, timed out, rate limited); try again later."""


class StorageError(HooklineError):
    """The database refused or failed an operation."""


class DataFolderLocked(StorageError):
    """Another server holds the data folder; stop it, or use its control socket."""


class MigrationError(StorageError):
    """The database's schema is not the one that this version needs; run `hookline db upgrade`."""


class CrossTenantStatement(StorageError):
    """A statement could reach another tenant's rows, or can't be shown not to; it was not run."""


class TurnLost(HooklineError):
    """The turn no longer owns its conversation (lease lost, or an agent took over); nothing was committed."""


class Conflict(HooklineError):
    """Somebody was faster: what was to be changed is not any more as it was seen; nothing was stored.

    `held_by` is who has the conversation, where that is what it was about ("": the bot), else None.  HTTP routes answer 409.
    """

    def __init__(self, message: str, held_by: str | None = None) -> None:
        super().__init__(message)
        self.held_by = held_by


class GiveUp(HooklineError):
    """Work that no further try would mend, because the outside refuses it for good.

    Raised by `on_job`, `on_timer` or `on_command`; the work goes to the dead letters at once, with the text as its cause.
    Raised by `deliver`, the message is flagged as failed at once.
    """


class RateLimited(HooklineError):
    """A contact sends more than `ratelimit.contact_requests` allows; nothing was stored.

    `retry_after` is the seconds until the next message would be taken.  HTTP routes answer 429.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadRequest(HooklineError):
    """Input from outside can't be used; the text says which field, what was given and what is allowed.

    `field` is the JSON path of the culprit, or "" where the whole body is meant.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
