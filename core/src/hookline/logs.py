"""What is logged: one line an event, as JSON or for a terminal, each with its tenant, none with secrets or what people
said.

A tenant's lines also go to its own file (`[logging] file`) below the data folder, which no route reaches.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, TextIO

import attrs
import structlog

from .errors import ConfigError, StorageError
from .settings import Secret, Settings

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
Event = MutableMapping[str, Any]

private: ContextVar[tuple[str, ...]] = ContextVar("hookline_private", default=())
"""Texts of the turn in progress, which no line repeats, not even an exception's own words."""

_SECRET_KEY = re.compile(r"(^|_)(key|token|secret|password|authorization|cookie|credentials?)$", re.IGNORECASE)
_PERSONAL = frozenset({"text", "message", "body", "question", "answer", "email", "phone", "address", "contact_name"})
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBER = re.compile(r"(?<![\w.])\+?\d[\d ()-]{7,}\d(?![\w.])")
_BYTES = 10 * 1024 * 1024


class Logs:
    """The process's log; `configure` puts it in place."""

    def __init__(
        self, *, stream: TextIO | None = None, style: Literal["json", "console"] | None = None, level: str = "info"
    ) -> None:
        self.stream = stream or sys.stderr
        self.style = style or ("console" if self.stream.isatty() else "json")
        self.level = LEVELS[level]
        self._render = (
            structlog.dev.ConsoleRenderer(
                colors=self.stream.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            )
            if self.style == "console"
            else structlog.processors.JSONRenderer(ensure_ascii=False)
        )
        self._secrets: set[str] = set()
        self._before: tuple[list[logging.Handler], int] | None = None
        self._levels: dict[str, int] = {}
        self._files: dict[str, logging.handlers.RotatingFileHandler] = {}

    def configure(self) -> None:
        """Send structlog's and the standard library's lines here."""
        structlog.configure(
            processors=[
                self._filter,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper("iso", utc=True),
                self._mask,
                self._finish,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(min([self.level, *self._levels.values()])),
            logger_factory=self._logger,
            cache_logger_on_first_use=False,
        )
        root = logging.getLogger()
        if self._before is None:
            self._before = (root.handlers[:], root.level)
        root.handlers[:] = [_Forward()]
        root.setLevel(logging.WARNING)

    def close(self) -> None:
        """Close the files, and give the standard library's lines back."""
        for handler in self._files.values():
            handler.close()
        self._files.clear()
        if self._before is not None:
            root = logging.getLogger()
            root.handlers[:], level = self._before
            root.setLevel(level)
            self._before = None
            structlog.reset_defaults()

    def protect(self, secrets: Iterable[str]) -> None:
        """Never write these texts."""
        self._secrets.update(secret for secret in secrets if len(secret) > 3)

    def add_tenant(self, name: str, settings: Settings, data: Path) -> None:
        """Log this tenant as its config says.

        Raises ConfigError for a file outside the data folder, StorageError if its folder can't be made.
        """
        self._levels[name] = LEVELS["debug" if settings.debug else settings.logging.level]
        old = self._files.pop(name, None)
        if old is not None:
            old.close()
        if settings.logging.file:
            path = log_file(data, settings.logging.file, name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(
                    f"the data folder {data} can't be used: {error.strerror}; "
                    f"make it writable, or name another with --data"
                ) from error
            self._files[name] = logging.handlers.RotatingFileHandler(
                path, maxBytes=_BYTES, backupCount=5, encoding="utf-8", delay=True
            )

    # -- the way of a line -----------------------------------------------------------------------------------------

    def _logger(self, *names: Any) -> structlog.PrintLogger:
        del names
        return structlog.PrintLogger(self.stream)

    def _filter(self, _logger: Any, method: str, event: Event) -> Event:
        if LEVELS.get(method, 40) < self._levels.get(event.get("tenant", ""), self.level):
            raise structlog.DropEvent
        return event

    def _mask(self, _logger: Any, _method: str, event: Event) -> Event:
        error = event.pop("exc_info", None)
        for key, value in event.items():
            if key in _PERSONAL and isinstance(value, str):
                event[key] = "[personal]"
            elif _SECRET_KEY.search(key) and isinstance(value, str):
                event[key] = "[secret]"
            else:
                event[key] = self._clean(value)
        if error:
            event["exception"] = self._clean("".join(traceback.format_exception(_exception(error))).rstrip())
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for hidden in private.get():
                if len(hidden) > 3:
                    value = value.replace(hidden, "[text]").replace(repr(hidden)[1:-1], "[text]")
            for secret in self._secrets:
                value = value.replace(secret, "[secret]")
            return _NUMBER.sub("[number]", _MAIL.sub("[mail]", value))
        if isinstance(value, Mapping):
            return {key: self._clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._clean(item) for item in value]
        return value

    def _finish(self, logger: Any, method: str, event: Event) -> str:
        tenant = event.get("tenant", "")
        handler = self._files.get(tenant)
        if handler is not None:
            line = structlog.processors.JSONRenderer(ensure_ascii=False)(logger, method, dict(event))
            handler.emit(logging.LogRecord("hookline", 20, "", 0, str(line), None, None))
        # A tenant that is being debugged is heard; for the others the stream has a level of its own.
        if LEVELS.get(method, 40) < self.level and self._levels.get(tenant, self.level) > LEVELS["debug"]:
            raise structlog.DropEvent
        return str(self._render(logger, method, event))


class _Forward(logging.Handler):
    """Lines of libraries that log by the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send it on."""
        log = structlog.get_logger(record.name)
        level = next((name for name, number in reversed(LEVELS.items()) if record.levelno >= number), "debug")
        getattr(log, level)(record.getMessage(), logger=record.name, exc_info=record.exc_info or None)


def log_file(data: Path, name: str, tenant: str) -> Path:
    """Where a tenant's own log goes; raises ConfigError for a name that leads out of the data folder."""
    path = (data / name).resolve()
    if not path.is_relative_to(data.resolve()) or path == data.resolve():
        raise ConfigError(
            f"tenant {tenant!r}: logging.file: given {name!r}; allowed: a path below the data folder, "
            f'e.g. "logs/{tenant}.log"'
        )
    return path


def secrets_in(value: Any) -> Iterator[str]:
    """The secrets anywhere in a config."""
    if isinstance(value, Secret):
        yield value.value
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from secrets_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secrets_in(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from secrets_in(item)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from secrets_in(getattr(value, name))


def _exception(error: Any) -> BaseException:
    if isinstance(error, BaseException):
        return error
    found = error[1] if isinstance(error, tuple) else sys.exc_info()[1]
    return found if found is not None else RuntimeError("no exception")
