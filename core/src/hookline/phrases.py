"""What the bot says in each language: the messages of the tenant, of its plugins and of the core, in Fluent.

A phrase is looked for in the language, then in what that falls back to ("hi-Latn" to "hi"), then in the tenant's own
language, then in English; in each of them first in `[texts]` of the tenant's config, then in the tenant's files, then
in those of the plugins in their order, then in the core's.  All is read and put together when a config is loaded.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import structlog
from fluent.runtime import FluentBundle
from fluent.runtime.resolver import CurrentEnvironment, ResolverEnvironment
from fluent.syntax import ast

from . import languages
from .errors import ConfigError, PhraseFailed, PhraseMissing
from .phrasefile import Entry, Sheet, check_references, needed, packaged_sheet, packaged_tags, tenant_sheets
from .phrasevalues import Values
from .settings import Settings

if TYPE_CHECKING:
    from .plugin import Plugin

log = structlog.get_logger("hookline.phrases")

CORE = Path(__file__).parent
_NOTED = 10_000  # languages come from outside: what is remembered by them has an end


@attrs.frozen
class Needed:
    """A phrase that a tenant's file names: its key, where ("flows/claim.yaml:12"), and the values that it is given
    there (None: not known).

    `spoken`: the file has the words itself, in these languages, and no key (None: it names one)."""

    key: str
    place: str
    values: frozenset[str] | None = None
    spoken: frozenset[str] | None = None


@attrs.frozen(eq=False)
class _Found:
    """A phrase in one language, ready to be said."""

    tag: str
    plain: str | None = None
    say: Callable[[Any], Any] | None = None
    bundle: Any = None
    values: Values | None = None
    place: str = ""


@attrs.frozen(eq=False)
class _Language:
    """All messages of one language, the strongest of each key."""

    tag: str
    entries: Mapping[str, Entry]
    bundle: Any
    values: Values


class Phrases:
    """The messages of one snapshot of a tenant's config."""

    def __init__(self, settings: Settings, spoken: Mapping[str, _Language], warnings: Sequence[str] = ()) -> None:
        self.settings = settings
        self.warnings = tuple(warnings)
        self._spoken = spoken
        self._texts = {languages.canonical(tag) or tag: texts for tag, texts in settings.texts.items()}
        self._found: dict[tuple[str, str], _Found] = {}
        self._ends = _chain(settings, "")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that any message is there in."""
        return tuple(dict.fromkeys([*self._spoken, *self._texts]))

    def keys(self) -> frozenset[str]:
        """The keys of all messages, in any language."""
        return frozenset(key for spoken in self._spoken.values() for key in spoken.entries if not key.startswith("-"))

    def phrase(self, key: str, language: str = "", /, **values: Any) -> str:
        """The message in the language, or the nearest there is, with the values in it.

        `key.voice` asks for the spoken form and gets the message itself where there is none.  Raises `PhraseMissing`
        where no language has it, `PhraseFailed` where a value is missing or can't be said.
        """
        found = self._found.get((key, language)) or self._look(key, language)
        if found.plain is not None:
            return found.plain
        assert found.say is not None
        assert found.values is not None
        errors: list[Exception] = []
        try:
            args = {name: found.values.make(value) for name, value in values.items()}
            said = found.say(ResolverEnvironment(found.bundle, errors, CurrentEnvironment(args)))
        except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
            errors.append(error)
            said = ""
        if errors:
            cause = str(errors[0]).replace("Unknown external: ", "no value is given for $")
            raise PhraseFailed(f"phrase {key!r} in {found.tag!r} ({found.place}) can't be said: {cause}") from errors[0]
        return str(said)

    def text(self, key: str, language: str = "") -> str:
        """A phrase without values; raises `PhraseMissing`."""
        return self.phrase(key, language)

    def has(self, key: str, language: str = "") -> bool:
        """Whether the phrase is there: in the language or what that falls back to; without one, in any."""
        chain = languages.lineage(language) if language else self.languages
        return any(self.said_in(key, tag) for tag in chain)

    def said_in(self, key: str, tag: str) -> bool:
        """Whether the phrase is there in this very language, and not only in one that it falls back to."""
        return self._in(key, tag) is not None

    def variables(self, key: str, language: str = "") -> frozenset[str]:
        """The names of the values that the phrase needs, as it would be said; empty where there is no such phrase."""
        key = key.partition(".")[0]
        for tag in _chain(self.settings, language):
            if key in self._texts.get(tag, {}):
                return frozenset()
            spoken = self._spoken.get(tag)
            if spoken and key in spoken.entries:
                return needed(spoken.entries[key], dict(spoken.entries))
        return frozenset()

    def place(self, key: str, language: str = "") -> str:
        """The file and line where the phrase stands, as it would be said; "" where there is none."""
        key = key.partition(".")[0]
        for tag in _chain(self.settings, language):
            spoken = self._spoken.get(tag)
            if spoken and key in spoken.entries:
                return spoken.entries[key].place
        return ""

    def _look(self, key: str, language: str) -> _Found:
        """The phrase, by the chain of languages; one warning for each that is not there in the language asked for."""
        asked = languages.lineage(language)
        for tag in _chain(self.settings, language):
            found = self._in(key, tag)
            if found is None:
                continue
            if asked and tag not in asked:
                log.warning("a phrase is missing: another language is used", phrase=key, language=asked[0], used=tag)
            if len(self._found) < _NOTED:
                self._found[key, language] = found
            return found
        raise PhraseMissing(
            f"no phrase {key!r} in {language or self.settings.language!r}, nor in any that it falls back to"
        )

    def _in(self, key: str, tag: str) -> _Found | None:
        bare, _, attribute = key.partition(".")
        own = self._texts.get(tag, {})
        if text := own.get(key) or own.get(bare):
            return _Found(tag, plain=text)
        spoken = self._spoken.get(tag)
        entry = spoken.entries.get(bare) if spoken else None
        if spoken is None or entry is None or entry.term:
            return None
        message = spoken.bundle.get_message(bare)
        say = message.attributes.get(attribute, message.value)
        if say is None:
            return None
        plain = say.value if type(say).__name__ == "TextElement" else None
        return _Found(tag, plain, say, spoken.bundle, spoken.values, entry.place)


@functools.lru_cache(maxsize=4096)
def _tags(language: str, own: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*languages.lineage(language), *languages.lineage(own), "en"]))


def _chain(settings: Settings, language: str) -> tuple[str, ...]:
    return _tags(language, settings.language)


# -- putting them together ---------------------------------------------------------------------------------------------


def package_of(plugin: Plugin) -> Path | None:
    """The folder of the package that a plugin lies in; None for one that lies in a single module."""
    name = str(getattr(plugin.hooks, "__module__", "")).partition(".")[0]
    spec = importlib.util.find_spec(name) if name and name != "__main__" else None
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


@attrs.frozen(eq=False)
class Loaded:
    """The phrases of a tenant's config, and what they lack: (language, key, what is known of it) each."""

    phrases: Phrases
    missing: tuple[tuple[str, str, str], ...]


def load_phrases(
    settings: Settings, folder: Path | None, plugins: Iterable[Plugin] = (), wanted: Iterable[Needed] = ()
) -> Loaded:
    """Read all phrases that the tenant needs; raises `ConfigError` with a line for each that is wrong.

    `plugins` in their order; `wanted` are the phrases that the tenant's files name.
    """
    own, problems = tenant_sheets(folder) if folder is not None else ({}, [])
    packages = [CORE, *(place for plugin in reversed(list(plugins)) if (place := package_of(plugin)))]
    packages = list(dict.fromkeys(packages))
    tags = _spoken_tags(settings, own)
    spoken: dict[str, _Language] = {}
    for tag in tags:
        layers = [found for package in packages if (found := packaged_sheet(package, tag))]
        layers += [own[tag]] if tag in own else []
        problems += [problem for sheet in layers if sheet is not own.get(tag) for problem in sheet.problems]
        language = _assemble(settings, tag, layers)
        problems += check_references(tag, dict(language.entries), language.entries.values())
        spoken[tag] = language
    phrases = Phrases(settings, spoken)
    missing = [*_missing(phrases, own, settings), *_unmet(phrases, wanted, settings, problems)]
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    listed = {near for one in _listed(settings) for near in languages.lineage(one)}
    strange = [
        f"there are phrases in {tag!r}, which is not among the tenant's languages; add it to `languages`"
        for tag in own
        if tag not in listed
    ]
    phrases.warnings = (*strange, *_told(missing), *_unspoken(settings, packages))
    return Loaded(phrases, tuple(missing))


def _listed(settings: Settings) -> tuple[str, ...]:
    listed = (settings.language, *settings.languages)
    return tuple(dict.fromkeys(found for tag in listed if (found := languages.canonical(tag))))


def _spoken_tags(settings: Settings, own: Mapping[str, Sheet]) -> list[str]:
    chains = [tag for one in _listed(settings) for tag in languages.lineage(one)]
    return list(dict.fromkeys([*chains, "en", *own]))


def _assemble(settings: Settings, tag: str, layers: Sequence[Sheet]) -> _Language:
    """The layers, weakest first, as one language, made ready so that no turn has to."""
    values = Values(settings, tag)
    bundle = FluentBundle([str(languages.cldr(tag))], functions=dict(values.functions), use_isolating=False)
    entries: dict[str, Entry] = {}
    for sheet in layers:
        entries.update(sheet.entries)
    bundle.add_resource(ast.Resource([entry.node for entry in entries.values()]))
    for key, entry in entries.items():
        if not entry.term:
            bundle.get_message(key)
    return _Language(tag, entries, bundle, values)


def _missing(phrases: Phrases, own: Mapping[str, Sheet], settings: Settings) -> Iterable[tuple[str, str, str]]:
    """The tenant's own keys that one of its languages lacks, each with its place in the tenant's language, or another."""
    sheets = sorted(own.values(), key=lambda sheet: sheet.tag == settings.language)
    keys = {key: entry.place for sheet in sheets for key, entry in sheet.entries.items() if not entry.term}
    for tag in _listed(settings):
        for key, place in keys.items():
            if not any(phrases.said_in(key, near) for near in _written_alike(tag)):
                yield tag, key, place


def _written_alike(tag: str) -> tuple[str, ...]:
    """What a language may fall back to without changing its script: "hi-Latn" not to "hi"."""
    return tuple(near for near in languages.lineage(tag) if languages.script(near) == languages.script(tag))


def _unmet(
    phrases: Phrases, wanted: Iterable[Needed], settings: Settings, problems: list[str]
) -> Iterable[tuple[str, str, str]]:
    """What the tenant's files name and is not there; what is nowhere, or needs other values, is a problem."""
    missing: dict[tuple[str, str], str] = {}
    for need in wanted:
        if need.spoken is not None:
            for tag in _listed(settings):
                if not {*_written_alike(tag)} & need.spoken:
                    missing.setdefault((tag, f"\0{need.place}"), need.place)
            continue
        if not phrases.has(need.key):
            problems.append(f"{need.place}: there is no phrase {need.key!r} in any language; write it into locales/")
            continue
        for tag in _listed(settings):
            if not any(phrases.said_in(need.key, near) for near in _written_alike(tag)):
                missing.setdefault((tag, need.key), need.place)
            lacking = phrases.variables(need.key, tag) - need.values if need.values is not None else frozenset()
            if lacking:
                names = ", ".join(f"${name}" for name in sorted(lacking))
                problems.append(
                    f"{phrases.place(need.key, tag)}: {need.key}: needs {names}, which {need.place} does not give"
                )
    return [(tag, "" if key.startswith("\0") else key, place) for (tag, key), place in missing.items()]


def _told(missing: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    """The missing phrases, a line for each language."""
    by_tag: dict[str, list[str]] = {}
    for tag, key, _ in missing:
        if not key:
            continue  # whose file it is says so, with more about it
        by_tag.setdefault(tag, []).append(key)
    for tag, found in by_tag.items():
        keys = sorted(dict.fromkeys(found))
        more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        yield f"no phrase in {tag!r} for {', '.join(keys[:5])}{more}; the nearest language is used"


def _unspoken(settings: Settings, packages: Iterable[Path]) -> Iterable[str]:
    """The packages that bring phrases, but none in one of the tenant's languages."""
    for tag in _listed(settings):
        silent = [
            package.name.removeprefix("hookline_")
            for package in packages
            if (there := packaged_tags(package)) and not any(near in there for near in languages.lineage(tag))
        ]
        if silent:
            yield f"no words in {tag!r} of {', '.join(sorted(silent))}; the nearest language is used, or yours in locales/"


__all__ = ["Loaded", "Needed", "Phrases", "load_phrases", "package_of"]
