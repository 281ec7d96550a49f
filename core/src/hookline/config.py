"""Reading a tenant's configuration: `tenant.toml`, the overlay in the database, `--set`, and the environment.

What is wrong is one `ConfigError` with a line for each problem: file and line, tenant, key, what was given, what is
allowed and the nearest spelling.  A secret's value is in none of them.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from .catalogue import Catalogue
from .decoder import FAILED, UNSET, Decoder, KeyPath
from .dotenv import with_tenant
from .environment import Environment, Given
from .errors import ConfigError, HooklineError, PluginError, UnknownTenant
from .phrases import Loaded, Phrases, load_phrases
from .referenceformat import KIND, clashes
from .settings import SHORTEST_SECRET, Settings
from .tenantfiles import CONFIG as FILE
from .tenantfiles import TenantFiles

T = TypeVar("T")

NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S*")
_TABLE = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'")


@attrs.frozen
class TenantConfig:
    """A tenant's configuration, decoded: `plugins` holds an instance of each plugin's own config class, in order.

    `warnings` are lines for the log: what is off because a variable is unset, and the like.  `missing` are the phrases
    that one of the tenant's languages lacks: language, key, and the place that has or names it.  `files` are those that
    it was read from.
    """

    name: str
    folder: Path
    settings: Settings
    plugins: Mapping[str, Any]
    phrases: Phrases
    files: TenantFiles
    warnings: tuple[str, ...] = ()
    missing: tuple[tuple[str, str, str], ...] = ()

    @property
    def file(self) -> Path:
        """The file that it was read from."""
        return self.folder / FILE


def find_tenants(root: Path) -> dict[str, Path]:
    """The folders below `root` with a `tenant.toml`, by tenant name; empty if there is no such folder."""
    if not root.is_dir():
        return {}
    return {
        path.parent.name: path.parent for path in sorted(root.glob(f"*/{FILE}")) if NAME.fullmatch(path.parent.name)
    }


def find_tenant(root: Path, name: str) -> Path:
    """The tenant's folder; raises UnknownTenant that says where it was looked for, and the nearest name."""
    known = find_tenants(root)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    there = f"known there: {', '.join(known)}" if known else "there is none"
    raise UnknownTenant(
        f"no tenant {name!r}{hint} Looked for {root / name / FILE} ({there}); "
        f"another folder is named by --tenants DIR or HOOKLINE_TENANTS"
    )


def load_tenant(
    folder: Path,
    catalogue: Catalogue,
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    overlay: Mapping[str, Any] | None = None,
) -> TenantConfig:
    """Read the tenant in `folder`; its name is the folder's.

    `env` is where `${NAME}` is looked up (default: the process's environment), before `.env` in the folder.  `overrides` are dotted keys with
    texts, as from `--set`; `overlay` is a nested table of values made by the admin API.  Overrides win over the
    overlay, which wins over the file.  Raises ConfigError with all problems.
    """
    files = TenantFiles.look(folder)
    try:
        variables = with_tenant(os.environ if env is None else env, folder)
    except ConfigError as error:
        error.files = files
        raise
    return _Loading(folder, catalogue, variables, files).load(overrides or {}, overlay or {})


class _Loading:
    def __init__(self, folder: Path, catalogue: Catalogue, env: Mapping[str, str], files: TenantFiles) -> None:
        self.folder = folder
        self.tenant = folder.name
        self.file = folder / FILE
        self.catalogue = catalogue
        self.environment = Environment(env, self.tenant)
        self.decoder = Decoder()
        self.origins: dict[KeyPath, str] = {}
        self.values: dict[str, str] = {}
        self.lines: dict[KeyPath, int] = {}
        self.list_key: KeyPath = ("plugins", "enabled")
        self.files = files

    def load(self, overrides: Mapping[str, str], overlay: Mapping[str, Any]) -> TenantConfig:
        try:
            return self._load(overrides, overlay)
        except ConfigError as error:
            error.files = self.files
            raise

    def _load(self, overrides: Mapping[str, str], overlay: Mapping[str, Any]) -> TenantConfig:
        if not NAME.fullmatch(self.tenant):
            raise ConfigError(
                f"{_shown(self.folder)}: {self.tenant!r} can't be a tenant's name; allowed: lower case letters, digits, "
                f"- and _, a letter first"
            )
        tree = self._read()
        self._merge(tree, overlay, ())
        for key, text in overrides.items():
            self._set(tree, key, text)
        tables = self._split(tree)
        settings = self.decoder.decode(Settings, tree, ())
        plugins = self._plugins(tree.get("plugins"), tables)
        if settings is not FAILED and settings is not UNSET:
            self._check(settings)
        if self.decoder.problems:
            raise ConfigError("\n".join(self._line(path, text) for path, text in self.decoder.problems))
        self._look_at_files(plugins)
        self._check_files(plugins)
        said = self._phrases(settings, plugins)
        warnings = [self._line(path, text) for path, text in self.decoder.warnings]
        warnings += [f"{_shown(self.file)}: tenant {self.tenant!r}: {text}" for text in said.phrases.warnings]
        found = (settings, plugins, said.phrases, self.files)
        return TenantConfig(self.tenant, self.folder, *found, tuple(warnings), said.missing)

    # -- where values come from ------------------------------------------------------------------------------------

    def _read(self) -> dict[str, Any]:
        shown = _shown(self.file)
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ConfigError(f"{shown}: there is no such file; a tenant is a folder with a {FILE}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{shown}: can't be read: {error}") from error
        try:
            tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{shown}:{_syntax(text, error)}") from None
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, or thousands of brackets
            raise ConfigError(f"{shown}: can't be read: {error}") from None
        self.lines = _positions(text)
        resolved: dict[str, Any] = self._resolve(tree)
        return resolved

    def _resolve(self, value: Any) -> Any:
        """Replace the references to the environment, in all texts."""
        if isinstance(value, str):
            found = self.environment.resolve(value)
            if isinstance(found, Given):
                self.values.update(self.environment.values(found))
            return found
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        return [self._resolve(item) for item in value] if isinstance(value, list) else value

    def _merge(self, tree: dict[str, Any], over: Mapping[str, Any], path: KeyPath) -> None:
        for key, value in over.items():
            if isinstance(value, Mapping) and isinstance(tree.get(key), dict):
                self._merge(tree[key], value, (*path, key))
            else:
                tree[key] = dict(value) if isinstance(value, Mapping) else value
                self.origins[*path, key] = "changed in the admin pages"

    def _set(self, tree: dict[str, Any], key: str, text: str) -> None:
        path = tuple(part.strip("\"'") for part in _PART.findall(key))
        if not path:
            raise ConfigError(f"--set {key}={text}: write --set KEY=VALUE, e.g. --set history.store=sql")
        if path == ("plugins",) and isinstance(tree.get("plugins"), dict):
            path = ("plugins", "enabled")
        place = tree
        for part in path[:-1]:
            below = place.setdefault(part, {})
            if isinstance(below, (list, Given)) and part == "plugins":  # the list alone, and now a table besides
                below = place["plugins"] = {"enabled": below}
            if not isinstance(below, dict):
                raise ConfigError(f"tenant {self.tenant!r}: --set {key}: {part} is no table")
            place = below
        place[path[-1]] = Given(text)
        self.origins[path] = "--set"

    # -- plugins ---------------------------------------------------------------------------------------------------

    def _split(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Take the plugins' own tables out of the tree: what remains is decoded into `Settings`.

        TOML allows `plugins` to be a list or a table, not both; so the list is `enabled` where there are tables.
        """
        plugins = tree.get("plugins")
        if not isinstance(plugins, dict):
            self.list_key = ("plugins",)
            return {}
        tables = {name: table for name, table in plugins.items() if name != "enabled"}
        if "enabled" in plugins:
            tree["plugins"] = plugins["enabled"]
        else:
            del tree["plugins"]
        return tables

    def _plugins(self, listed: Any, tables: dict[str, Any]) -> dict[str, Any]:
        if isinstance(listed, Given):
            listed = [part.strip() for part in (listed.text or "").split(",") if part.strip()]
        names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        found: dict[str, Any] = {}
        problems = self.decoder.problems
        for n, name in enumerate(names):
            if name in names[:n]:
                problems.append((self.list_key, f"{name!r} stands there twice"))
                continue
            try:
                plugin = self.catalogue.get(name)
            except PluginError as error:
                problems.append((self.list_key, str(error)))
                continue
            config = self.decoder.decode(plugin.config, tables.get(name, {}), ("plugins", name), default=False)
            if config is not FAILED:
                found[name] = config
        for name in tables:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                problems.append(
                    (
                        ("plugins", name),
                        (f"{name!r} is not among the enabled plugins{hint}; enabled: {', '.join(names) or 'none'}"),
                    )
                )
        return found

    def _look_at_files(self, plugins: Mapping[str, Any]) -> None:
        """Which files the plugins read; those that all have in common are as they were before the first was read."""
        patterns = [
            pattern
            for name, config in plugins.items()
            if (files := self.catalogue.get(name).files) is not None
            for pattern in self._asked(name, files, config)
        ]
        found = TenantFiles.look(self.folder, patterns)
        self.files = attrs.evolve(found, stamps={**found.stamps, **self.files.stamps})

    def _check_files(self, plugins: Mapping[str, Any]) -> None:
        """What the plugins say of their files in the tenant's folder."""
        problems = [
            problem
            for name, config in plugins.items()
            if (check := self.catalogue.get(name).check) is not None
            for problem in self._asked(name, check, config)
        ]
        if problems:
            raise ConfigError("\n".join(problems))

    def _asked(self, name: str, ask: Callable[[Any, Path], Iterable[T]], config: Any) -> list[T]:
        """What the plugin says of its files.  Whatever it raises is the tenant's own trouble, and no other's."""
        try:
            return list(ask(config, self.folder))
        except HooklineError:
            raise
        except Exception as error:
            raise ConfigError(
                f"{_shown(self.file)}: tenant {self.tenant!r}: plugin {name!r} failed when it looked at its files: "
                f"{type(error).__name__}: {error}"
            ) from error

    def _phrases(self, settings: Settings, plugins: Mapping[str, Any]) -> Loaded:
        """What the bot says, with the phrases that the plugins' files name."""
        known = {name: self.catalogue.get(name) for name in plugins}
        wanted = [
            need
            for name, plugin in known.items()
            if plugin.phrases is not None
            for need in self._asked(name, plugin.phrases, plugins[name])
        ]
        return load_phrases(settings, self.folder, known.values(), wanted)

    # -- what types can't say --------------------------------------------------------------------------------------

    def _check(self, settings: Settings) -> None:
        problems = self.decoder.problems
        if not 0 <= settings.port <= 65535:
            problems.append((("port",), f"given {settings.port}; allowed: 0 to 65535"))
        for alias, target in settings.routes.items():
            for route in (alias, target):
                if not _ROUTE.fullmatch(route):
                    problems.append(
                        (
                            ("routes", alias),
                            (f'given {route!r}; allowed: a method and a path, e.g. "POST /api/ask" = "POST /ask"'),
                        )
                    )
        for alias in settings.wire:
            if alias not in settings.routes:
                self.decoder.unknown(("wire", alias), tuple(settings.routes))
        for kind in settings.ids:
            if not KIND.fullmatch(kind):
                allowed = "lower case letters, digits and _, a letter first"
                problems.append((("ids", kind), f"{kind!r} can't be a kind of ids; allowed: {allowed}"))
        for kind, first in clashes(settings.ids):
            text = f"its ids look like those of {first!r} and begin again at another time, so they would repeat"
            problems.append((("ids", kind, "format"), f"{text}; change one of the formats, or give both the same per"))
        for route in settings.auth.open_routes:
            if not _ROUTE.fullmatch(route):
                problems.append(
                    (
                        ("auth", "open_routes"),
                        (f'given {route!r}; allowed: a method and a path, e.g. "POST /api/ingest"'),
                    )
                )
        for key, secrets in (("secret", (settings.auth.secret,)), ("previous_secrets", settings.auth.previous_secrets)):
            for length in (len(secret.value.encode()) for secret in secrets if secret):
                if length < SHORTEST_SECRET:
                    text = f"has {length} bytes; at least {SHORTEST_SECRET} are needed, as `openssl rand -hex 32` gives"
                    problems.append((("auth", key), text))
        for key in ("access_seconds", "refresh_seconds", "login_seconds"):
            if (seconds := getattr(settings.auth, key)) < 1:
                problems.append((("auth", key), f"given {seconds}; allowed: 1 or more"))
        for origin in settings.cors.allow_origins:
            if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
                problems.append(
                    (
                        ("cors", "allow_origins"),
                        (
                            f'given {origin!r}; allowed: "*", or scheme and host '
                            f'without a path, e.g. "https://shop.example"'
                        ),
                    )
                )
        for path, number in _numbers(settings):
            if number < 0:
                problems.append((path, f"given {number:g}; allowed: 0 or more"))
        if "*" in settings.cors.allow_origins and not settings.debug:
            self.decoder.warnings.append(
                (("cors", "allow_origins"), ('"*" lets every web page call this tenant; name the origins'))
            )

    # -- messages --------------------------------------------------------------------------------------------------

    def _line(self, path: KeyPath, text: str) -> str:
        for value in sorted(self.values.items(), key=lambda item: -len(item[1])):
            if len(value[1]) > 3:  # shorter ones are no secrets, and may be part of any word
                text = text.replace(value[1], f"${{{value[0]}}}")
        key = ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in path)
        return f"{self._place(path)}: tenant {self.tenant!r}: {key + ': ' if key else ''}{text}"

    def _place(self, path: KeyPath) -> str:
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return f"{_shown(self.file)} ({self.origins[path[:end]]})"
            if path[:end] in self.lines:
                return f"{_shown(self.file)}:{self.lines[path[:end]]}"
        if path[:1] == ("plugins",) and ("plugins",) in self.origins:
            return f"{_shown(self.file)} ({self.origins['plugins',]})"
        return _shown(self.file)


def _numbers(settings: Settings) -> Iterator[tuple[KeyPath, float]]:
    for table in ("history", "conversations", "turns", "deliveries", "ratelimit", "limits"):
        for key, value in attrs.asdict(getattr(settings, table)).items():
            if isinstance(value, (int, float)):
                yield (table, key), value


def _syntax(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Line, column and cause, as one text; the two forms of `plugins` are explained."""
    said = str(error)
    at = re.search(r" \(at line (\d+), column (\d+)\)", said)
    line = int(at.group(1)) if at else text.count("\n") + 1
    reason = said.replace(at.group(0), "") if at else said.replace(" (at end of document)", " at the end of the file")
    if "('plugins'" in said and re.search(r"(?m)^\s*plugins\s*=", text):
        reason = (
            "TOML does not allow both plugins = [...] and [plugins.NAME]; "
            'write a table [plugins] with enabled = ["..."] above them'
        )
    return f"{line}: {reason[0].lower()}{reason[1:]}" if not reason.startswith("TOML") else f"{line}: {reason}"


def _positions(text: str) -> dict[KeyPath, int]:
    """Where each table and key begins; good enough for messages (a text over several lines may mislead it)."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(line):
            path = table = _parts(found.group(1))
        elif found := _KEY.match(line):
            path = (*table, *_parts(found.group(1)))
        else:
            continue
        for end in range(1, len(path) + 1):
            lines.setdefault(path[:end], number)
    return lines


def _parts(text: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _PART.findall(text))


def _shown(path: Path) -> str:
    """The path as people know it: relative to where they are, if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def parse_overrides(pairs: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as of `--set`; raises ConfigError for one without a `=`."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {pair}: write --set KEY=VALUE, e.g. --set history.store=sql")
        found[key.strip()] = value
    return found
